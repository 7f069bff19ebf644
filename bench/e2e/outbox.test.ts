import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLogger } from '../../config/logger.ts'
import { type Link, openLink } from '../../config/nats.ts'
import { pack } from '../../config/pack.ts'
import { logStream, resultsStream } from '../../config/streams.ts'
import { type LogMessage, logVersion, messageId } from '../../core/wire/log.ts'
import { type NatsChild, startNats } from '../../gateway/natsChild.ts'
import { openOutbox } from '../../gateway/outbox.ts'
import { createCounts } from '../../workers/counts.ts'
import { openPartition } from '../../workers/open.ts'
import { temporaryFolder } from '../system.ts'
import { until } from './badInputsClient.ts'

/** What a gateway left in its outbox, a real log, and a partition that applies it. */
const folder = temporaryFolder()
const logger = createLogger('silent')
let nats: NatsChild
let link: Link

beforeAll(async () => {
  nats = await startNats({ storeDir: join(folder.path, 'nats'), durability: 'lazy', logger })
  link = await openLink(nats.link)
  await link.ensureStream(logStream())
  await link.ensureStream(resultsStream())
})

afterAll(async () => {
  await link.close()
  await nats.stop()
  folder.remove()
})

const left = 3_000

function kept(counter: number): LogMessage {
  const producer = 'gateway|boot|call|1'
  const events = [{ clear: { kind: 'pulse' }, personal: null }] as const
  return { version: logVersion, producer, counter, lane: 'call', replyTo: '', events }
}

test('a long outage is sent again in the order in which it came: nothing of it passes for heard before', async () => {
  const filled = openOutbox(join(folder.path, 'gateway'))
  const messages = Array.from({ length: left }, (_, place) => kept(place + 1))
  await Promise.all(messages.map(one => filled.keep(messageId(one), 1, pack(one))))
  await filled.close()
  const counts = createCounts()
  const dataDir = join(folder.path, 'worker')
  const reply = () => undefined
  const owned = await openPartition({ number: 1, link, reply, counts, logger, dataDir, producer: 'worker' })
  const outbox = openOutbox(join(folder.path, 'gateway'))
  expect(await outbox.resend(link)).toBe(left)
  await until(
    async () => owned.partition.applied,
    applied => applied === left,
  )
  const outcomes = counts.asJson().find(one => one.name === 'ringtrail_outcomes_total')?.values ?? []
  expect(outcomes.find(({ labels }) => labels.kind === 'repeated')?.value ?? 0).toBe(0)
  expect(outbox.size()).toBe(0)
  await outbox.close()
  await owned.follower.stop()
  await owned.close()
})
