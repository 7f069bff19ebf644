import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLogger } from '../../config/logger.ts'
import type { Link } from '../../config/nats.ts'
import { pack } from '../../config/pack.ts'
import { type LogMessage, logVersion, messageId } from '../../core/wire/log.ts'
import { streams, subjects } from '../../core/wire/subjects.ts'
import { createCounts } from '../../workers/counts.ts'
import { moveWhileIdle } from '../../workers/idle.ts'
import { type Owned, openPartition } from '../../workers/open.ts'
import { trim } from '../../workers/worker.ts'
import { until } from './badInputsClient.ts'
import { openRealLog, type RealLog } from './realLog.ts'
import { leave, storesIn } from './storesIn.ts'

/** Owners on a real log that is trimmed under them. */
const logger = createLogger('silent')
let log: RealLog
let link: Link
let counter = 0

beforeAll(async () => {
  log = await openRealLog()
  link = log.link
})

afterAll(() => log.stop())

function own(number: number, name: string): Promise<Owned> {
  const dataDir = join(log.path, name)
  const reply = () => undefined
  return openPartition({
    number,
    link,
    reply,
    counts: createCounts(),
    logger,
    ...storesIn(dataDir),
    producer: name,
  })
}

/** An entry that changes nothing, and its sequence. */
async function append(partition: number): Promise<number> {
  counter += 1
  const message: LogMessage = {
    version: logVersion,
    producer: `test|${partition}`,
    counter,
    lane: 'pulse',
    replyTo: '',
    events: [{ clear: { kind: 'pulse' }, personal: null }],
  }
  const { sequence } = await link.store(subjects.log(partition), pack(message), messageId(message), 5_000)
  return sequence
}

const committedUpTo = ({ partition }: Owned, sequence: number) =>
  until(
    async () => partition.committed,
    committed => committed >= sequence,
  )

test('a partition without entries moves with the log, so that the log can be trimmed', async () => {
  const busy = await own(0, 'first')
  const idle = await own(1, 'first')
  await append(1)
  for (let count = 0; count < 9; count++) await append(0)
  const last = await append(0)
  await committedUpTo(busy, last)
  await committedUpTo(idle, 1)
  await moveWhileIdle(idle)
  await moveWhileIdle(busy)
  await committedUpTo(idle, last)
  expect([busy.partition.committed, idle.partition.committed]).toEqual([last, last])

  await link.trim(streams.log, last + 1)
  expect(await link.streamState(streams.log)).toMatchObject({ firstSequence: last + 1, messages: 0 })
  await leave(busy)
  await leave(idle)

  const again = await own(1, 'first')
  expect(again.partition.stopped).toBe(null)
  const next = await append(1)
  await committedUpTo(again, next)
  await leave(again)
})

test('a partition that has entries to come does not move past them', async () => {
  const behind = await own(2, 'second')
  await behind.follower.stop()
  const entry = await append(2)
  await append(0)
  await moveWhileIdle(behind)
  expect(behind.partition.applied).toBeLessThan(entry)
  await behind.close()
})

test('an owner with an empty store stops at a trimmed log instead of beginning in its middle', async () => {
  const late = await own(1, 'third')
  expect(late.partition.stopped).toBe('log_gap')
  await leave(late)
})

test('a copy of another owner’s stores makes an owner that goes on where that one stood', async () => {
  cpSync(join(log.path, 'first'), join(log.path, 'copy'), { recursive: true })
  const copy = await own(1, 'copy')
  expect(copy.partition.stopped).toBe(null)
  await committedUpTo(copy, await append(1))
  await leave(copy)
})

test('what all have on disk goes, and what is young stays', async () => {
  const first = await append(0)
  const second = await append(0)
  const third = await append(0)
  const firstLeft = async () => (await link.streamState(streams.log)).firstSequence
  const before = await firstLeft()
  const longAgo = Date.now() - 60_000
  const plenty = 1_000_000_000
  expect(await link.sequenceSince(streams.log, longAgo)).toBe(before)
  expect(await link.sequenceSince(streams.log, Date.now() + 60_000)).toBe(third + 1)
  await trim(link, third, longAgo, plenty)
  await trim(link, null, Date.now() + 60_000, 0)
  expect(await firstLeft()).toBe(before)
  await trim(link, second, Date.now() + 60_000, plenty)
  expect(await firstLeft()).toBe(second)
  expect(first).toBeLessThan(second)
})

test('a log that is more than half full gives up the oldest that all have on disk, however young', async () => {
  for (let count = 0; count < 20; count++) await append(0)
  const { firstSequence, lastSequence, bytes } = await link.streamState(streams.log)
  const longAgo = Date.now() - 60_000
  await trim(link, firstSequence + 2, longAgo, bytes)
  expect((await link.streamState(streams.log)).firstSequence).toBe(firstSequence + 2)
  await trim(link, lastSequence, longAgo, bytes)
  const half = await link.streamState(streams.log)
  expect(half.bytes).toBeLessThanOrEqual(bytes / 2)
  expect(half.bytes).toBeGreaterThan(bytes / 3)
  await trim(link, lastSequence, longAgo, bytes)
  expect((await link.streamState(streams.log)).firstSequence).toBe(half.firstSequence)
})
