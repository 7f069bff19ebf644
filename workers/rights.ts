import { pack } from '../config/pack.ts'
import type { RightsSaid } from '../core/wire/control.ts'
import { subjectsNamed } from '../core/subjectNames.ts'
import { subjects } from '../core/wire/subjects.ts'
import type { Applied } from './group.ts'
import type { Partition } from './partition.ts'

/**
 * Tells every gateway at once what is in force for somebody from this entry on: before whoever asked for it is answered.
 * One that misses it asks for the list again, and the core refuses what comes meanwhile.
 */
export function tellRights({ link, number, state }: Partition, applied: readonly Applied[]): void {
  for (const { event, outcomes } of applied) {
    const said = saidBy(event)
    if (said === null || outcomes.some(one => one.kind === 'refused')) continue
    link.publish(subjects.rights(number), pack({ ...said, at: state.now } satisfies RightsSaid))
  }
}

function saidBy({ clear, rectify }: Applied['event']): Omit<RightsSaid, 'at'> | null {
  if (rectify !== undefined && clear.kind === 'noted')
    return { tenant: clear.tenant, ...subjectsNamed([rectify.subject]), mode: 'rekeyed' }
  if (clear.kind === 'subject-erased') {
    const { tenant, visitors, callers } = clear
    return { tenant, visitors, callers, mode: 'erased' }
  }
  if (clear.kind === 'subject-restricted') {
    const { tenant, visitors, callers, mode } = clear
    return { tenant, visitors, callers, mode }
  }
  if (clear.kind === 'consent-withdrawn') {
    const { tenant, site, visitor } = clear
    return { tenant, visitors: [visitor], callers: [], mode: 'withdrawn', site }
  }
  if (clear.kind === 'tenant-ended') return { tenant: clear.tenant, visitors: [], callers: [], mode: 'ended' }
  return null
}
