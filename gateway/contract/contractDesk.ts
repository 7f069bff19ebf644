import { randomBytes } from 'node:crypto'
import type { Static } from 'typebox'
import type { Input } from '../../core/input.ts'
import { looksPersonal } from '../../core/looksPersonal.ts'
import type { ReturnState } from '../../core/wire/account.ts'
import { type AdminDesk, jsonAnswer } from '../adminDesk.ts'
import type { Asked } from '../adminRoute.ts'
import { refusal } from '../admission.ts'
import { NoAnswer } from '../owners.ts'
import { headOf } from '../subjects/handlers.ts'
import type { Tenant } from '../tenants.ts'
import type { Answer } from '../uws.ts'
import type { endBody, returnBody } from './contractRoutes.ts'

type With<Body> = Asked & { readonly tenant: Tenant; readonly body: Body }

/** The record of it comes first; then a worker writes, and is asked how far it is. */
export async function returnTenant(desk: AdminDesk, asked: With<Static<typeof returnBody>>): Promise<Answer> {
  const { tenant, body } = asked
  if (looksPersonal(body.purpose ?? '')) return refusal('looks-personal')
  const request = randomBytes(16).toString('base64url')
  const purpose = body.purpose ?? null
  const problem = await asked.note({ action: 'tenant-returned', request, purpose })
  if (problem !== null) return refusal(problem)
  const state = await askReturn(desk, tenant, request, headOf(desk, tenant, request, 'return'))
  return state === null ? refusal('not-now') : jsonAnswer(200, shown(request, state))
}

export async function readReturn(
  desk: AdminDesk,
  { tenant, params }: Asked & { readonly tenant: Tenant },
): Promise<Answer> {
  const { request = '' } = params
  const state = await askReturn(desk, tenant, request, null)
  return state === null ? refusal('unknown-request') : jsonAnswer(200, shown(request, state))
}

async function askReturn(
  { owners }: AdminDesk,
  { id, partition }: Tenant,
  request: string,
  head: object | null,
): Promise<ReturnState | null> {
  const reply = await owners.ask(partition, { kind: 'tenant-return', tenant: id, request, head })
  if (reply.kind !== 'tenant-return') throw new NoAnswer('an owner answered something else')
  return reply.state
}

function shown(request: string, { records, failed, done }: ReturnState) {
  const state = failed ? 'failed' : done === null ? 'writing' : 'written'
  const { directory = null, manifestSha256 = null } = done ?? {}
  return { request, records: done?.records ?? records, state, directory, manifestSha256 }
}

export async function endTenant(desk: AdminDesk, asked: With<Static<typeof endBody>>): Promise<Answer> {
  const { tenant, body } = asked
  if (body.confirm !== tenant.id) return refusal('not-confirmed')
  if (looksPersonal(body.purpose ?? '')) return refusal('looks-personal')
  const done = body.returned === undefined ? null : (await askReturn(desk, tenant, body.returned, null))?.done
  if (done === undefined || (done === null && body.returned !== undefined)) return refusal('not-returned')
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

export async function readCertificate(
  { owners }: AdminDesk,
  { tenant }: { readonly tenant: Tenant },
): Promise<Answer> {
  const reply = await owners.ask(tenant.partition, { kind: 'certificate', tenant: tenant.id })
  if (reply.kind !== 'certificate') throw new NoAnswer('an owner answered something else')
  return reply.certificate === null ? refusal('unknown-request') : jsonAnswer(200, reply.certificate)
}
