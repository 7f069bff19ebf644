import type { Link } from '../config/nats.ts'
import { pack } from '../config/pack.ts'
import type { Outcome } from '../core/outcome.ts'
import type { Lane } from '../core/wire/log.ts'
import type { Result, ResultKind, ResultMessage, ResultOutcome } from '../core/wire/result.ts'
import { subjects } from '../core/wire/subjects.ts'
import type { LogTime } from '../core/words.ts'

/** Which outcomes outsiders need. The rest stays between the log and the store. */
function isResult(outcome: Outcome): outcome is ResultOutcome {
  return outcome.kind === 'call-changed' || outcome.kind === 'session-ended' || outcome.kind === 'refused'
}

export type PendingResult = { readonly kind: ResultKind; readonly message: ResultMessage }

type Origin = {
  readonly partition: number
  readonly sequence: number
  readonly at: LogTime
  readonly rules: number
  readonly lane: Lane
}

/**
 * The results of one log message: one RESULTS message a tenant. `index` counts results within the log message over all
 * its events, so that an id names the same result at every replay.
 */
export function resultsOf(origin: Origin, outcomes: readonly Outcome[]): PendingResult[] {
  const byTenant = new Map<string, Result[]>()
  let index = 0
  for (const outcome of outcomes) {
    if (!isResult(outcome)) continue
    const results = byTenant.get(outcome.tenant) ?? []
    results.push({ index: index++, outcome })
    byTenant.set(outcome.tenant, results)
  }
  const { lane, ...place } = origin
  const kind: ResultKind = lane === 'call' ? 'call' : 'session'
  return [...byTenant].map(([tenant, results]) => ({
    kind,
    message: { version: 1, tenant, ...place, results },
  }))
}

/** JetStream's first filter for doubles: the same for the same log message under the same rules. */
export function storeId({ message }: PendingResult): string {
  return `${message.partition}.${message.sequence}.${message.rules}.${message.tenant}`
}

/**
 * Stores results in order, one outstanding, so that within a partition ids only grow and a consumer needs to remember
 * one. Rejects when the stream does not take one within `timeoutMs`; what is sent again is recognised by its id.
 */
export async function storeResults(
  link: Link,
  results: readonly PendingResult[],
  timeoutMs: number,
): Promise<void> {
  for (const result of results) {
    const { tenant } = result.message
    await link.store(subjects.results(tenant, result.kind), pack(result.message), storeId(result), timeoutMs)
  }
}
