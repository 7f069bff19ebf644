import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLogger } from '../../config/logger.ts'
import { type Link, openLink } from '../../config/nats.ts'
import { logStream } from '../../config/streams.ts'
import { streams, subjects } from '../../core/wire/subjects.ts'
import { type NatsChild, startNats } from '../../gateway/natsChild.ts'
import { temporaryFolder } from '../system.ts'
import { until } from './badInputsClient.ts'

/** A follower of a real stream that cannot take more for a while, as a partition whose commits fail. */
const folder = temporaryFolder()
let nats: NatsChild
let link: Link

beforeAll(async () => {
  const storeDir = join(folder.path, 'nats')
  nats = await startNats({ storeDir, durability: 'lazy', logger: createLogger('silent') })
  link = await openLink(nats.link)
  await link.ensureStream(logStream())
})

afterAll(async () => {
  await link.close()
  await nats.stop()
  folder.remove()
})

test('what a follower cannot take stays in the stream, and is taken once, in order, when it can', async () => {
  const entries = 3_000
  const taken: number[] = []
  let room = 1_000
  const follower = link.follow({
    stream: streams.log,
    subject: subjects.log(1),
    from: 1,
    take: record => void taken.push(record.sequence),
    trouble: () => undefined,
    ready: () => taken.length < room,
  })
  for (let entry = 0; entry < entries; entry += 1)
    link.publishToStream(subjects.log(1), Buffer.from('entry'), `entry|${entry}`, null)
  await until(
    async () => (await link.streamState(streams.log)).messages,
    messages => messages === entries,
  )
  await until(
    async () => taken.length,
    length => length === room,
  )
  await link.flush()
  expect(taken).toHaveLength(1_000)
  room = Number.POSITIVE_INFINITY
  await until(
    async () => taken.length,
    length => length >= entries,
  )
  expect(taken).toEqual(Array.from({ length: entries }, (_, place) => place + 1))
  await follower.stop()
})

test('a follower ends with its connection', async () => {
  const other = await openLink(nats.link)
  const follow = { stream: streams.log, subject: subjects.log(1), from: 1, trouble: () => undefined }
  const follower = other.follow({ ...follow, take: () => undefined })
  await other.close()
  await follower.stop()
})
