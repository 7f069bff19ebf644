import type { CallRecord } from './outcome.ts'
import { type Dimension, partsOf } from './shownCall.ts'
import type { CallFilter } from './wire/questions.ts'

/** Whether a call is one of those that are asked for, by its record: as the columns of a reader say it. */
export function isAmong(record: CallRecord, filter: CallFilter): boolean {
  const { fromMs, toMs, kinds, outcomes, qualified, firstTime, b, carrier } = filter
  const { match, rangAt } = record
  return (
    (fromMs === null || rangAt >= fromMs) &&
    (toMs === null || rangAt < toMs) &&
    (kinds === null || kinds.includes(match.kind)) &&
    (outcomes === null || outcomes.includes(record.outcome)) &&
    (qualified === null || record.qualified === qualified) &&
    (firstTime === null || record.firstTime === firstTime) &&
    (b === null || record.b === b) &&
    (carrier === null || record.carrier === carrier) &&
    (filter.session === null || match.session === filter.session) &&
    (filter.visitor === null || match.visitor === filter.visitor) &&
    (filter.minConfidence === null || match.confidence >= filter.minConfidence) &&
    hasParts(record, filter.parts)
  )
}

function hasParts({ match: { source } }: CallRecord, wanted: CallFilter['parts']): boolean {
  const names = Object.keys(wanted) as Dimension[]
  if (names.length === 0) return true
  const parts = source === null ? null : partsOf(source)
  return names.every(name => (parts?.[name] ?? '') === wanted[name])
}
