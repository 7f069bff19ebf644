import { randomBytes } from 'node:crypto'
import type { Link } from '../config/nats.ts'
import type { Entry } from '../config/streamLife.ts'
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

/**
 * By the time of the last padding, whoever wrote it; where there is none, by the first entry: a new stream waits. A round
 * that did not come to its end closed no block, and is due again at once.
 */
export async function paddingState(link: Link, padded: Padded, now: number): Promise<PaddingState> {
  const { stream, everyMs } = padded
  const last = await lastPadding(link, stream)
  const since = last?.timeMs ?? (await oldestAt(link, stream))
  const isBroken = last !== null && roundIn(last) === null
  return { due: isBroken || (since !== null && now - since >= everyMs), paddedAt: last?.timeMs ?? null }
}

async function lastPadding(link: Link, stream: string): Promise<Entry | null> {
  const last = await link.lastSequence(stream, subjects.padding(stream))
  return last === 0 ? null : link.entryAt(stream, last)
}

/** A round of padding that came to its end: whatever stood before `from` stands in another block than what is behind `end`. */
export type PaddingRound = { readonly from: number; readonly end: number }

/** The last round, where that is whole; null: there is none, or one is under way. */
export async function lastRound(link: Link, stream: string): Promise<PaddingRound | null> {
  const last = await lastPadding(link, stream)
  return last && roundIn(last)
}

const endOf = 'padding from '

/** The last message of a round names the first; the others are random bytes. */
function roundIn({ sequence, data }: Entry): PaddingRound | null {
  const text = Buffer.from(data).toString('latin1', 0, 64)
  const from = data.length <= 64 && text.startsWith(endOf) ? Number(text.slice(endOf.length)) : Number.NaN
  return Number.isSafeInteger(from) ? { from, end: sequence } : null
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
  const store = (name: string, data: Buffer) =>
    link.store(subjects.padding(stream), data, `padding|${stream}|${round}|${name}`, limits.publishTimeoutMs)
  let stored = 0
  let from = 0
  for (let index = 0; index < messages; index++) {
    const ack = await store(String(index), randomBytes(length))
    if (index === 0) from = ack.sequence
    if (!ack.duplicate) stored += length
  }
  await store('end', Buffer.from(`${endOf}${from}`))
  return stored
}
