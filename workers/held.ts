import type { LogRecord } from '../config/nats.ts'
import { limits } from '../core/limits.ts'
import { streams, subjects } from '../core/wire/subjects.ts'
import { isDiskFull } from './erasure.ts'
import { hasRoom, orStop, type Partition, turn } from './partition.ts'
import { repeat } from './rounds.ts'

/**
 * What a partition that stopped did not apply must not be lost, and must not hold the log for all others: bytes of people
 * who were erased elsewhere would stay with it. So after some days, of which everybody was alarmed, it takes its entries
 * into its own store, and the log is trimmed as if it had applied them. When it goes on it applies them first, in their
 * order, and nobody can tell the difference. Only where the log itself is in doubt, or the store, everything stays.
 */

const everyMs = 60_000

/** Looks once a minute, for as long as the partition lives. Resolves, when stopped, after the round under way. */
export function startHolding(partition: Partition, dataDir: string): () => Promise<void> {
  let isLeaving = false
  const stop = repeat(
    async () => {
      if (partition.stopped === null) return letGoApplied(partition)
      if (await isDiskFull(dataDir)) return
      await holdOld(partition, Date.now(), () => isLeaving)
    },
    everyMs,
    () => partition.counts.add('ringtrail_commit_failures_total', []),
  )
  return () => {
    isLeaving = true
    return stop()
  }
}

/** Takes what is too old for the log out of it. Where it has to leave before the end, another round goes on there. */
export async function holdOld(
  partition: Partition,
  nowMs: number,
  isLeaving: () => boolean = () => false,
): Promise<void> {
  const { link, store, committed } = partition
  if (partition.stopped !== 'invariant' || !link.isConnected()) return
  const upTo = (await link.sequenceSince(streams.log, nowMs - limits.heldAfterMs)) - 1
  const from = Math.max(committed, partition.held.upTo) + 1
  if (upTo < from) return
  const before = partition.held.entries
  const take = async (records: readonly LogRecord[], through: number) => {
    const held = { upTo: through, entries: partition.held.entries + records.length }
    await store.hold(records, held)
    partition.held = held
  }
  for await (const page of pagesOf(partition, { from, upTo, isLeaving }))
    await take(page, page.at(-1)?.sequence ?? from)
  if (!isLeaving()) await take([], upTo)
  const { entries } = partition.held
  if (entries > before) partition.logger.warn({ partition: partition.number, upTo, entries }, 'entries_held')
}

const stallsAfterMs = 10_000
const lookEveryMs = 10

/** What the log holds of the partition between two sequences; each page is taken in before the next is read. */
async function* pagesOf(
  { link, number }: Partition,
  {
    from,
    upTo,
    isLeaving,
  }: { readonly from: number; readonly upTo: number; readonly isLeaving: () => boolean },
): AsyncGenerator<LogRecord[]> {
  const subject = subjects.log(number)
  const last = await link.lastSequence(streams.log, subject)
  if (last < from) return
  const page = { records: [] as LogRecord[], bytes: 0, isLast: false }
  const isFull = () => page.records.length >= limits.heldPerPageMax || page.bytes >= limits.heldPageBytesMax
  const take = (record: LogRecord) => {
    if (page.isLast) return
    page.isLast = record.sequence >= Math.min(last, upTo)
    if (record.sequence > upTo) return
    page.records.push(record)
    page.bytes += record.data.length
  }
  const follower = link.follow({
    ...{ stream: streams.log, subject, from, take, trouble: () => undefined },
    ready: () => !isFull(),
  })
  try {
    for (;;) {
      await until(() => isFull() || page.isLast || isLeaving())
      const { records } = page
      const isLast = page.isLast
      Object.assign(page, { records: [], bytes: 0 })
      if (records.length > 0) yield records
      if (isLast || isLeaving()) return
    }
  } finally {
    await follower.stop()
  }
}

/** Rejects where nothing comes: the link is away, and it is tried again in the next round. */
async function until(is: () => boolean): Promise<void> {
  const endsAt = performance.now() + stallsAfterMs
  while (!is()) {
    if (performance.now() > endsAt) throw new Error('the log gives nothing')
    await new Promise(resolve => setTimeout(resolve, lookEveryMs))
  }
}

/** Before the log is followed: applies what is held, in its order. */
export async function applyHeld(
  partition: Partition,
  { commit, isLeaving }: { readonly commit: () => void; readonly isLeaving: () => boolean },
): Promise<void> {
  const goesOn = () => partition.stopped === null && !isLeaving()
  while (goesOn() && partition.applied < partition.held.upTo) {
    orStop(partition, () => applyPage(partition))
    commit()
    do await new Promise(resolve => setTimeout(resolve, lookEveryMs))
    while (goesOn() && !hasRoom(partition))
  }
}

function applyPage(partition: Partition): void {
  const page = partition.store.heldAfter(partition.applied, limits.heldPerPageMax)
  for (const record of page) turn(partition, record)
  if (page.length === 0) passOver(partition)
}

/** The log has nothing of the partition between the last that is held and where it goes on. */
function passOver(partition: Partition): void {
  partition.applied = partition.held.upTo
  partition.group.sequence = partition.held.upTo
}

/**
 * What is held may be of people who are erased as it is applied. A file that is written anew meanwhile would still have it,
 * and be taken for one that has not.
 */
export function isApplyingHeld({ stopped, held }: Pick<Partition, 'stopped' | 'held'>): boolean {
  return stopped === null && held.upTo > 0
}

/** What was committed is not needed any more; a commit is on the disk before what comes after it. */
export async function letGoApplied(partition: Partition): Promise<void> {
  while (partition.held.upTo > 0 && partition.stopped === null) {
    const before = partition.held
    partition.held = await partition.store.letGo(partition.committed, limits.forgetPerPulseMax)
    if (partition.held.entries === before.entries) return
  }
}
