import type { CallRecord } from './outcome.ts'
import type { TenantIndex } from './state.ts'
import { callerName, visitorName } from './subjectNames.ts'
import type { ResultOutcome } from './wire/result.ts'

/** Of whom nothing is used (rules P5, P6), and what is shown then (rule P13). */

export function isVisitorRestricted({ restricted }: TenantIndex, visitor: string): boolean {
  return restricted.size > 0 && restricted.has(visitorName(visitor))
}

export function isCallerRestricted({ restricted }: TenantIndex, a: string | null): boolean {
  return a !== null && restricted.size > 0 && restricted.has(callerName(a))
}

/** Whether nothing is used of somebody, by name (`v:` or `c:`). */
export type IsRestricted = (name: string) => boolean

type Named = Pick<CallRecord, 'a' | 'match'>

/** Whose call it is: whom it was attributed to, and its caller. */
function ownersOf({ a, match: { visitor } }: Named): string[] {
  return [...(visitor === null ? [] : [visitorName(visitor)]), ...(a === null ? [] : [callerName(a)])]
}

/** Everybody whom a call names, candidates too. */
export function namedIn(call: Named): string[] {
  const { candidates } = call.match
  return [...new Set([...ownersOf(call), ...candidates.map(({ visitor }) => visitorName(visitor))])]
}

/** Whether a call may be shown and counted. */
export function isCallUsed(call: Named, isRestricted: IsRestricted): boolean {
  return !ownersOf(call).some(isRestricted)
}

/** A call as it may be shown: candidates of whom nothing is used are left out; null: it may not be. */
export function usedCall<Call extends Named>(call: Call, isRestricted: IsRestricted): Call | null {
  if (!isCallUsed(call, isRestricted)) return null
  const { match } = call
  const candidates = match.candidates.filter(({ visitor }) => !isRestricted(visitorName(visitor)))
  return candidates.length === match.candidates.length ? call : { ...call, match: { ...match, candidates } }
}

/** A result as it may be told to those outside; null: it may not be. */
export function usedResult(outcome: ResultOutcome, isRestricted: IsRestricted): ResultOutcome | null {
  if (outcome.kind === 'refused') return outcome
  if (outcome.kind === 'call-changed') {
    const record = usedCall(outcome.record, isRestricted)
    return record === null ? null : { ...outcome, record }
  }
  // The end that a restriction brings is told of nobody, whoever heard of which first.
  return outcome.because === 'restricted' || isRestricted(visitorName(outcome.visitor)) ? null : outcome
}
