import { join } from 'node:path'
import { isFlushed } from '../config/flushed.ts'
import { type Environment, openEnvironment, transact } from '../config/lmdb.ts'
import type { Link } from '../config/nats.ts'
import { pack, unpack } from '../config/pack.ts'
import { limits } from '../core/limits.ts'
import { subjects } from '../core/wire/subjects.ts'
import type { Spool } from './intake.ts'

/**
 * Call messages that the log has not taken are kept on disk, whole and under the id they keep for ever: a carrier that was
 * answered may rely on them, whatever dies. They leave when the log has them.
 */
export type Outbox = Spool & {
  /**
   * Publishes again, unchanged, what an earlier life of this gateway left, and says how much that was. Its ids make a
   * repetition harmless. Where the log does not take it, it is tried again until it does.
   */
  resend(link: Link): Promise<number>
  size(): number
  spooled(): number
  /** Writes that the disk did not take. */
  failed(): number
  close(): Promise<void>
}

type Kept = { readonly partition: number; readonly bytes: Uint8Array }

type Box = {
  readonly entries: Environment<string>
  /**
   * What is on disk or on its way there. Asked for every message that the log takes: a look into LMDB each time would
   * cost every caller.
   */
  readonly kept: Map<string, Promise<void>>
  readonly leaving: Set<string>
  spooled: number
  failed: number
  timer: NodeJS.Timeout | null
  closed: boolean
}

const resendEveryMs = 1_000
const compactionCheckEveryMs = 60_000
const onDisk = Promise.resolve()

export function openOutbox(dataDir: string): Outbox {
  const entries = openEnvironment<string>(join(dataDir, 'outbox'))
  const left = [...entries.getKeys()].sort(inOrder)
  const kept = new Map(left.map(id => [id, onDisk]))
  const box: Box = { entries, kept, leaving: new Set(), spooled: 0, failed: 0, timer: null, closed: false }
  const compaction = setInterval(() => compactWhenDue(box), compactionCheckEveryMs)
  return {
    keep: (id, partition, bytes) => keep(box, id, pack({ partition, bytes } satisfies Kept)),
    drop: id => drop(box, id),
    resend: link => resend(box, link, left),
    size: () => kept.size,
    spooled: () => box.spooled,
    failed: () => box.failed,
    close: async () => {
      box.closed = true
      clearInterval(compaction)
      if (box.timer !== null) clearTimeout(box.timer)
      await removeLeaving(box)
      await entries.close()
    },
  }
}

/** What left the outbox leaves its file too. One that fails is tried again a minute later. */
function compactWhenDue({ entries }: Box): void {
  if (Date.now() - entries.madeAt() >= limits.compactEveryMs) entries.compact().catch(() => undefined)
}

async function keep(box: Box, id: string, bytes: Buffer): Promise<void> {
  const known = box.kept.get(id)
  if (known !== undefined) return known
  if (box.kept.size >= limits.outboxEntriesMax) throw new Error('the outbox is full')
  const written = write(box.entries, id, bytes)
  box.kept.set(id, written)
  try {
    await written
    box.spooled += 1
    if (box.kept.has(id)) box.kept.set(id, onDisk)
  } catch (error) {
    box.kept.delete(id)
    box.failed += 1
    throw error
  }
}

/** A carrier is told that this is kept: visible is not enough, it has to be on the disk. */
async function write(entries: Environment<string>, id: string, bytes: Buffer): Promise<void> {
  await transact(entries, changes => changes.put(id, bytes))
  if (!(await isFlushed(entries))) throw new Error('the outbox could not be flushed')
}

function drop(box: Box, id: string): void {
  if (!box.kept.delete(id)) return
  box.leaving.add(id)
  void removeLeaving(box)
}

/** What a full disk does not let go leaves with the next that does, or is sent again at the next start: its id is known. */
async function removeLeaving(box: Box): Promise<void> {
  const ids = [...box.leaving]
  try {
    await transact(box.entries, changes => {
      for (const id of ids) changes.remove(id)
    })
    for (const id of ids) box.leaving.delete(id)
  } catch {
    box.failed += 1
  }
}

/**
 * Ids end in a counter. Each producer's messages go in the order in which they were made: of what comes long after its
 * successors the core believes that it was heard before (rule L2).
 */
function inOrder(one: string, other: string): number {
  const [producer, counter] = split(one)
  const [otherProducer, otherCounter] = split(other)
  if (producer !== otherProducer) return producer < otherProducer ? -1 : 1
  return counter - otherCounter
}

function split(id: string): [producer: string, counter: number] {
  const bar = id.lastIndexOf('|')
  return [id.slice(0, bar), Number(id.slice(bar + 1))]
}

/** So many are on their way at once: far fewer than the core's window of counters. */
const resentAtOnce = 64

async function resend(box: Box, link: Link, ids: readonly string[]): Promise<number> {
  let sent = 0
  try {
    while (sent < ids.length && !box.closed) {
      const some = ids.slice(sent, sent + resentAtOnce)
      await Promise.all(some.map(id => resendOne(box, link, id)))
      sent += some.length
    }
  } catch {
    if (!box.closed) box.timer = setTimeout(() => void resend(box, link, ids.slice(sent)), resendEveryMs)
  }
  return sent
}

async function resendOne(box: Box, link: Link, id: string): Promise<void> {
  const kept = box.entries.get(id)
  if (kept === undefined) return
  const read = readKept(kept)
  if (read === null) {
    // It stays where it is, for whoever looks into it, and holds nobody up.
    box.failed += 1
    return
  }
  await link.store(subjects.log(read.partition), read.bytes, id, limits.publishTimeoutMs)
  if (!box.closed) drop(box, id)
}

function readKept(bytes: Buffer): Kept | null {
  try {
    return unpack(bytes) as Kept
  } catch {
    return null
  }
}
