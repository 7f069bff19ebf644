import { join } from 'node:path'
import { type Environment, openEnvironment } from '../config/lmdb.ts'
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
  /** Publishes again, unchanged, what an earlier life of this gateway left. Its ids make a repetition harmless. */
  resend(link: Link): Promise<number>
  size(): number
  spooled(): number
  close(): Promise<void>
}

type Kept = { readonly partition: number; readonly bytes: Uint8Array }

export function openOutbox(dataDir: string): Outbox {
  const entries = openEnvironment<string>(join(dataDir, 'outbox'))
  // Asked for every message that the log takes: a look into LMDB each time would cost every caller.
  const ids = new Set<string>(entries.getKeys())
  let spooled = 0
  const drop = (id: string) => {
    if (ids.delete(id)) void entries.remove(id)
  }
  return {
    keep: async (id, partition, bytes) => {
      if (ids.has(id)) return
      if (ids.size >= limits.outboxEntriesMax) throw new Error('the outbox is full')
      ids.add(id)
      spooled += 1
      await entries.put(id, pack({ partition, bytes } satisfies Kept))
      // A carrier is told that this is kept: visible is not enough, it has to be on the disk.
      await entries.flushed
    },
    drop,
    resend: link => resend(entries, link, drop),
    size: () => ids.size,
    spooled: () => spooled,
    close: () => entries.close(),
  }
}

async function resend(entries: Environment<string>, link: Link, drop: (id: string) => void): Promise<number> {
  let sent = 0
  for (const id of [...entries.getKeys()]) {
    const kept = entries.get(id)
    if (kept === undefined) continue
    const { partition, bytes } = unpack(kept) as Kept
    await link.store(subjects.log(partition), bytes, id, limits.publishTimeoutMs)
    drop(id)
    sent += 1
  }
  return sent
}
