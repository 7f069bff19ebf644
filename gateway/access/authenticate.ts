import { type AccessKey, type Role, type Scope, scopesOf, standingOf } from '../../core/access.ts'
import type { ProblemCode } from '../../core/problems.ts'
import type { Addresses, Admission } from '../admission.ts'
import { NoAnswer } from '../owners.ts'
import type { Request } from '../uws.ts'
import { type KeyText, isSecretOf, parseKeyText } from './keyText.ts'
import type { Keys } from './keys.ts'
import type { MachineToken } from './machineToken.ts'

/** Who asks. */
export type Caller = {
  /** The id of a key, `local` for the machine's own token, `nobody` where none was needed. As audit records name it. */
  readonly actor: string
  readonly role: Role | 'nobody'
  /** null: all. */
  readonly tenant: string | null
  readonly key: AccessKey | null
}

export type AuthenticateSetup = {
  readonly keys: Pick<Keys, 'find' | 'exist'>
  readonly token: MachineToken
  readonly addresses: Addresses
  readonly admission: Pick<Admission, 'failed'>
  /** Whether only this machine reaches the listener. */
  readonly isLocal: boolean
  readonly clock: () => number
}

export type Authenticate = (
  request: Pick<Request, 'headers' | 'peer'>,
  openAtFirst: boolean,
) => Promise<Caller | ProblemCode>

const nobody: Caller = { actor: 'nobody', role: 'nobody', tenant: null, key: null }
const machine: Caller = { actor: 'local', role: 'machine', tenant: null, key: null }

/**
 * Says who asks, by `Authorization: Bearer`. Whoever guesses is slowed down; what is right is never counted, so a
 * stranger behind the same address locks nobody out.
 */
export function createAuthenticate(setup: AuthenticateSetup): Authenticate {
  const { admission, addresses } = setup
  return async (request, openAtFirst) => {
    const header = request.headers.get('authorization')
    if (header === undefined) return withoutKey(setup, openAtFirst)
    const [, text] = /^bearer +(\S+)$/i.exec(header) ?? []
    const found = text === undefined ? 'key-missing' : await callerOf(setup, text)
    if (typeof found !== 'string' || found === 'not-now') return found
    return (await admission.failed(addresses(request))) ? found : 'too-many-requests'
  }
}

/** On loopback what is open at first stays so until there is a key. On other addresses there is nothing here until then. */
async function withoutKey(
  { keys, isLocal }: AuthenticateSetup,
  openAtFirst: boolean,
): Promise<Caller | ProblemCode> {
  const exist = await keys.exist().catch(notNow)
  if (exist === 'not-now') return exist
  if (exist) return 'key-missing'
  if (!isLocal) return 'not-found'
  return openAtFirst ? nobody : 'key-missing'
}

async function callerOf(setup: AuthenticateSetup, text: string): Promise<Caller | ProblemCode> {
  if (setup.token.isSame(text)) return machine
  const given = parseKeyText(text)
  if (given === null) return 'key-missing'
  const key = await setup.keys.find(given.tenant, given.id).catch(notNow)
  if (key === 'not-now') return key
  const problem = problemOf(key, given, setup.clock())
  if (problem !== null || key === null) return problem ?? 'key-missing'
  return { actor: key.id, role: key.role, tenant: key.tenant, key }
}

export function notNow(error: unknown): 'not-now' {
  if (error instanceof NoAnswer) return 'not-now'
  throw error
}

/** Compared where no key has this id, too: neither answer nor time tells whether one has. */
const nobodysHash = '0'.repeat(64)

/** Only who has the secret is told that it was right once. */
function problemOf(key: AccessKey | null, { secret }: KeyText, now: number): ProblemCode | null {
  const isCurrent = isSecretOf(key?.hash ?? nobodysHash, secret)
  const wasCurrent = isSecretOf(key?.previous?.hash ?? nobodysHash, secret)
  if (key === null || !(isCurrent || wasCurrent)) return 'key-missing'
  const standing = standingOf(key, now)
  if (standing === 'revoked') return 'key-revoked'
  if (standing === 'expired') return 'key-expired'
  return isCurrent || now < (key.previous?.until ?? 0) ? null : 'key-expired'
}

/** What nobody may is said here too: on loopback, before the first key, the routes that are open at first. */
export function holds(caller: Caller, scope: Scope): boolean {
  return caller.role === 'nobody' || scopesOf(caller.role).includes(scope)
}
