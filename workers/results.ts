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

const resultsPerMessageMax = 256

/**
 * Gathers results into RESULTS messages: one a tenant and kind for a stretch of the log. A message a log entry would cost
 * a flush each and slow down the log beside it; gathered, a crowd pays for one.
 */
export function gather(
  partition: number,
  rules: number,
  pending: readonly PendingResult[],
): { kind: ResultKind; message: ResultMessage }[] {
  const groups = new Map<string, PendingResult[]>()
  for (const one of pending) {
    const key = `${one.tenant} ${one.kind}`
    const group = groups.get(key) ?? []
    group.push(one)
    groups.set(key, group)
  }
  return [...groups.values()].flatMap(group => messagesOf(partition, rules, group))
}

function messagesOf(
  partition: number,
  rules: number,
  group: readonly PendingResult[],
): { kind: ResultKind; message: ResultMessage }[] {
  const [first] = group
  if (first === undefined) return []
  const messages = []
  for (let at = 0; at < group.length; at += resultsPerMessageMax) {
    const results = group.slice(at, at + resultsPerMessageMax).map(one => one.result)
    messages.push({
      kind: first.kind,
      message: { version: 1, tenant: first.tenant, partition, rules, results } as const,
    })
  }
  return messages
}

/** JetStream's first filter for doubles, for the same stretch sent again after a time-out. */
function storeId(message: ResultMessage): string {
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
