import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLogger } from '../../config/logger.ts'
import type { Link } from '../../config/nats.ts'
import { pack } from '../../config/pack.ts'
import type { Input } from '../../core/input.ts'
import { limits } from '../../core/limits.ts'
import { hello, policyOf } from '../../core/story.ts'
import { type LogMessage, logVersion, messageId } from '../../core/wire/log.ts'
import { subjects } from '../../core/wire/subjects.ts'
import { createCounts } from '../../workers/counts.ts'
import { type Owned, openPartition } from '../../workers/open.ts'
import { openStore } from '../../workers/store.ts'
import { until } from './badInputsClient.ts'
import { openRealLog, type RealLog } from './realLog.ts'
import { storesIn } from './storesIn.ts'

/** A partition on a real log and store whose state breaks in the middle of an entry. */
let log: RealLog
let link: Link
let counter = 0

beforeAll(async () => {
  log = await openRealLog()
  link = log.link
})

afterAll(() => log.stop())

async function append(...inputs: Input[]): Promise<void> {
  counter += 1
  const events = inputs.map(clear => ({ clear, personal: null }))
  const producer = 'gateway|boot|visit|1'
  const message: LogMessage = {
    version: logVersion,
    producer,
    counter,
    lane: 'visit',
    replyTo: '',
    events,
  }
  await link.store(subjects.log(1), pack(message), messageId(message), 5_000)
}

const dataDir = () => join(log.path, 'worker')

function own(): Promise<Owned> {
  const logger = createLogger('silent')
  const reply = () => undefined
  return openPartition({
    number: 1,
    link,
    reply,
    counts: createCounts(),
    logger,
    ...storesIn(dataDir()),
    producer: 'worker',
  })
}

/** The visitors' table refuses who comes third from now on. */
function breakAtThird(owned: Owned): void {
  const visitors = owned.partition.state.tables.visitors.of('acme')
  const set = visitors.set.bind(visitors)
  let left = 2
  visitors.set = (key, row) => {
    if (left === 0) throw new Error('broken on purpose')
    left -= 1
    set(key, row)
  }
}

test('a partition that stops in the middle of an entry stores nothing of it, and a new start derives it whole', async () => {
  const owned = await own()
  await append({ kind: 'configured', tenant: 'acme', version: '1', policy: policyOf(8) })
  await append(hello('anna', 'session-anna'))
  await until(
    async () => owned.partition.committed,
    committed => committed === 2,
  )
  breakAtThird(owned)
  // The first of these is to be committed in a moment when the second breaks.
  const broken = [hello('bo', 'session-bo'), hello('cai', 'session-cai')]
  await Promise.all([append(hello('dan', 'session-dan')), append(...broken)])
  await until(
    async () => owned.partition.stopped,
    stopped => stopped === 'invariant',
  )
  // Timers of one length fire in the order in which they were set: the commit that was due has begun when this is over.
  await new Promise(resolve => setTimeout(resolve, limits.commitEveryMs))
  await owned.follower.stop()
  await owned.close()
  const store = openStore(dataDir(), 1)
  expect(store.position()?.sequence).toBeLessThan(4)
  const sessions = [...store.rows()].filter(({ table }) => table === 'sessions').map(({ key }) => key)
  expect(sessions).not.toContain('acme session-bo')
  expect(sessions).not.toContain('acme session-cai')
  await store.close()
  const again = await own()
  await until(
    async () => again.partition.applied,
    applied => applied === 4,
  )
  expect(again.partition.state.tables.sessions.size).toBe(4)
  await again.follower.stop()
  await again.close()
})
