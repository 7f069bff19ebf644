import { limits } from './limits.ts'
import type { CallRecord, Match, RevisedBecause, Revision } from './outcome.ts'
import { isSameSource } from './source.ts'
import type { LogTime } from './words.ts'

/** How a call's record came to be as it is (rule C12). */

type Change = { readonly at: LogTime; readonly because: RevisedBecause; readonly match: Match | null }

/** The history with one more change: of too many the first and the latest stay. */
export function revised(before: CallRecord | undefined, { at, because, match }: Change): readonly Revision[] {
  const history = before?.history ?? []
  const last = history.at(-1)?.revision ?? before?.heard.length ?? 0
  const isNew = match !== null && (before === undefined || saysOther(before.match, match))
  const said = isNew ? { kind: match.kind, confidence: match.confidence, source: match.source } : null
  const revision: Revision = { revision: last + 1, at, because, match: said }
  if (history.length < limits.revisionsPerCallMax) return [...history, revision]
  return [history[0] as Revision, ...history.slice(2), revision]
}

function saysOther(one: Match, other: Match): boolean {
  return (
    one.kind !== other.kind || one.confidence !== other.confidence || !isSameSource(one.source, other.source)
  )
}
