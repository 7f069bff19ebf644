import type { Static } from 'typebox'
import type { AuditAction } from '../../core/audit.ts'
import { looksPersonal } from '../../core/looksPersonal.ts'
import { isoOrNull } from '../access/keyShapes.ts'
import { type AdminDesk, jsonAnswer } from '../adminDesk.ts'
import { type AdminRoute, type Asked, lastingRoute, processorRoute } from '../adminRoute.ts'
import { refusal } from '../admission.ts'
import { NoAnswer } from '../owners.ts'
import type { Answer } from '../uws.ts'
import { collectedBody, keyInventory, recorded, triedBody } from './evidenceShapes.ts'

/** What people tried, and what was handed to an auditor, goes into the audit chain; the key inventory is read. */
const tried = {
  'restore-test': 'restore-tested',
  drill: 'drill-run',
} as const satisfies Record<string, AuditAction>

type With<Body> = Asked & { readonly body: Body }

async function recordTried(_desk: AdminDesk, asked: With<Static<typeof triedBody>>): Promise<Answer> {
  const { kind, result, reference, digest = null, seconds } = asked.body
  if (looksPersonal(reference)) return refusal('looks-personal')
  const problem = await asked.note({
    action: tried[kind],
    purpose: reference,
    counts: seconds === undefined ? {} : { seconds },
    detail: { result, digest },
  })
  return problem === null ? jsonAnswer(200, { recorded: true }) : refusal(problem)
}

async function recordCollected(_desk: AdminDesk, asked: With<Static<typeof collectedBody>>): Promise<Answer> {
  const { manifest, from, to, records, missing } = asked.body
  const problem = await asked.note({
    action: 'evidence-made',
    counts: { records, missing },
    detail: { manifest, from, to },
  })
  return problem === null ? jsonAnswer(200, { recorded: true }) : refusal(problem)
}

async function readInventory({ owners, clock }: AdminDesk, { place }: Asked): Promise<Answer> {
  const { tenant, partition } = place
  const reply = await owners.ask(partition, { kind: 'key-inventory', tenant })
  if (reply.kind !== 'key-inventory') throw new NoAnswer('an owner answered something else')
  const { oldestPeriodUntilMs, ...keys } = reply.keys
  const oldestPeriodUntil = isoOrNull(oldestPeriodUntilMs)
  return jsonAnswer(200, { at: isoOrNull(clock()), tenant, ...keys, oldestPeriodUntil })
}

const collected = {
  manifest: 'ab'.repeat(32),
  from: '2026-01-01T00:00:00Z',
  to: '2026-07-01T00:00:00Z',
  records: 120,
  missing: 2,
}

export const evidenceRoutes: readonly AdminRoute[] = [
  processorRoute(triedBody, {
    ...{ method: 'POST', path: '/v1/evidence', scope: 'system:write', answer: recorded },
    example: { kind: 'restore-test', result: 'passed', reference: 'ticket 4711', digest: 'cd'.repeat(32) },
    says: 'Records that a restore or a drill was tried, and what came of it.',
    handle: recordTried,
  }),
  processorRoute(collectedBody, {
    ...{ method: 'POST', path: '/v1/evidence-collections', scope: 'evidence:read', answer: recorded },
    ...{ example: collected, says: 'Records that evidence was collected, by the hash of its manifest.' },
    handle: recordCollected,
  }),
  lastingRoute(collectedBody, {
    ...{ method: 'POST', path: '/v1/tenants/{tenant}/evidence-collections', scope: 'evidence:read' },
    ...{ answer: recorded, example: collected },
    says: 'Records that evidence about the tenant was collected, by the hash of its manifest.',
    handle: recordCollected,
  }),
  lastingRoute(null, {
    ...{ method: 'GET', path: '/v1/tenants/{tenant}/key-inventory', scope: 'evidence:read' },
    ...{ answer: keyInventory, example: null },
    says: 'Says how many sealing keys are held for the tenant, and how old they are.',
    handle: readInventory,
  }),
]
