import { randomBytes } from 'node:crypto'
import { agreedKey, makeIntakePair } from '../../config/intakeKeys.ts'
import { wrap } from '../../config/keyWrap.ts'
import { headOf, splitParts } from '../../config/sealing.ts'
import type { Input } from '../../core/input.ts'
import { fieldsMissing } from '../../core/keptFor.ts'
import type { TenantPolicy } from '../../core/policy.ts'
import { hello, number, signal } from '../../core/story.ts'
import { boundTo } from '../../core/subjectNames.ts'
import { type LogMessage, logVersion, type NewKey } from '../../core/wire/log.ts'
import { createPseudonyms } from '../../gateway/pseudonyms.ts'
import { createSealer, type OutgoingEvent } from '../../gateway/seal.ts'
import type { SealingKey } from '../../gateway/keyMaking.ts'
import { createSealingKeys } from '../../gateway/sealingKeys.ts'
import type { Chance } from '../load/chance.ts'

/** A sealed part as a backup or an old block of the log would hold it, for ever. */
export type Part = {
  readonly tenant: string
  readonly belongsTo: string
  /** What its period's key is kept for: a field, or the rest. */
  readonly name: string
  /** The fields that are sealed in it. */
  readonly fields: readonly string[]
  readonly bytes: Uint8Array
  readonly subjectKeyId: Uint8Array
  readonly periodKeyId: Uint8Array
  readonly sealedAt: number
  /** The log's time for it; Infinity: it is on its way. */
  loggedAt: number
}

export type Sent = { readonly message: LogMessage; readonly parts: readonly Part[] }

/** A gateway as the sealed path sees it: the real sealer and its keys, by a clock that is an argument. */
export type Gateway = { send(policy: TenantPolicy): Sent }

type Intake = { readonly id: Uint8Array; readonly publicHalf: Uint8Array }

export function createGateway(chance: Chance, clock: () => number, intake: Intake): Gateway {
  const { event } = createSealer(createSealingKeys(clock), createPseudonyms(Buffer.alloc(32, 7)))
  const introduce = createIntroducing(intake)
  const boot = randomBytes(8).toString('hex')
  const counters = { call: 0, visit: 0 }
  return {
    send: policy => {
      const clear = drawEvent(chance, policy.tenant, clock())
      const lane = clear.kind === 'signal' ? 'call' : 'visit'
      const personal = personalOf(chance, clear)
      const outgoing = event(policy, clear, personal)
      const { needs = [], ...bare } = outgoing
      const keys = needs.filter(key => !key.isStored)
      for (const key of keys) key.isStored = true
      counters[lane] += 1
      const message: LogMessage = {
        version: logVersion,
        producer: `gateway|${boot}|${lane}`,
        counter: counters[lane],
        lane,
        replyTo: '',
        keys: keys.map(introduce),
        events: [bare],
      }
      return { message, parts: partsOf(outgoing, Object.keys(personal), policy.tenant, clock()) }
    },
  }
}

function createIntroducing(intake: Intake) {
  const pair = makeIntakePair()
  const agreed = agreedKey(pair.privateHalf, intake.publicHalf)
  return ({ id, of, tenant, name, lastsMs, secret }: SealingKey): NewKey => {
    const bytes = wrap(secret, agreed, id, id)
    return { id, of, tenant, name, lastsMs, wraps: [{ intake: intake.id, from: pair.publicHalf, bytes }] }
  }
}

/** A visit of somebody new, or a call. */
function drawEvent(chance: Chance, tenant: string, nowMs: number): Input {
  if (chance.happens(0.6)) return { ...hello(chance.id(), chance.id(), chance.id()), tenant } as Input
  return { ...signal(chance.id(), number(1), { a: chance.id() }), tenant, takenAt: nowMs } as Input
}

function personalOf(chance: Chance, { kind }: Input): Record<string, unknown> {
  if (kind === 'signal') return { a: `+45${chance.whole(100_000_000)}`, c: null }
  return {
    ipAddress: `192.0.2.${chance.whole(256)}`,
    userAgent: 'Browser/1.0',
    ids: {},
    url: `https://acme.example/${chance.id()}`,
    referrer: null,
    title: chance.id(),
    name: null,
  }
}

function partsOf(
  { clear, personal, needs = [] }: OutgoingEvent,
  fields: readonly string[],
  tenant: string,
  sealedAt: number,
): Part[] {
  const bytes = personal ?? new Uint8Array()
  const sealed = splitParts(bytes)
  return sealed.map(part => {
    const head = headOf(part)
    const period = needs.find(key => head !== null && Buffer.from(key.id).equals(head.periodKeyId))
    if (head === null || period === undefined) throw new Error('a part without its period')
    // Copies: what the sealer gives shares memory that it may use again.
    const missing = fieldsMissing(period.name)
    const [subjectKeyId, periodKeyId] = [head.subjectKeyId, head.periodKeyId].map(id => Uint8Array.from(id))
    return {
      tenant,
      belongsTo: boundTo(clear),
      name: period.name,
      fields: missing === null ? [period.name] : fields.filter(field => !missing.includes(field)),
      bytes: Uint8Array.from(part),
      ...{ subjectKeyId: subjectKeyId as Uint8Array, periodKeyId: periodKeyId as Uint8Array },
      sealedAt,
      loggedAt: Number.POSITIVE_INFINITY,
    }
  })
}
