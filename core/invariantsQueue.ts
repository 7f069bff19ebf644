import type { LazyQueue } from './queue.ts'
import type { Table } from './tables.ts'

export function broken(what: string): never {
  throw new Error(`invariant broken: ${what}`)
}

/** A queue's first is what looking at every row of its table finds. */
export function checkQueue(
  name: string,
  queue: LazyQueue<string>,
  table: Table<unknown>,
  truth: (key: string) => number | null,
): void {
  let least: { key: string; at: number } | null = null
  for (const [key] of table.entries()) {
    const at = truth(key)
    if (at === null) continue
    if (least === null || at < least.at || (at === least.at && key < least.key)) least = { key, at }
  }
  const first = queue.first(truth)
  if (first?.key !== least?.key || first?.at !== least?.at) broken(`the queue of ${name} knows what is first`)
}
