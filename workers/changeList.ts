import type { Changes, Environment } from '../config/lmdb.ts'
import { pack, unpack } from '../config/pack.ts'
import type { Row } from './rows.ts'

/**
 * Which rows each of the last commits changed, in the store itself: whoever reads it beside its owner keeps in step without
 * looking at all of it, and without anybody telling. A list that began later than what the reader knows says so. It is
 * short: rows leave it within about a minute.
 */

type Key = (string | number)[]
type Root = Environment<Key>

/** Of the tables that are read so. */
const listed: readonly string[] = ['calls', 'restricted', 'policies']
/** A commit of more says only that it was one: everything is read again. */
const keysPerCommitMax = 4_096
const commitsMax = 1_024
const keptMs = 60_000
/** More than a commit adds, so that the list does not grow. */
const removedPerCommit = 4

export type ChangedRow = { readonly table: string; readonly key: string }

/** `rows` null: too many, or a tenant has ended. */
type Listed = { readonly rows: readonly (readonly [table: string, key: string])[] | null }

/** Keeps the list of one store. Its owner alone writes, so what is in it is known without looking. */
export function createChangeList(root: Root, clock: () => number = Date.now) {
  const kept = [...root.getKeys({ start: ['changed', 0], end: ['changed', Number.MAX_SAFE_INTEGER] })].map(
    key => ({ sequence: Number(key[1]), at: clock() }),
  )
  return {
    /** To be asked within the commit that makes the changes. */
    put: (changes: Changes<Key>, sequence: number, rows: readonly Row[]) => {
      const changed = rows.filter(({ table }) => listed.includes(table))
      if (changed.length > 0) {
        changes.put(['changed', sequence], pack(joined(root, sequence, changed)))
        if (kept.at(-1)?.sequence !== sequence) kept.push({ sequence, at: clock() })
      }
      const removed = kept.splice(0, over(kept, clock() - keptMs))
      for (const one of removed) changes.remove(['changed', one.sequence])
      const last = removed.at(-1)
      if (last !== undefined) changes.put(['meta', 'changed-from'], pack(last.sequence))
    },
  }
}

/** How many of the oldest have to go. */
function over(kept: readonly { readonly at: number }[], beforeMs: number): number {
  let count = 0
  while (count < removedPerCommit) {
    const oldest = kept[count]
    if (oldest === undefined) break
    if (oldest.at >= beforeMs && kept.length - count <= commitsMax) break
    count += 1
  }
  return count
}

/** Two commits may have one sequence: rows of a tenant that has ended leave without an entry of their own. */
function joined(root: Root, sequence: number, rows: readonly Row[]): Listed {
  const before = root.get(['changed', sequence])
  const earlier = before === undefined ? [] : (unpack(before) as Listed).rows
  const isEnd = rows.some(({ table, bytes }) => table === 'policies' && bytes === null)
  if (earlier === null || isEnd || rows.length + earlier.length > keysPerCommitMax) return { rows: null }
  return { rows: [...earlier, ...rows.map(({ table, key }) => [table, key] as const)] }
}

/** What was changed from a commit on, which is included; null: that is not known any more. */
export function changedSince(root: Pick<Root, 'get' | 'getRange'>, sequence: number): ChangedRow[] | null {
  const from = root.get(['meta', 'changed-from'])
  if (from !== undefined && (unpack(from) as number) >= sequence) return null
  const found: ChangedRow[] = []
  for (const { value } of root.getRange({
    start: ['changed', sequence],
    end: ['changed', Number.MAX_SAFE_INTEGER],
  })) {
    const { rows } = unpack(value) as Listed
    if (rows === null) return null
    for (const [table, key] of rows) found.push({ table, key })
  }
  return found
}
