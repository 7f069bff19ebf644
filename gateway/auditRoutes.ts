import { type Static, Type } from 'typebox'
import { canonical } from '../config/canonical.ts'
import { type AuditRecord, auditActions } from '../core/audit.ts'
import { limits } from '../core/limits.ts'
import { type AdminDesk, jsonAnswer } from './adminDesk.ts'
import { type AdminRoute, type Asked, lastingRoute, processorRoute, tenantRoute } from './adminRoute.ts'
import { refusal } from './admission.ts'
import type { Place } from './noting.ts'
import { trailBody, trailForm, wantedName } from './subjects/subjects.ts'
import type { Tenant } from './tenants.ts'
import type { Answer } from './uws.ts'

/** What an auditor takes away: records and heads, one canonical line each, and the key that verifies them. */

const method = 'GET' as const
const scope = 'audit:read' as const
const path = '/v1/tenants/{tenant}/audit'
const query = { from: 'The first index wanted; 0 where it is left out. A page has at most 500 records.' }
const lines = Type.String()

export const auditRoutes: readonly AdminRoute[] = [
  lastingRoute(null, {
    ...{ method, path: `${path}/records`, scope, query, answer: lines, example: null },
    says: 'Records of the audit chain, one line each. A page with fewer than it may have is the last.',
    handle: readRecords,
  }),
  lastingRoute(null, {
    ...{ method, path: `${path}/heads`, scope, query, answer: lines, example: null },
    says: 'Signed heads of the audit chain, one line each, the last one signed now.',
    handle: readHeads,
  }),
  lastingRoute(null, {
    ...{ method, path: `${path}/key`, scope, answer: Type.Unknown(), example: null },
    says: 'The public key that verifies heads and receipts.',
    handle: readKey,
  }),
  processorRoute(null, {
    ...{ method, path: '/v1/audit/records', scope, query, answer: lines, example: null },
    says: 'Records of the processor’s own audit chain, one line each.',
    handle: readRecords,
  }),
  processorRoute(null, {
    ...{ method, path: '/v1/audit/heads', scope, query, answer: lines, example: null },
    says: 'Signed heads of the processor’s own audit chain, one line each, the last one signed now.',
    handle: readHeads,
  }),
  processorRoute(null, {
    ...{ method, path: '/v1/audit/key', scope, answer: Type.Unknown(), example: null },
    says: 'The public key that verifies heads of the processor’s own audit chain.',
    handle: readKey,
  }),
  tenantRoute(trailBody, {
    ...{ method: 'POST', path: `${path}/subject`, scope, answer: lines },
    example: { subject: 'v:3q2-7wAAAAAAAAAAAAAAAA', purpose: 'ticket 4713' },
    says: 'What happened to the data of one person: the records of the audit chain that speak of them, one line each.',
    handle: readTrail,
  }),
]

const fromForm = 'from has to be a whole number of at most 15 digits.'
const pageMax = limits.auditRecordsPerPage
/** Ten million records: more than a chain has. */
const pagesMax = 20_000

async function readRecords(desk: AdminDesk, asked: Asked): Promise<Answer> {
  const from = fromOf(asked)
  if (from === null) return refusal('not-valid', fromForm)
  // The record of this reading is at the end of what is read, where it is read up to the end.
  const problem = await asked.note({ action: 'audit-read', detail: { from } })
  if (problem !== null) return refusal(problem)
  const page = await askAudit(desk, asked.place, from, pageMax)
  return page === null ? refusal('not-now') : linesAnswer(page.records)
}

async function readHeads(desk: AdminDesk, asked: Asked): Promise<Answer> {
  const from = fromOf(asked)
  if (from === null) return refusal('not-valid', fromForm)
  const page = await askAudit(desk, asked.place, from, pageMax)
  return page === null ? refusal('not-now') : linesAnswer(page.heads)
}

async function readKey(desk: AdminDesk, { place }: Asked): Promise<Answer> {
  const page = await askAudit(desk, place, 0, 1)
  return page === null ? refusal('not-now') : jsonAnswer(200, page.key)
}

/** The records that name the person, and those of the same requests, such as that the keys of an erasure were destroyed. */
async function readTrail(
  desk: AdminDesk,
  asked: Asked & { readonly tenant: Tenant; readonly body: Static<typeof trailBody> },
): Promise<Answer> {
  const { tenant, body } = asked
  const name = wantedName(body, tenant, desk.pseudonyms)
  if (name === null) return refusal('not-valid', `The body has to be ${trailForm}.`)
  const reference = desk.pseudonyms.reference(tenant.id, name)
  const problem = await asked.note({
    ...{ action: 'audit-read', subjects: [reference], purpose: body.purpose ?? null },
  })
  if (problem !== null) return refusal(problem)
  const trail: AuditRecord[] = []
  const requests = new Set<string>()
  for (let page = 0; page < pagesMax; page++) {
    const read = await askAudit(desk, asked.place, page * pageMax, pageMax)
    if (read === null) return refusal('not-now')
    for (const record of read.records) {
      const { action, subjects, request } = record
      const isNamed = subjects.includes(reference)
      if (isNamed && request !== null) requests.add(request)
      const isOfTheirs = isNamed || (request !== null && requests.has(request))
      if (isOfTheirs && auditActions[action].personal) trail.push(record)
    }
    if (read.records.length < pageMax) break
  }
  return linesAnswer(trail)
}

function fromOf({ query: given }: Asked): number | null {
  const text = given.get('from') ?? '0'
  return /^\d{1,15}$/.test(text) ? Number(text) : null
}

async function askAudit(desk: AdminDesk, { partition, tenant }: Place, from: number, most: number) {
  const reply = await desk.owners.ask(partition, { kind: 'audit', tenant, from, most })
  return reply.kind === 'audit' && reply.current ? reply : null
}

function linesAnswer(values: readonly object[]): Answer {
  const headers = [
    ['content-type', 'application/jsonl; charset=utf-8'],
    ['cache-control', 'no-store'],
  ] as const
  return { status: 200, headers, body: values.map(value => `${canonical(value)}\n`).join('') }
}
