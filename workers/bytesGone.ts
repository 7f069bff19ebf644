import { join } from 'node:path'
import { environmentMadeAt } from '../config/lmdbFile.ts'
import type { Link } from '../config/nats.ts'
import { streams } from '../core/wire/subjects.ts'
import { advance, type Erasure, type Passing, type Streams } from './erasures.ts'
import { createNoting } from './noting.ts'
import { lastRound, type PaddingRound } from './padding.ts'
import type { Partition } from './partition.ts'
import { repeat } from './rounds.ts'

/**
 * Sees whether the bytes of what was erased have left the disk: the streams' first entries are behind a round of padding
 * that was begun after the last of its keys had gone, and both stores, and the outbox beside us, were written anew since.
 */
export type BytesSetup = Pick<Partition, 'erasures' | 'store' | 'keys' | 'link'> & {
  /** The gateway's, if one works in the same folder. */
  readonly outboxMadeAt: () => number | null
  readonly noteBytesGone: (erasure: Erasure) => void
  readonly clock: () => number
}

const roundEveryMs = 60_000

/** Looks once a minute, for as long as the partition lives. Resolves, when stopped, after the round under way. */
export function startSeeingBytesGo(
  partition: Partition,
  producer: string,
  dataDir: string,
): () => Promise<void> {
  const note = createNoting(partition, `${producer}|bytes`)
  const { erasures, store, keys, link, counts } = partition
  const setup: BytesSetup = {
    ...{ erasures, store, keys, link, clock: Date.now },
    outboxMadeAt: () => environmentMadeAt(join(dataDir, 'outbox')),
    noteBytesGone: ({ tenant, request }) =>
      note(tenant, { action: 'bytes-gone', request, counts: {}, detail: { because: 'erasure' } }),
  }
  return repeat(
    () => seeBytesGo(setup),
    roundEveryMs,
    () => counts.add('ringtrail_rights_failed_total', []),
  )
}

/** One round. What fails is looked at again in the next. */
export async function seeBytesGo(setup: BytesSetup): Promise<void> {
  const lingering = [...setup.erasures.lingering.values()]
  if (lingering.length === 0) return
  const [log, results] = [
    await extentOf(setup.link, streams.log),
    await extentOf(setup.link, streams.results),
  ]
  for (const erasure of lingering) await seeOne(setup, erasure, { log, results })
}

type Extent = { readonly first: number; readonly last: number; readonly round: PaddingRound | null }

async function extentOf(link: Link, stream: string): Promise<Extent> {
  const round = await lastRound(link, stream)
  const { firstSequence, lastSequence } = await link.streamState(stream)
  return { first: firstSequence, last: lastSequence, round }
}

async function seeOne(
  setup: BytesSetup,
  before: Erasure,
  extents: Readonly<Record<keyof Streams, Extent>>,
): Promise<void> {
  const { erasures, store, clock } = setup
  const streamsNow: Streams = {
    log: pass(before.streams?.log ?? null, extents.log),
    results: pass(before.streams?.results ?? null, extents.results),
  }
  const outboxGoneAt = before.outboxGoneAt ?? outboxGone(setup, before)
  const seen = { streams: streamsNow, outboxGoneAt }
  const after: Erasure = { ...before, ...seen }
  if (hasPassed(after, extents) && isWrittenAnew(setup, after)) {
    const gone = await advance(erasures, store, before, () => ({ ...seen, bytesGoneAt: clock() }))
    return setup.noteBytesGone(gone)
  }
  if (JSON.stringify(after) !== JSON.stringify(before)) await advance(erasures, store, before, () => seen)
}

/** Whatever was stored before we looked may hold something; the first whole round that is begun later closes its block. */
function pass(before: Passing | null, { last, round }: Extent): Passing {
  if (before === null) return { upTo: last, closedBy: null }
  if (before.closedBy !== null || round === null || round.from <= before.upTo) return before
  return { ...before, closedBy: round.end }
}

function hasPassed({ streams }: Erasure, extents: Readonly<Record<keyof Streams, Extent>>): boolean {
  const goneUpTo = ({ closedBy }: Passing, { first }: Extent) => closedBy !== null && first >= closedBy
  return streams !== null && goneUpTo(streams.log, extents.log) && goneUpTo(streams.results, extents.results)
}

function isWrittenAnew({ store, keys, outboxMadeAt }: BytesSetup, erasure: Erasure): boolean {
  const { rowsGoneAt, intakeGoneAt } = erasure
  const since = Math.max(rowsGoneAt ?? Number.POSITIVE_INFINITY, intakeGoneAt ?? Number.POSITIVE_INFINITY)
  if (store.madeAt() <= since || keys.madeAt() <= since) return false
  return outboxMadeAt() === null || erasure.outboxGoneAt !== null
}

function outboxGone({ outboxMadeAt, clock }: BytesSetup, { intakeGoneAt }: Erasure): number | null {
  const madeAt = outboxMadeAt()
  return madeAt !== null && intakeGoneAt !== null && madeAt > intakeGoneAt ? clock() : null
}
