import { randomBytes } from 'node:crypto'
import type { Link } from '../config/nats.ts'
import { blockBytes } from '../config/streams.ts'
import { limits } from '../core/limits.ts'
import { subjects } from '../core/wire/subjects.ts'

/**
 * Padding of a stream. nats-server takes an entry's bytes off the disk with the block file that they stand in, when that
 * has no entry left and another is written to: as much padding as a block holds closes the one that is in use, and it goes
 * when the last of it is trimmed or expires.
 */
export type Padded = {
  readonly stream: string
  readonly bytesMax: number
  readonly everyMs: number
}

/** How a stream stands. `due`: its block has been in use for longer than it may. */
export type PaddingState = { readonly due: boolean; readonly paddedAt: number | null }

/** By the time of the last padding, whoever wrote it; where there is none, by the first entry: a new stream waits. */
export async function paddingState(link: Link, padded: Padded, now: number): Promise<PaddingState> {
  const { stream, everyMs } = padded
  const last = await link.lastSequence(stream, subjects.padding(stream))
  const paddedAt = last === 0 ? null : ((await link.entryAt(stream, last))?.timeMs ?? null)
  const since = paddedAt ?? (await oldestAt(link, stream))
  return { due: since !== null && now - since >= everyMs, paddedAt }
}

/** When the first entry of a stream was stored; null: it has none. */
export async function oldestAt(link: Link, stream: string): Promise<number | null> {
  const { firstSequence, messages } = await link.streamState(stream)
  return messages === 0 ? null : ((await link.entryAt(stream, firstSequence))?.timeMs ?? null)
}

/**
 * Fills the block, a message at a time, and says with how many bytes; null: the stream is too full. Ids are those of the
 * round, so that of two workers that begin at once the second fills nothing.
 */
export async function pad(
  link: Link,
  { stream, bytesMax, everyMs }: Padded,
  now: number,
): Promise<number | null> {
  const { bytes } = await link.streamState(stream)
  const block = blockBytes(bytesMax)
  if (bytes + block > bytesMax * limits.paddingStopAt) return null
  const length = Math.min(limits.paddingMessageBytes, link.payloadBytesMax())
  const round = Math.floor(now / everyMs)
  // One more than the block can hold: that one stands in the next.
  const messages = Math.ceil(block / length) + 1
  let stored = 0
  for (let index = 0; index < messages; index++) {
    const id = `padding|${stream}|${round}|${index}`
    const ack = await link.store(subjects.padding(stream), randomBytes(length), id, limits.publishTimeoutMs)
    if (!ack.duplicate) stored += length
  }
  return stored
}
