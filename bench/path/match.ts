import { Bench } from 'tinybench'
import { apply } from '../../core/machine.ts'
import { matchAt, type Question } from '../../core/match.ts'
import type { TenantPolicy } from '../../core/policy.ts'
import { createState, type State, type TenantIndex } from '../../core/state.ts'
import type { LogTime, PhoneNumber, Pseudonym, SessionId, VisitorId } from '../../core/words.ts'

export type MatchAlone = { readonly lent: number; readonly p50Ns: number; readonly p99Ns: number }

const now = 1_800_000_000_000 as LogTime
const batch = 1_000

/** Time of one match over so many lent numbers, in nanoseconds. Batches are timed: a clock costs more than a match. */
export async function measureMatch(lent: number, timeMs: number): Promise<MatchAlone> {
  const state = lentOut(lent)
  const index = state.tenants.get('bench') as TenantIndex
  const questions = Array.from({ length: lent }, (_, at) => questionOf(index, numberOf(at)))
  const kinds = new Set(questions.map(question => matchAt(state, question).kind))
  if (kinds.size !== 1 || !kinds.has('exact')) throw new Error('not every lent number is matched exactly')
  let next = 0
  const bench = new Bench({ time: timeMs, warmupTime: timeMs / 4 })
  bench.add('match', () => {
    for (let turn = 0; turn < batch; turn += 1) {
      next = (next + 7_919) % lent
      matchAt(state, questions[next] as Question)
    }
  })
  await bench.run()
  const result = bench.tasks[0]?.result
  if (result === undefined || !('latency' in result)) throw new Error('the match was not measured')
  const nanos = (ms: number) => (ms * 1e6) / batch
  return { lent, p50Ns: nanos(result.latency.p50), p99Ns: nanos(result.latency.p99) }
}

function numberOf(at: number): PhoneNumber {
  return `+45${70_000_000 + at}` as PhoneNumber
}

function questionOf(index: TenantIndex, b: PhoneNumber): Question {
  return {
    index,
    carrier: 'bench',
    call: 'call',
    a: 'caller' as Pseudonym,
    b,
    at: now,
    ahead: false,
    restricted: false,
  }
}

/** A partition in which so many visitors hold a number each, made by the rules themselves. */
function lentOut(count: number): State {
  const state = createState()
  const step = (counter: number, input: object) =>
    apply(state, { at: now, producer: 'bench', counter, sequence: counter, input } as Parameters<
      typeof apply
    >[1])
  step(1, { kind: 'configured', tenant: 'bench', version: '1', policy: policyOf(count) })
  for (let at = 0; at < count; at += 1) step(at + 2, hello(at))
  return state
}

function hello(at: number): object {
  const source = { source: 'bench', medium: 'cpc', campaign: null, content: null, keyword: null }
  return {
    kind: 'hello',
    tenant: 'bench',
    site: 'site',
    visitor: `visitor-${at}` as VisitorId,
    freshSession: `session-${at}` as SessionId,
    tab: `tab-${at}`,
    targets: null,
    page: { id: 1, source },
  }
}

function policyOf(count: number): TenantPolicy {
  const [replace, day] = ['+4578792222' as PhoneNumber, 86_400_000]
  const numbers = Array.from({ length: count }, (_, at) => numberOf(at))
  return {
    tenant: 'bench',
    retentionMs: 60 * day,
    latenessMs: day,
    consent: 'assumed',
    defaultForward: replace,
    sites: [{ key: 'site', targets: ['sales'] }],
    targets: [{ id: 'sales', replace, forward: replace, pool: 'sales', static: null }],
    pools: [
      {
        id: 'sales',
        numbers,
        idleTimeoutMs: day,
        tailMs: day,
        coolDownMs: day,
        stickyMs: day,
        overflow: 'fallback',
      },
    ],
    statics: [],
    calls: { qualifiedAfterMs: 0, returningLookBackMs: day },
  }
}
