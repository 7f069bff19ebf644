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

/** Takes no message that says `junk`. */
function refusing(heard: string[]) {
  return ({ data }: { readonly data: Uint8Array }) => {
    const text = Buffer.from(data).toString()
    if (text === 'junk') throw new Error(text)
    heard.push(text)
  }
}

test('what whoever takes it cannot read is passed over, by subscribers, followers and who asked alike', async () => {
  const broke: string[] = []
  const other = await openLink(nats.link, error => void broke.push(error.message))
  const [heard, followed]: [string[], string[]] = [[], []]
  other.subscribe('said', refusing(heard))
  other.subscribe('asked', ({ respond }) => {
    for (const answer of ['junk', 'answer']) respond(Buffer.from(answer))
  })
  const follower = other.follow({
    ...{ stream: streams.log, subject: subjects.log(2), from: null },
    take: refusing(followed),
    trouble: error => void broke.push(error.message),
  })
  await other.flush()
  const willDo = (answer: Uint8Array) => {
    refusing([])({ data: answer })
    return true
  }
  const question = { subject: 'asked', data: Buffer.of(), withinMs: 5_000, betterWithinMs: 5_000, willDo }
  expect(Buffer.from(await other.ask(question)).toString()).toBe('answer')
  await until(
    async () => {
      for (const text of ['junk', 'text']) {
        link.publish('said', Buffer.from(text))
        await link.store(
          subjects.log(2),
          Buffer.from(text),
          `${text} ${followed.length} ${Date.now()}`,
          5_000,
        )
      }
      return [heard, followed].every(texts => texts.includes('text'))
    },
    both => both,
  )
  expect(new Set([...broke, ...heard, ...followed])).toEqual(new Set(['junk', 'text']))
  await follower.stop()
  await other.close()
})

test('a follower ends with its connection', async () => {
  const other = await openLink(nats.link)
  const follow = { stream: streams.log, subject: subjects.log(1), from: 1, trouble: () => undefined }
  const follower = other.follow({ ...follow, take: () => undefined })
  await other.close()
  await follower.stop()
})
