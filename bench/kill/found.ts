import type { HistoryRow } from '../../workers/history.ts'
import { openStore } from '../../workers/store.ts'
import { inTurns } from '../load/world.ts'
import type { System } from '../system.ts'
import type { KeptCall, KeptEvent } from './judge.ts'
import type { Ledger } from './ledger.ts'

/** Reads what the system has after the crashes: calls through its API, visits from the stores on its disk. */

const atOnce = 8
const rowsMax = 1_000_000

/** Each acknowledged call as the running system tells it; null: it has none. */
export async function foundCalls(system: System, { calls }: Ledger): Promise<Map<string, KeptCall | null>> {
  const found = new Map<string, KeptCall | null>()
  await inTurns([...calls], atOnce, async ([call, { tenant }]) => {
    const response = await fetch(`http://127.0.0.1:${system.adminPort}/v1/calls/${call}?tenant=${tenant}`)
    found.set(call, response.status === 200 ? ((await response.json()) as KeptCall) : null)
  })
  return found
}

/** Page views and engagements as the stores of a stopped system hold them. A hello's own page view is left out. */
export async function foundEvents(
  dataDir: string,
  partitions: number,
  tenants: readonly string[],
): Promise<KeptEvent[]> {
  const found: KeptEvent[] = []
  for (let partition = 0; partition < partitions; partition++) {
    const store = openStore(dataDir, partition)
    for (const tenant of tenants) {
      for (const row of store.history(tenant, 0, Number.MAX_SAFE_INTEGER, rowsMax)) {
        const event = eventOf(row)
        if (event !== null) found.push(event)
      }
    }
    await store.close()
  }
  return found
}

function eventOf({ atMs, event }: HistoryRow): KeptEvent | null {
  const { clear, session } = event
  if (clear.kind !== 'page' && clear.kind !== 'engagement') return null
  const { kind, tenant, visitor, tab } = clear
  const id = clear.kind === 'page' ? clear.page.id : clear.id
  return { kind, tenant, visitor, tab, session, id, at: atMs }
}
