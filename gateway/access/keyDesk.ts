import type { Static } from 'typebox'
import { parseDuration } from '../../config/durations.ts'
import { type AccessKey, mayGive, type Role, standingOf } from '../../core/access.ts'
import { limits } from '../../core/limits.ts'
import { looksPersonal } from '../../core/looksPersonal.ts'
import type { ProblemCode } from '../../core/problems.ts'
import { type AdminDesk, jsonAnswer } from '../adminDesk.ts'
import type { Asked } from '../adminRoute.ts'
import { refusal } from '../admission.ts'
import type { Answer } from '../uws.ts'
import { formatKeyText, hashOf, makeKeyId, makeSecret } from './keyText.ts'
import {
  expiresInForm,
  isoOrNull,
  type madeBody,
  overlapForm,
  type revokedBody,
  type rotatedBody,
  showKey,
} from './keyShapes.ts'

/** What is done to API keys, of a tenant or of the processor alike. Each is an entry of the log with its audit note. */

const day = 86_400_000
const expiresInMs = 365 * day
const overlapMs = day
const overlapMsMax = 30 * day

type With<Body> = Asked & { readonly body: Body }

export async function makeKey(
  desk: AdminDesk,
  asked: With<Static<ReturnType<typeof madeBody>>>,
): Promise<Answer> {
  const { caller, tenant, body } = asked
  const { name, purpose = null } = body
  const role = body.role as Role
  if (caller.role === 'nobody' || !mayGive(caller.role, role)) return refusal('scope-missing')
  if (looksPersonal(name) || looksPersonal(purpose ?? '')) return refusal('looks-personal')
  const now = desk.clock()
  const owner = tenant?.id ?? null
  const keys = await desk.keys.list(owner)
  const active = keys.filter(({ key }) => standingOf(key, now) === 'active')
  if (active.length >= limits.accessKeysPerTenantMax) return refusal('too-many-keys')
  const expiresAt = endOf(body.expiresIn, expiresInMs, now)
  if (expiresAt === undefined) return refusal('not-valid', `expiresIn has to be ${expiresInForm}.`)
  const [id, secret] = [makeKeyId(), makeSecret()]
  const record: AccessKey = {
    ...{ tenant: owner, id, name, role, hash: hashOf(secret), madeAt: now, madeBy: caller.actor, expiresAt },
    ...{ previous: null, rotatedAt: null, revokedAt: null },
  }
  const detail = { key: id, name, role, expiresAt: isoOrNull(expiresAt) }
  const problem = await save(desk, asked, record, { action: 'access-key-made', purpose, detail })
  if (problem !== null) return refusal(problem)
  const key = formatKeyText({ tenant: owner, id, secret })
  return jsonAnswer(200, { key, ...showKey(record, now) })
}

export async function rotateKey(desk: AdminDesk, asked: With<Static<typeof rotatedBody>>): Promise<Answer> {
  const { caller, body } = asked
  const known = await keyOf(desk, asked)
  if (known === null) return refusal('unknown-key')
  if (known.revokedAt !== null) return refusal('key-ended')
  if (caller.role === 'nobody' || !mayGive(caller.role, known.role)) return refusal('scope-missing')
  const now = desk.clock()
  const overlap = body.overlap === undefined ? overlapMs : parseDuration(body.overlap)
  const lasted = known.expiresAt === null ? null : known.expiresAt - (known.rotatedAt ?? known.madeAt)
  const expiresAt = endOf(body.expiresIn, lasted, now)
  if (expiresAt === undefined) return refusal('not-valid', `expiresIn has to be ${expiresInForm}.`)
  if (overlap === null || overlap > overlapMsMax)
    return refusal('not-valid', `overlap has to be ${overlapForm}.`)
  const secret = makeSecret()
  // What has ended begins anew, but its old secret does not come back.
  const until = standingOf(known, now) === 'active' ? now + overlap : now
  const record = {
    ...known,
    hash: hashOf(secret),
    previous: { hash: known.hash, until },
    rotatedAt: now,
    expiresAt,
  }
  const detail = { key: known.id, oldSecretUntil: isoOrNull(until), expiresAt: isoOrNull(expiresAt) }
  const facts: Facts = { action: 'access-key-rotated', purpose: body.purpose ?? null, detail }
  const problem = await save(desk, asked, record, facts)
  if (problem !== null) return refusal(problem)
  const key = formatKeyText({ tenant: known.tenant, id: known.id, secret })
  return jsonAnswer(200, { key, ...showKey(record, now) })
}

/** To revoke what is revoked changes nothing, and is recorded all the same. */
export async function revokeKey(desk: AdminDesk, asked: With<Static<typeof revokedBody>>): Promise<Answer> {
  const known = await keyOf(desk, asked)
  if (known === null) return refusal('unknown-key')
  const now = desk.clock()
  const record = { ...known, revokedAt: known.revokedAt ?? now }
  const detail = { key: known.id, role: known.role }
  const facts: Facts = { action: 'access-key-revoked', purpose: asked.body.purpose ?? null, detail }
  const problem = await save(desk, asked, record, facts)
  return problem === null ? jsonAnswer(200, showKey(record, now)) : refusal(problem)
}

export async function listKeys(desk: AdminDesk, asked: Asked): Promise<Answer> {
  const keys = await desk.keys.list(asked.tenant?.id ?? null)
  const problem = await asked.note({ action: 'access-listed', counts: { keys: keys.length } })
  if (problem !== null) return refusal(problem)
  const now = desk.clock()
  const shown = keys.map(({ key, use }) => ({
    ...showKey(key, now),
    lastUsedAt: isoOrNull(use?.lastAt ?? null),
  }))
  return jsonAnswer(200, { keys: shown.sort(byMaking) })
}

function byMaking(
  a: { madeAt: string | null; id: string },
  b: { madeAt: string | null; id: string },
): number {
  return `${a.madeAt} ${a.id}` < `${b.madeAt} ${b.id}` ? -1 : 1
}

/** From the list, and not from what was found lately: what is changed here has to be what is there. */
async function keyOf(desk: AdminDesk, { tenant, params }: Asked): Promise<AccessKey | null> {
  const keys = await desk.keys.list(tenant?.id ?? null)
  return keys.find(({ key }) => key.id === params.key)?.key ?? null
}

type Facts = Parameters<Asked['noteOf']>[0]

function save(desk: AdminDesk, asked: Asked, key: AccessKey, facts: Facts): Promise<ProblemCode | null> {
  if (looksPersonal(facts.purpose ?? '')) return Promise.resolve('looks-personal')
  return desk.keys.save(key, asked.noteOf(facts))
}

/** null: never; undefined: that is no length of time. */
function endOf(
  given: string | null | undefined,
  usualMs: number | null,
  now: number,
): number | null | undefined {
  if (given === null) return null
  if (given === undefined) return usualMs === null ? null : now + usualMs
  const lasts = parseDuration(given)
  return lasts === null || lasts === 0 ? undefined : now + lasts
}
