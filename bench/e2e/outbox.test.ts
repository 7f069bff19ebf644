import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLogger } from '../../config/logger.ts'
import type { Link } from '../../config/nats.ts'
import { pack } from '../../config/pack.ts'
import { type LogMessage, logVersion, messageId } from '../../core/wire/log.ts'
import { openOutbox } from '../../gateway/outbox.ts'
import { createCounts } from '../../workers/counts.ts'
import { openPartition } from '../../workers/open.ts'
import { until } from './badInputsClient.ts'
import { openRealLog, type RealLog } from './realLog.ts'
import { storesIn } from './storesIn.ts'

/** What a gateway left in its outbox, a real log, and a partition that applies it. */
const logger = createLogger('silent')
let log: RealLog
let link: Link

beforeAll(async () => {
  log = await openRealLog()
  link = log.link
})

afterAll(() => log.stop())

const left = 3_000

function kept(counter: number): LogMessage {
  const producer = 'gateway|boot|call|1'
  const events = [{ clear: { kind: 'pulse' }, personal: null }] as const
  return { version: logVersion, producer, counter, lane: 'call', replyTo: '', events }
}

test('a long outage is sent again in the order in which it came: nothing of it passes for heard before', async () => {
  const filled = openOutbox(join(log.path, 'gateway'))
  const messages = Array.from({ length: left }, (_, place) => kept(place + 1))
  await Promise.all(messages.map(one => filled.keep(messageId(one), 1, pack(one))))
  await filled.close()
  const counts = createCounts()
  const dataDir = join(log.path, 'worker')
  const reply = () => undefined
  const owned = await openPartition({
    number: 1,
    link,
    reply,
    counts,
    logger,
    ...storesIn(dataDir),
    producer: 'worker',
  })
  const outbox = openOutbox(join(log.path, 'gateway'))
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
