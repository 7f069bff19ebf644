import type { Link } from '../config/nats.ts'
import { pack } from '../config/pack.ts'
import type { Outcome } from '../core/outcome.ts'
import type { Result, ResultMessage, ResultOutcome } from '../core/wire/result.ts'
import { type ResultKind, resultId } from '../core/wire/result.ts'
import { subjects } from '../core/wire/subjects.ts'
import type { LogTime } from '../core/words.ts'

/** Which outcomes outsiders need. The rest stays between the log and the store. */
function isResult(outcome: Outcome): outcome is ResultOutcome {
  return outcome.kind === 'call-changed' || outcome.kind === 'session-ended' || outcome.kind === 'refused'
}

export type PendingResult = { readonly tenant: string; readonly kind: ResultKind; readonly result: Result }

type Origin = { readonly sequence: number; readonly at: LogTime; readonly kind: ResultKind }

/** The results of one log message; `index` counts them over all its events, so that an id names the same at every replay. */
export function resultsOf({ sequence, at, kind }: Origin, outcomes: readonly Outcome[]): PendingResult[] {
  return outcomes
    .filter(isResult)
    .map((outcome, index) => ({ tenant: outcome.tenant, kind, result: { sequence, index, at, outcome } }))
}

/** A record of a call with all its candidates takes up to 5 KB. */
const resultsPerMessageMax = 128

type Gathered = { readonly kind: ResultKind; readonly message: ResultMessage }

/**
 * Gathers results into RESULTS messages: neighbours of one tenant and kind share one. A message a log entry would cost a
 * flush each and slow down the log beside it. The order of the log is kept over all of them, so that a consumer that
 * remembers one id per partition never takes a new result for a repeated one.
 */
export function gather(partition: number, rules: number, pending: readonly PendingResult[]): Gathered[] {
  const gathered: { kind: ResultKind; message: ResultMessage & { readonly results: Result[] } }[] = []
  for (const { tenant, kind, result } of pending) {
    const last = gathered.at(-1)
    const joins =
      last?.kind === kind &&
      last.message.tenant === tenant &&
      last.message.results.length < resultsPerMessageMax
    if (joins) last.message.results.push(result)
    else gathered.push({ kind, message: { version: 1, tenant, partition, rules, results: [result] } })
  }
  return gathered
}

/**
 * JetStream's first filter for doubles: the same stretch sent again after a time-out, or by another owner. Between two
 * results of a message the partition has no other, so that equal ids mean equal contents, whoever gathered them.
 */
export function storeId(message: ResultMessage): string {
  const first = message.results[0]
  const last = message.results.at(-1)
  if (first === undefined || last === undefined)
    throw new Error('a results message holds at least one result')
  return `${message.tenant}.${resultId(message, first)}-${resultId(message, last)}`
}

/**
 * Stores results in order, one message outstanding, so that within a partition and kind ids only grow. Rejects when the
 * stream does not take one within `timeoutMs`; what is sent again is recognised by its ids. Says how many messages it took.
 */
export async function storeResults(
  link: Link,
  partition: number,
  rules: number,
  pending: readonly PendingResult[],
  timeoutMs: number,
): Promise<number> {
  const messages = gather(partition, rules, pending)
  for (const { kind, message } of messages) {
    await link.store(subjects.results(message.tenant, kind), pack(message), storeId(message), timeoutMs)
  }
  return messages.length
}
