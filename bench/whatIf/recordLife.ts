import type { TenantPolicy } from '../../core/policy.ts'
import type { Input } from '../../core/input.ts'
import { apply } from '../../core/machine.ts'
import type { Outcome } from '../../core/outcome.ts'
import { sessionOf } from '../../core/reply.ts'
import { createState, rulesVersion } from '../../core/state.ts'
import type { LogTime } from '../../core/words.ts'
import type { HistoryRow } from '../../workers/history.ts'
import { keptOf } from '../../workers/remember.ts'
import { changedRows, type Row } from '../../workers/rows.ts'
import type { Store } from '../../workers/store.ts'

/**
 * Lives through what happens as the owner of a partition does, and keeps of it what an owner keeps: rows of the history, with
 * bytes in the place of what is sealed that nobody can open, and rows of the state. Days pass in seconds.
 */
export type LifeSetup = {
  readonly store: Store
  readonly policy: TenantPolicy
  readonly version: string
  readonly fromMs: number
  /** Says what happens, in the order of time. */
  readonly live: (tell: Tell) => void
}
/** Tells the owner of something, and gives back what it concluded. */
export type Tell = (atMs: number, input: Input) => readonly Outcome[]

export type Lived = {
  /** Entries of the log, signs of life among them, and what of them is kept as events. */
  readonly entries: number
  readonly events: number
  readonly calls: number
}

const standIn = Buffer.alloc(300, 7)
const rowsPerCommit = 50_000

export async function recordLife({ store, policy, version, fromMs, live }: LifeSetup): Promise<Lived> {
  const { tenant } = policy
  const state = createState()
  const history: HistoryRow[] = []
  const counts = { entries: 0, events: 0, calls: 0 }
  const tell: Tell = (atMs, input) => {
    counts.entries += 1
    const { entries: sequence } = counts
    const entry = { at: atMs as LogTime, sequence, index: 0, producer: 'life', counter: sequence, input }
    const outcomes = apply(state, entry)
    if (input.kind === 'signal' && input.state === 'ring') counts.calls += 1
    const clear = keptOf(input, outcomes)
    if (clear === null) return outcomes
    counts.events += 1
    const event = { clear, personal: standIn, session: sessionOf(outcomes) }
    history.push({ tenant, atMs: state.now, sequence, index: 0, event })
    return outcomes
  }
  tell(fromMs, { kind: 'configured', tenant, version, policy })
  live(tell)
  await keep(store, history, changedRows(state), counts.entries)
  return counts
}

/** The rows of the state with the last page of the history, as one commit would have them. */
async function keep(
  store: Store,
  history: readonly HistoryRow[],
  rows: readonly Row[],
  entries: number,
): Promise<void> {
  const nothing = { access: [], erasures: [], breaches: [], audit: [], rectifications: [] }
  let expected = 0
  for (let from = 0; from === 0 || from < history.length; from += rowsPerCommit) {
    const isLast = from + rowsPerCommit >= history.length
    const page = history.slice(from, from + rowsPerCommit)
    const sequence = isLast ? entries : (page.at(-1)?.sequence ?? 0)
    const position = { sequence, rules: rulesVersion, log: 'life', mark: null }
    await store.commit({ ...nothing, rows: isLast ? rows : [], history: page, position, expected })
    expected = sequence
  }
}
