import type { Revision, RevisedBecause } from '../../../core/outcome.ts'
import type { LogTime } from '../../../core/words.ts'
import { type Answer, type CallFact, type Facts } from './facts.ts'

/** Rule C12: what changed a record, and when. */

const remembered = 16

export function noteRevision(facts: Facts, fact: CallFact, because: RevisedBecause): void {
  const [before, answer] = [fact.answers.at(-2), fact.answers.at(-1) as Answer]
  const { kind, confidence, source } = answer.match
  const said = { kind, confidence, source }
  const isSame =
    before !== undefined &&
    JSON.stringify(said) ===
      JSON.stringify({
        kind: before.match.kind,
        confidence: before.match.confidence,
        source: before.match.source,
      })
  noteChange(facts, fact, because, isSame || because === 'erased' ? null : said)
}

export function noteChange(
  facts: Facts,
  fact: CallFact,
  because: RevisedBecause,
  match: Revision['match'],
): void {
  const revision = (fact.history.at(-1)?.revision ?? 0) + 1
  const history = [...fact.history, { revision, at: facts.now as LogTime, because, match }]
  fact.history = history.filter((_, place) => place === 0 || place > history.length - remembered)
}
