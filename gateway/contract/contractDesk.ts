import { randomBytes } from 'node:crypto'
import type { Static } from 'typebox'
import type { Config } from '../../config/config.ts'
import type { Input } from '../../core/input.ts'
import { limits } from '../../core/limits.ts'
import { looksPersonal } from '../../core/looksPersonal.ts'
import type { ReturnState } from '../../core/wire/account.ts'
import { isoOrNull } from '../access/keyShapes.ts'
import { type AdminDesk, jsonAnswer } from '../adminDesk.ts'
import type { Asked } from '../adminRoute.ts'
import { refusal } from '../admission.ts'
import type { Place } from '../noting.ts'
import { NoAnswer } from '../owners.ts'
import { headOf } from '../subjects/handlers.ts'
import type { Tenant } from '../tenants.ts'
import type { Answer } from '../uws.ts'
import type { endBody, receivedBody, returnBody } from './contractRoutes.ts'

type With<Body> = Asked & { readonly tenant: Tenant; readonly body: Body }

/** The record of it comes first; then a worker writes, and is asked how far it is. */
export async function returnTenant(desk: AdminDesk, asked: With<Static<typeof returnBody>>): Promise<Answer> {
  const { tenant, place, body } = asked
  if (looksPersonal(body.purpose ?? '')) return refusal('looks-personal')
  const request = randomBytes(16).toString('base64url')
  const { lying } = await askReturn(desk, place, request, null)
  if (lying >= limits.returnsPerTenantMax) return refusal('too-many-returns')
  const purpose = body.purpose ?? null
  const problem = await asked.note({ action: 'tenant-returned', request, purpose })
  if (problem !== null) return refusal(problem)
  const begun = await askReturn(desk, place, request, headOf(desk, tenant, request, 'return'))
  if (begun.state !== null) return jsonAnswer(200, shown(request, begun.state, desk.config))
  return refusal(begun.lying >= limits.returnsPerTenantMax ? 'too-many-returns' : 'not-now')
}

export async function readReturn(desk: AdminDesk, { place, params }: Asked): Promise<Answer> {
  const { request = '' } = params
  const { state } = await askReturn(desk, place, request, null)
  return state === null ? refusal('unknown-request') : jsonAnswer(200, shown(request, state, desk.config))
}

/**
 * Somebody says that they have a package, by the hash of its manifest: until then ours may be the only one. The record
 * that it is removed is what owners remove it by.
 */
export async function receiveReturn(
  desk: AdminDesk,
  asked: Asked & { readonly body: Static<typeof receivedBody> },
): Promise<Answer> {
  const { place, params, body } = asked
  const { request = '' } = params
  const { manifestSha256, purpose = null } = body
  if (looksPersonal(purpose ?? '')) return refusal('looks-personal')
  const { state } = await askReturn(desk, place, request, null)
  if (state === null) return refusal('unknown-request')
  if (state.done === null) return refusal('not-returned')
  if (state.done.manifestSha256 !== manifestSha256) return refusal('other-manifest')
  if (state.done.directory !== null) {
    const counts = { records: state.done.records }
    const detail = { because: 'received', manifest: manifestSha256 }
    const problem = await asked.note({ action: 'return-removed', request, purpose, counts, detail })
    if (problem !== null) return refusal(problem)
  }
  return jsonAnswer(200, { request, receivedAt: new Date(desk.clock()).toISOString() })
}

async function askReturn(
  { owners }: AdminDesk,
  { tenant, partition }: Place,
  request: string,
  head: object | null,
): Promise<{ readonly state: ReturnState | null; readonly lying: number }> {
  const reply = await owners.ask(partition, { kind: 'tenant-return', tenant, request, head })
  if (reply.kind !== 'tenant-return') throw new NoAnswer('an owner answered something else')
  return reply
}

function shown(request: string, { records, failed, done }: ReturnState, { returnsKeptMs: keptMs }: Config) {
  if (done === null) return { ...nothingYet, request, records, state: failed ? 'failed' : 'writing' }
  const { directory, manifestSha256, removedAtMs, atMs } = done
  const state = directory === null ? 'removed' : 'written'
  const keptUntil = directory === null ? null : isoOrNull(atMs + keptMs)
  const removedAt = isoOrNull(removedAtMs)
  return { request, records: done.records, state, directory, manifestSha256, keptUntil, removedAt }
}

const nothingYet = { directory: null, manifestSha256: null, keptUntil: null, removedAt: null } as const

export async function endTenant(desk: AdminDesk, asked: With<Static<typeof endBody>>): Promise<Answer> {
  const { tenant, place, body } = asked
  if (body.confirm !== tenant.id) return refusal('not-confirmed')
  if (looksPersonal(body.purpose ?? '')) return refusal('looks-personal')
  const done = await returnedBefore(desk, place, body.returned)
  if (done === undefined) return refusal('not-returned')
  const request = randomBytes(16).toString('base64url')
  const clear: Input = { kind: 'tenant-ended', tenant: tenant.id, request }
  const note = asked.noteOf({
    ...({ action: 'tenant-ended', request, purpose: body.purpose ?? null } as const),
    detail:
      done === null ? {} : { returnedAt: done.atMs, manifest: done.manifestSha256, records: done.records },
  })
  const problem = await desk.entering(tenant.partition, { clear, personal: null, note })
  if (problem !== null) return refusal(problem)
  return jsonAnswer(200, { request, endedAt: new Date(desk.clock()).toISOString() })
}

type Done = ReturnState['done']

/** The package of a request, undefined where that was not finished; without one the last that was; null: none was. */
async function returnedBefore(desk: AdminDesk, place: Place, request?: string): Promise<Done | undefined> {
  const { tenant, partition } = place
  if (request !== undefined) return (await askReturn(desk, place, request, null)).state?.done ?? undefined
  const reply = await desk.owners.ask(partition, { kind: 'last-return', tenant })
  if (reply.kind !== 'last-return') throw new NoAnswer('an owner answered something else')
  return reply.done
}

export async function readCertificate({ owners, issuing }: AdminDesk, asked: Asked): Promise<Answer> {
  const { tenant, partition } = asked.place
  const request = asked.query.get('request')
  const reply = await owners.ask(partition, { kind: 'certificate', tenant, request })
  if (reply.kind !== 'certificate') throw new NoAnswer('an owner answered something else')
  if (reply.certificate === null) return refusal('unknown-request')
  const problem = await issuing(asked, reply.certificate)
  return problem === null ? jsonAnswer(200, reply.certificate) : refusal(problem)
}

export async function listEnded({ ended }: AdminDesk): Promise<Answer> {
  return jsonAnswer(200, { tenants: await ended.all() })
}
