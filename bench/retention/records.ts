import type { AuditRecord } from '../../core/audit.ts'
import { Departed } from './check.ts'
import { dayMs, startMs, type World } from './world.ts'

/** One record for each day that is over and each tenant, which together count what was done; one for each change. */
export function checkRecords(world: World): void {
  const { figures, owner, tenants, inForce, nowMs } = world
  const open = owner.partition.store.retentionDays()
  const counted: Counted = { rows: 0, periodKeys: 0, subjectKeys: 0, sealedAnew: 0 }
  for (const day of open) add(counted, day)
  for (const tenant of tenants) {
    const records = owner.partition.store.audit(tenant, 0, 1_000_000)
    const days = records.filter(({ action }) => action === 'retention-applied')
    const over = Math.floor((nowMs - startMs) / dayMs)
    const expected = Array.from({ length: over }, (_, day) => dateOf(startMs + day * dayMs))
    hold(`days of ${tenant}`, days.map(({ detail }) => detail.day).join(), expected.join())
    for (const { counts } of days) add(counted, counts)
    const changes = records.filter(({ action }) => action === 'retention-changed')
    hold(`changes of ${tenant}`, changesOf(changes), policiesOf(inForce.get(tenant) ?? []))
    figures.dayRecords += days.length
    figures.changeRecords += changes.length
  }
  hold('what the days count', counted.rows, figures.rowsRemoved)
  hold('what the days count of keys', counted.periodKeys, figures.periodKeysDestroyed)
  hold('what the days count of people’s keys', counted.subjectKeys, figures.subjectKeysDestroyed)
  hold('what the days count as sealed anew', counted.sealedAnew, figures.sealedAnew)
}

const dateOf = (ms: number) => new Date(ms).toISOString().slice(0, 10)

type Counted = { rows: number; periodKeys: number; subjectKeys: number; sealedAnew: number }

function add(sum: Counted, day: Partial<Counted>): void {
  const { rows = 0, periodKeys = 0, subjectKeys = 0, sealedAnew = 0 } = day
  sum.rows += rows
  sum.periodKeys += periodKeys
  sum.subjectKeys += subjectKeys
  sum.sealedAnew += sealedAnew
}

function changesOf(records: readonly AuditRecord[]): string {
  return records.map(({ detail }) => `${detail.beforeMs} ${detail.retentionMs}`).join()
}

function policiesOf(inForce: readonly { readonly policy: { readonly retentionMs: number } }[]): string {
  const all = inForce.map(({ policy }) => policy.retentionMs)
  return all
    .slice(1)
    .map((after, place) => `${all[place]} ${after}`)
    .join()
}

function hold<Value extends string | number>(what: string, found: Value, wanted: Value): void {
  if (found !== wanted) throw new Departed(`${what}: ${found} and not ${wanted}`)
}
