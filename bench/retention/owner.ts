import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { createLogger } from '../../config/logger.ts'
import type { Link } from '../../config/nats.ts'
import { pack } from '../../config/pack.ts'
import { createSigner } from '../../config/signing.ts'
import type { LogMessage } from '../../core/wire/log.ts'
import { commitOnce } from '../../workers/commit.ts'
import { createCounts } from '../../workers/counts.ts'
import { openKeyStore } from '../../workers/keys/keyStore.ts'
import { restore } from '../../workers/open.ts'
import { expireFields, type FieldExpiry } from '../../workers/fieldExpiry.ts'
import { type Partition, turn } from '../../workers/partition.ts'
import { applyRetention, createSaying, type Kept, nextRetentionAt } from '../../workers/retention.ts'
import { openStore } from '../../workers/store.ts'

/**
 * One owner of a partition with its real store and key store on disk. Only the log is played: what it holds is in memory,
 * and its clock is an argument.
 */
export type Owner = {
  readonly partition: Partition
  /** Takes a message of the log, and what the owner itself says thereupon, and commits. */
  hear(message: LogMessage, atMs: number): Promise<void>
  /** What the owner does each second: retention until nothing more is due, then the records of days that are over. */
  round(nowMs: number): Promise<void>
  /** Closes everything and opens it again from its files. */
  restart(): Promise<void>
  close(): Promise<void>
}

export type OwnerSetup = {
  readonly directory: string
  /** What is put between retention and what it works on, to break it. */
  readonly tamper?: (kept: Kept) => Kept
}

export const partitionNumber = 0
const rootKey = createHash('sha256').update('a root key for the simulated owner').digest()
const sayAgainMs = 60_000

export async function openOwner({ directory, tamper = kept => kept }: OwnerSetup): Promise<Owner> {
  const log: Uint8Array[] = []
  const said: Uint8Array[] = []
  let partition = await open(directory, said)
  let say = createSaying(partition, 'simulated')
  let saidMs = 0
  let expiry: FieldExpiry = { sweep: null }
  const take = async (data: Uint8Array, timeMs: number) => {
    log.push(data)
    turn(partition, { subject: '', sequence: log.length, timeMs, data })
    if (partition.stopped !== null) throw new Error(`the partition stopped: ${partition.stopped}`)
    await commitOnce(partition)
  }
  const close = async () => {
    await partition.store.close()
    await partition.keys.close()
  }
  return {
    get partition() {
      return partition
    },
    hear: (message, atMs) => take(pack(message), atMs),
    round: async nowMs => {
      const { state, store, keys, storedUntilMs } = partition
      const kept = tamper({ state, store, keys })
      await applyRetention(kept)
      do await expireFields({ ...kept, storedUntilMs }, expiry)
      while (expiry.sweep !== null)
      partition.retentionDueAt = nextRetentionAt(partition)
      // A machine's clock of its own, so that what was not heard is said again in the next round.
      saidMs += sayAgainMs
      say(store.retentionDays(), saidMs)
      for (const data of said.splice(0)) await take(data, nowMs)
    },
    restart: async () => {
      await close()
      partition = await open(directory, said)
      say = createSaying(partition, 'simulated')
      expiry = { sweep: null }
    },
    close,
  }
}

async function open(directory: string, said: Uint8Array[]): Promise<Partition> {
  const store = openStore(directory, partitionNumber)
  const keys = await openKeyStore({ directory: join(directory, 'keys'), rootKey })
  const position = store.position()
  const opening = {
    number: partitionNumber,
    dataDir: directory,
    link: playedLink(said),
    reply: () => undefined,
    counts: createCounts(),
    logger: createLogger('silent'),
    signer: createSigner(rootKey),
  }
  return restore(opening, { store, keys }, position, 'the log', position?.sequence ?? 0)
}

/** Keeps what is appended to LOG, and lets results go. */
function playedLink(said: Uint8Array[]): Link {
  const link: Pick<Link, 'isConnected' | 'publish' | 'store'> = {
    isConnected: () => true,
    publish: () => undefined,
    store: async (subject, data) => {
      if (subject.includes('log')) said.push(data)
      return { sequence: 0, duplicate: false }
    },
  }
  return link as Link
}
