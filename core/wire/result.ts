import type { Outcome } from '../outcome.ts'
import type { LogTime } from '../words.ts'

/**
 * One message of stream RESULTS: what one log message meant for one tenant, for those outside. Ids only grow within a
 * partition, so a consumer that remembers one id per partition recognises every repetition.
 */
export type ResultMessage = {
  readonly version: 1
  readonly tenant: string
  readonly partition: number
  readonly sequence: number
  readonly at: LogTime
  readonly rules: number
  readonly results: readonly Result[]
}

export type Result = { readonly index: number; readonly outcome: ResultOutcome }

/** The outcomes that outsiders need: calls, corrections, ended sessions, refusals. Not lent numbers, not beats. */
export type ResultOutcome = Extract<Outcome, { kind: 'call-changed' | 'session-ended' | 'refused' }>

/** The last token of a result's subject: what its log message was about. Refusals travel with what was refused. */
export type ResultKind = 'call' | 'session'

/** `partition.sequence.index.rules`: the name of a result, the same at every replay by the same rules. */
export function resultId(
  message: Omit<ResultMessage, 'results' | 'at' | 'tenant' | 'version'>,
  index: number,
): string {
  return `${message.partition}.${message.sequence}.${index}.${message.rules}`
}
