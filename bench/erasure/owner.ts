import { createLogger } from '../../config/logger.ts'
import { type LinkOptions, openLink } from '../../config/nats.ts'
import { createSigner } from '../../config/signing.ts'
import { createCounts } from '../../workers/counts.ts'
import type { Erasure, Erasures } from '../../workers/erasures.ts'
import { type Owned, openPartition } from '../../workers/open.ts'
import { createReplies } from '../../workers/replies.ts'
import { type Digest, type Digested, digestOf } from './digest.ts'

/**
 * The owner of the one partition, in a process of its own: the product's own partition, store, key store, eraser and
 * retention, as a worker thread runs them; and, which no product offers, ears for who wants its store compacted now or
 * looked into.
 */
export type Ask =
  | { readonly kind: 'open'; readonly setup: OwnerSetup }
  | { readonly kind: 'stands' }
  | { readonly kind: 'compact' }
  | { readonly kind: 'numbers'; readonly except: readonly string[] }
  | { readonly kind: 'digest'; readonly what: Digested }
  | { readonly kind: 'erasures' }
  /** Whether all erasures, or the one that was asked for by `request`, have come so far. */
  | { readonly kind: 'reached'; readonly state: Reached; readonly request: string | null }
  | { readonly kind: 'keys'; readonly tenant: string; readonly names: readonly string[] }
  | { readonly kind: 'stop' }
export type Reached = 'keysGoneAt' | 'intakeGoneAt'
export type OwnerSetup = {
  readonly link: LinkOptions
  readonly dataDir: string
  readonly keyDir: string
  readonly rootKey: string
}
export type Stands = {
  readonly applied: number
  readonly committed: number
  readonly stopped: string | null
  readonly rssBytes: number
  readonly storeBytes: number
  readonly sessions: number
}
export type Told = {
  readonly open: null
  readonly stands: Stands
  readonly compact: { readonly rows: number; readonly pausedMs: number }
  readonly numbers: readonly string[]
  readonly digest: Digest
  readonly erasures: readonly Erasure[]
  readonly reached: boolean
  /** How many keys there are of these. */
  readonly keys: number
  readonly stop: null
}

const pulseCheckMs = 100

async function open({ link, dataDir, keyDir, rootKey }: OwnerSetup): Promise<Owned> {
  const own = await openLink(link)
  const root = Buffer.from(rootKey, 'hex')
  return openPartition({
    number: 0,
    link: own,
    reply: createReplies(own, null, () => undefined),
    counts: createCounts(),
    logger: createLogger('error'),
    dataDir,
    keyDir,
    rootKey: root,
    signer: createSigner(root),
    producer: 'worker|0011223344556677',
    backupsKeptMs: 90 * 86_400_000,
  })
}

const owned: { one: Owned | null; timer: NodeJS.Timeout | null } = { one: null, timer: null }
const leftOut = new Set<string>()

async function answer(ask: Ask): Promise<Told[Ask['kind']]> {
  if (ask.kind === 'open') {
    const one = await open(ask.setup)
    owned.one = one
    owned.timer = setInterval(() => one.pulse(), pulseCheckMs)
    return null
  }
  if (owned.one === null) throw new Error('not open')
  const { partition } = owned.one
  switch (ask.kind) {
    case 'stands':
      return {
        applied: partition.applied,
        committed: partition.committed,
        stopped: partition.stopped,
        rssBytes: process.memoryUsage.rss(),
        storeBytes: partition.store.usage().usedBytes,
        sessions: partition.state.tenants.get('bench')?.sessions.size ?? 0,
      }
    case 'compact':
      return partition.store.compact()
    case 'numbers':
      return numbersHeld(owned.one, new Set(ask.except))
    case 'digest':
      return digestOf(partition, ask.what, leftOut)
    case 'erasures':
      return erasuresIn(partition.erasures)
    case 'reached': {
      const { state, request } = ask
      return erasuresIn(partition.erasures).every(
        one => one[state] !== null || (request !== null && one.request !== request),
      )
    }
    case 'keys':
      return ask.names.reduce((sum, name) => sum + partition.keys.idsOf(ask.tenant, name).length, 0)
    case 'stop':
      if (owned.timer !== null) clearInterval(owned.timer)
      await owned.one.follower.stop()
      await owned.one.close()
      await partition.link.close()
      return null
  }
}

const erasuresIn = ({ pending, lingering }: Erasures) => [...pending.values(), ...lingering.values()]

/** Numbers that one visitor holds alone, and none of these. */
function numbersHeld({ partition }: Owned, except: ReadonlySet<string>): string[] {
  const numbers = partition.state.tenants.get('bench')?.numbers.entries() ?? []
  return [...numbers]
    .filter(([, { claims }]) => claims.length === 1 && !except.has(claims[0]?.visitor ?? ''))
    .map(([, { number }]) => number)
}

process.on('message', (message: { id: number; ask: Ask }) => {
  answer(message.ask).then(
    told =>
      process.send?.({ id: message.id, told }, () => {
        if (message.ask.kind === 'stop') process.exit(0)
      }),
    (error: Error) => process.send?.({ id: message.id, failed: error.message }),
  )
})
process.on('disconnect', () => process.exit(1))
