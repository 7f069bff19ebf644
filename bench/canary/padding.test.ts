import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createLogger } from '../../config/logger.ts'
import { logStream, resultsStream } from '../../config/streams.ts'
import { streams, subjects } from '../../core/wire/subjects.ts'
import { createCounts } from '../../workers/counts.ts'
import { createErasure, type Erasure } from '../../workers/erasure.ts'
import { lastRound } from '../../workers/padding.ts'
import { trim } from '../../workers/worker.ts'
import { openRealLog, type RealLog } from '../e2e/realLog.ts'
import { searchFiles } from './search.ts'

/** What is left in the files of a real nats-server of entries that were trimmed, or expired. */
let log: RealLog
const mebibyte = 1024 * 1024
const sizes = { logBytesMax: 256 * mebibyte, resultsBytesMax: 128 * mebibyte, replicas: 1 } as const
const day = 86_400_000
const within = { timeout: 20_000, interval: 50 }

beforeEach(async () => {
  log = await openRealLog()
  await log.link.ensureStream(logStream(sizes))
  // As short as days are long: what follows waits for it.
  await log.link.ensureStream({ ...resultsStream(sizes), max_age: 1e9, duplicate_window: 1e8 })
})
afterEach(() => log.stop())

function erasureOf(counts = createCounts()): Erasure {
  return createErasure({
    link: log.link,
    logger: createLogger('silent'),
    counts,
    ...sizes,
    everyMs: day / 2,
    riskAfterMs: 5 * day,
    streamsFolder: log.path,
  })
}

const store = (subject: string, text: string) =>
  log.link.store(subject, Buffer.from(text), randomBytes(9).toString('hex'), 5_000)
const left = (canary: string) => searchFiles([join(log.path, 'nats')], [canary]).length
const trimAll = async () => {
  const { lastSequence } = await log.link.streamState(streams.log)
  await trim(log.link, lastSequence, Date.now() + day, sizes.logBytesMax)
}

async function killServer(): Promise<void> {
  const reconnects = log.link.reconnects()
  process.kill(Number(readFileSync(join(log.path, 'nats', 'server.pid'), 'utf8')), 'SIGKILL')
  await vi.waitFor(() => expect(log.link.reconnects()).toBeGreaterThan(reconnects), within)
  await vi.waitFor(() => log.link.streamState(streams.log), within)
}

test('padding lets the blocks go in which what was trimmed and what expired stands, also after a SIGKILL', async () => {
  const canary = `canary-${randomBytes(8).toString('hex')}`
  for (let count = 0; count < 200; count++) {
    await store(subjects.log(count % 4), `${canary}-log-${count}`)
    await store(subjects.results('acme', 'call'), `${canary}-results-${count}`)
  }
  await trimAll()
  // Others keep coming: a block without any entry would go by itself.
  await vi.waitFor(async () => {
    await store(subjects.results('acme', 'call'), 'something that comes later')
    expect((await log.link.streamState(streams.results)).firstSequence).toBeGreaterThan(200)
  }, within)
  // The control: trimmed and expired, and all of it still in the files.
  expect((await log.link.streamState(streams.log)).messages).toBe(1)
  const before = left(canary)
  expect(before).toBeGreaterThanOrEqual(400)

  const counts = createCounts()
  await erasureOf(counts).round(Date.now() + day)
  await trimAll()
  await vi.waitFor(() => expect(left(canary)).toBe(0), within)
  await killServer()
  expect(left(canary)).toBe(0)
  const [padded] = counts.asJson().filter(one => one.name === 'ringtrail_padding_bytes_total')
  for (const { value } of padded?.values ?? []) expect(value).toBeGreaterThanOrEqual(8 * mebibyte)
})

test('two workers that find padding due at once fill one block, and none before it is due', async () => {
  await store(subjects.log(0), 'an entry')
  const now = Date.now()
  const [one, other] = [createCounts(), createCounts()]
  await erasureOf(one).round(now)
  expect((await log.link.streamState(streams.log)).messages).toBe(1)
  await Promise.all([erasureOf(one).round(now + day), erasureOf(other).round(now + day)])
  const { bytes } = await log.link.streamState(streams.log)
  expect(bytes).toBeGreaterThan(8 * mebibyte)
  expect(bytes).toBeLessThan(8.3 * mebibyte)
  await erasureOf(other).round(Date.now() + day / 4)
  expect((await log.link.streamState(streams.log)).bytes).toBe(bytes)
})

test('a round that broke off is no round, and is due again before its time', async () => {
  await store(subjects.log(0), 'an entry')
  await store(subjects.padding(streams.log), 'the first of a round whose writer died')
  expect(await lastRound(log.link, streams.log)).toBeNull()
  await erasureOf().round(Date.now())
  const { lastSequence } = await log.link.streamState(streams.log)
  expect(await lastRound(log.link, streams.log)).toEqual({ from: 3, end: lastSequence })
  await erasureOf().round(Date.now())
  expect((await log.link.streamState(streams.log)).lastSequence).toBe(lastSequence)
})

test('a stream that is nearly full gets no padding; entries that are held too long and missing padding are said', async () => {
  await log.link.ensureStream(logStream({ ...sizes, logBytesMax: 1_000_000 }))
  const small = createErasure({
    link: log.link,
    logger: createLogger('silent'),
    counts: createCounts(),
    ...sizes,
    logBytesMax: 1_000_000,
    everyMs: day / 2,
    riskAfterMs: 5 * day,
    streamsFolder: log.path,
  })
  await store(subjects.log(0), 'an entry')
  await small.round(Date.now() + day)
  expect((await log.link.streamState(streams.log)).messages).toBe(1)
  expect(small.atRisk()).toEqual([])
  await small.round(Date.now() + 6 * day)
  expect(small.atRisk()).toEqual(['log-held', 'log-padding'])
  await store(subjects.log(0), 'a later entry')
  await trimAll()
  await small.round(Date.now())
  expect(small.atRisk()).toEqual([])
})
