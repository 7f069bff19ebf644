import { randomBytes } from 'node:crypto'
import type { Link } from '../config/nats.ts'
import { streams } from '../core/wire/subjects.ts'
import type { Note } from '../core/wire/note.ts'
import type { KeyStore } from './keys/keyStore.ts'
import type { SeenEnd, SeenPosition } from './keys/seen.ts'
import { isMarked } from './mark.ts'
import { byItself } from './noting.ts'
import type { Store } from './store.ts'

/**
 * Data that was put back from a copy: the key store has seen it further on, in a log that has not what was there. Each chain says
 * so in a record, before anything else is answered: what was signed of it since the copy was made is not in it any more.
 */
type Opened = {
  readonly link: Pick<Link, 'entryAt' | 'streamState'>
  readonly keys: Pick<KeyStore, 'seenPosition' | 'markRestored'>
  /** The last entry that the log has for the partition. */
  readonly openedAt: number
}

/** Whether it is so. From then on it is owed, until every chain says it. Rejects where the log cannot be asked. */
export async function findPutBack(
  { link, keys, openedAt }: Opened,
  position: SeenPosition | null,
): Promise<boolean> {
  const seen = keys.seenPosition()
  if (seen === null || !(await isLost(link, seen, position))) return false
  const last = openedAt === 0 ? null : await link.entryAt(streams.log, openedAt)
  const id = randomBytes(16).toString('base64url')
  await keys.markRestored({ id, atMs: Date.now(), untilMs: Math.ceil(last?.timeMs ?? 0) }, position)
  return true
}

/** Whether neither the data nor the log has what was seen. Where the log was trimmed past it, that is not known. */
async function isLost(
  link: Opened['link'],
  seen: SeenPosition,
  position: SeenPosition | null,
): Promise<boolean> {
  if (position !== null && position.log === seen.log && position.sequence >= seen.sequence) return false
  const { mark } = seen
  const entry = mark === null ? null : await link.entryAt(streams.log, mark.sequence)
  const log = await link.streamState(streams.log)
  if (log.createdAt !== seen.log || log.lastSequence < seen.sequence) return true
  if (mark === null || mark.sequence < log.firstSequence) return false
  return entry === null || !isMarked(mark, entry)
}

/** The note of one chain, of which records from `from` on came after the copy. */
export function restoredNote(end: SeenEnd, from: number): Note {
  const { index, hash, highest, restored } = end
  const { atMs: foundAt = 0, untilMs: until = 0 } = restored ?? {}
  const detail = { foundAt, until, from, before: index, beforeHash: hash, highest }
  return { ...byItself, action: 'restored', request: null, counts: {}, detail }
}

const lookedBackMax = 1_000

/** The index of the first record that is not from the copy: the next one, or earlier where somebody was faster. */
export function firstAfterCopy(store: Pick<Store, 'auditBackwards'>, { tenant, restored }: SeenEnd): number {
  let from = 0
  for (const { index, atMs } of store.auditBackwards(tenant, lookedBackMax)) {
    if (atMs <= (restored?.untilMs ?? 0)) return Math.max(from, index + 1)
    from = index
  }
  return from
}
