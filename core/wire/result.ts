import type { Outcome } from '../outcome.ts'
import type { LogTime } from '../words.ts'

/**
 * One message of stream RESULTS: what a stretch of one partition's log meant for one tenant, for those outside. Ids
 * only grow within a partition, so a consumer that remembers one id per partition recognises every repetition. How
 * results are gathered into messages may differ at a replay; their ids and contents do not.
 */
export type ResultMessage = {
  readonly version: 1
  readonly tenant: string
  readonly partition: number
  readonly rules: number
  readonly results: readonly Result[]
}

export type Result = {
  readonly sequence: number
  readonly index: number
  readonly at: LogTime
  readonly outcome: ResultOutcome
}

/** The outcomes that outsiders need: calls, corrections, ended sessions, refusals. Not lent numbers, not beats. */
export type ResultOutcome = Extract<Outcome, { kind: 'call-changed' | 'session-ended' | 'refused' }>

/** The last token of a result's subject: what its log entries were about. Refusals travel with what was refused. */
export type ResultKind = 'call' | 'session'

/** `partition.sequence.index.rules`: the name of a result, the same at every replay by the same rules. */
export function resultId(
  message: Pick<ResultMessage, 'partition' | 'rules'>,
  result: Pick<Result, 'sequence' | 'index'>,
): string {
  return `${message.partition}.${result.sequence}.${result.index}.${message.rules}`
}
