import { formatDuration } from '../config/durations.ts'
import type { Note } from '../core/audit.ts'
import type { Input } from '../core/input.ts'
import type { TenantPolicy } from '../core/policy.ts'
import type { State } from '../core/state.ts'
import type { Applied } from './group.ts'
import type { RetentionDay } from './retentionDays.ts'

/** What the audit chain says of retention: what was changed, at the entry that changes it, and what was done on each day. */

const dayMs = 86_400_000

export const dayOf = (atMs: number) => Math.floor(atMs / dayMs)
/** When the day after this moment begins. */
export const nextDayAt = (atMs: number) => (dayOf(atMs) + 1) * dayMs
const dateOf = (day: number) => new Date(day * dayMs).toISOString().slice(0, 10)

/** What was in force for the tenant whose policy an entry may change: to be asked before it is applied. */
export function policyBefore(state: State, clear: Input): TenantPolicy | null {
  if (clear.kind !== 'configured') return null
  return state.tables.policies.get(clear.tenant)?.policy ?? null
}

/** null: it changed nothing here, or there was no policy before. */
export function retentionChange(
  before: TenantPolicy | null,
  { event: { clear, note }, outcomes }: Pick<Applied, 'event' | 'outcomes'>,
): Note | null {
  if (before === null || clear.kind !== 'configured') return null
  if (!outcomes.some(one => one.kind === 'configured')) return null
  const { policy } = clear
  const fields = { before: fieldsOf(before), after: fieldsOf(policy) }
  if (before.retentionMs === policy.retentionMs && fields.before === fields.after) return null
  // By whom the entry is, if it says so.
  const { actor = 'system', role = 'system', request = null, purpose = null } = note ?? {}
  return {
    ...(note?.form === undefined ? {} : { form: note.form }),
    action: 'retention-changed',
    ...{ actor, role, request, purpose, subjects: [], counts: {} },
    detail: {
      beforeMs: before.retentionMs,
      retentionMs: policy.retentionMs,
      fieldsBefore: fields.before,
      fields: fields.after,
    },
  }
}

/** As text, because a record's detail is flat. */
function fieldsOf({ fieldRetentionMs = {} }: TenantPolicy): string {
  const names = Object.keys(fieldRetentionMs).sort()
  return names.map(name => `${name} ${formatDuration(fieldRetentionMs[name] ?? 0)}`).join(', ')
}

/** The days of tenants of which one message is the record. */
export function recordedDays(applied: readonly Applied[]): Pick<RetentionDay, 'tenant' | 'day'>[] {
  return applied.flatMap(({ event: { clear, note } }) => {
    if (clear.kind !== 'noted' || note?.action !== 'retention-applied') return []
    const day = dayOf(Date.parse(String(note.detail?.day)))
    return Number.isNaN(day) ? [] : [{ tenant: clear.tenant, day }]
  })
}

/** The record of a day that is over. */
export function dayNote({
  rows,
  periodKeys,
  subjectKeys,
  sealedAnew = 0,
  day,
  retentionMs,
  ran,
}: RetentionDay): Pick<Note, 'action' | 'request' | 'counts' | 'detail'> {
  return {
    action: 'retention-applied',
    request: null,
    counts: { rows, periodKeys, subjectKeys, sealedAnew },
    detail: { day: dateOf(day), retentionMs, ran },
  }
}
