import type { MatchKind } from '../../../core/outcome.ts'
import type { PhoneNumber, Pseudonym } from '../../../core/words.ts'
import { earlierCalls, lastAnswer } from './callers.ts'
import { type Answer, type CallFact, type Facts, knownSession, type Lending } from './facts.ts'
import type { Standing } from './life.ts'

/** What is asked of a call, and what is remembered that speaks for somebody. */

export type Question = {
  readonly tenant: string
  readonly call: CallFact
  readonly a: Pseudonym | null
  readonly b: PhoneNumber
  /** The ring time T. */
  readonly at: number
  /** The carrier's clock was ahead. */
  readonly ahead: boolean
  /** Nothing of the caller is used; `a` is null (rule P6). */
  readonly restricted: boolean
}

export type Holder = Standing & { readonly lending: Lending }
/** Rule F3. */
export function clicksRemembered(facts: Facts, session: string) {
  return facts.clicks.filter(click => click.session === session).slice(-facts.bounds.clicksPerSessionMax)
}

export const personal: readonly MatchKind[] = ['exact', 'tail', 'cooldown', 'shared']

/** Rule M8: the calls of this caller that rang before and went to somebody who is still remembered. */
export function attributedBefore(facts: Facts, question: Question): Answer[] {
  return earlierCalls(facts, question)
    .map(lastAnswer)
    .filter(({ match }) => {
      const session = match.session === null ? undefined : knownSession(facts, match.session)
      return personal.includes(match.kind) && session !== undefined && session.withdrawnAt === null
    })
}
