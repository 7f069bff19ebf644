import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openEnvironment, transact } from '../../config/lmdb.ts'
import { createLogger } from '../../config/logger.ts'
import { pack } from '../../config/pack.ts'
import type { Input } from '../../core/input.ts'
import { limits } from '../../core/limits.ts'
import { hello, policyOf } from '../../core/story.ts'
import { type LogMessage, logVersion, messageId } from '../../core/wire/log.ts'
import { streams, subjects } from '../../core/wire/subjects.ts'
import { createCounts } from '../../workers/counts.ts'
import { holdOld, letGoApplied } from '../../workers/held.ts'
import { moveWhileIdle } from '../../workers/idle.ts'
import { type Owned, openPartition } from '../../workers/open.ts'
import { trim } from '../../workers/worker.ts'
import { until } from './badInputsClient.ts'
import { openRealLog, type RealLog } from './realLog.ts'
import { leave, storesIn } from './storesIn.ts'

/** A partition that stopped on a real log, which goes on for others and is trimmed: nothing of it is lost. */
let log: RealLog
let counter = 0
beforeAll(async () => {
  log = await openRealLog()
})
afterAll(() => log.stop())

const number = 1
const sealed = Buffer.from([0, 0xc0])

async function append(partition: number, ...inputs: Input[]): Promise<number> {
  counter += 1
  const message: LogMessage = {
    ...{ version: logVersion, producer: 'gateway|boot|visit|1', counter, lane: 'visit', replyTo: '' },
    events: inputs.map(clear => ({ clear, personal: 'visitor' in clear ? sealed : null })),
  }
  const { link } = log
  return (await link.store(subjects.log(partition), pack(message), messageId(message), 5_000)).sequence
}

function own(name: string): Promise<Owned> {
  const common = { link: log.link, logger: createLogger('silent'), counts: createCounts() }
  const stores = storesIn(join(log.path, name))
  return openPartition({ ...common, ...stores, number, reply: () => undefined, producer: name })
}

const committedUpTo = ({ partition }: Owned, sequence: number) =>
  until(
    async () => partition.committed,
    committed => committed >= sequence,
  )

/** All that the store holds, but for what only this owner knows. */
function kept({ partition: { store } }: Owned): unknown {
  const history = store.history('acme', 0, Number.MAX_SAFE_INTEGER, 10_000)
  return { rows: [...store.rows()], history, position: store.position() }
}

const visit = (name: string) => hello(name, `session-${name}`)
/** By then every entry that there is now is older than the log may hold it. */
const daysLater = () => Date.now() + limits.heldAfterMs + 60_000

/** What it reads first of all that it holds has a byte too many; resolves to what mends it. */
async function damageHeld(name: string): Promise<() => Promise<void>> {
  const open = () => openEnvironment<(string | number)[]>(join(log.path, name, 'partitions/001'))
  const store = open()
  const [row] = store.getRange({ start: ['held', 0], end: ['held', Number.MAX_SAFE_INTEGER], limit: 1 })
  if (row === undefined) throw new Error('it holds nothing')
  await transact(store, changes => changes.put(row.key, Buffer.concat([row.value, Buffer.of(0)])))
  await store.close()
  return async () => {
    const again = open()
    await transact(again, changes => changes.put(row.key, row.value))
    await again.close()
  }
}

test('what a stopped partition did not apply leaves the log for its store, and is applied when it goes on', async () => {
  const [owned, twin] = [await own('stopped'), await own('twin')]
  await append(number, { kind: 'configured', tenant: 'acme', version: '1', policy: policyOf(8) })
  const first = await append(number, visit('anna'))
  await committedUpTo(owned, first)
  const { visitors } = owned.partition.state.tables
  visitors.of('acme').set = () => {
    throw new Error('broken on purpose')
  }
  for (let count = 0; count < limits.heldPerPageMax + 20; count++) await append(number, visit(`b${count}`))
  await append(0, { kind: 'pulse' })
  const last = await append(0, { kind: 'pulse' })
  await until(
    async () => owned.partition.stopped,
    stopped => stopped === 'invariant',
  )
  await holdOld(owned.partition, Date.now())
  expect(owned.partition.held.upTo).toBe(0)
  await holdOld(owned.partition, daysLater(), () => true)
  expect(owned.partition.held.upTo).toBeLessThan(last)
  await holdOld(owned.partition, daysLater())
  expect(owned.partition.held).toEqual({ upTo: last, entries: limits.heldPerPageMax + 20 })
  expect(owned.partition.committed).toBe(first)
  await committedUpTo(twin, last - 2)
  await moveWhileIdle(twin)
  await committedUpTo(twin, last)
  await leave(owned)

  await trim(log.link, last, daysLater(), Number.MAX_SAFE_INTEGER)
  expect(await log.link.lastSequence(streams.log, subjects.log(number))).toBe(0)
  const mend = await damageHeld('stopped')
  const damaged = await own('stopped')
  await until(
    async () => damaged.partition.stopped,
    stopped => stopped === 'invariant',
  )
  expect(damaged.partition.committed).toBe(first)
  await leave(damaged)
  await mend()
  const again = await own('stopped')
  // Nobody takes it for one that has nothing to do.
  await moveWhileIdle(again)
  await committedUpTo(again, last)
  expect(again.partition.stopped).toBe(null)
  expect(again.partition.state.tables.sessions.size).toBe(limits.heldPerPageMax + 21)
  const [one, other] = [kept(again), kept(twin)] as { position: object }[]
  expect({ ...one, position: null }).toEqual({ ...other, position: null })

  await letGoApplied(again.partition)
  expect([again.partition.held, again.partition.store.heldAfter(0, 9)]).toEqual([{ upTo: 0, entries: 0 }, []])
  const more = await append(number, visit('later'))
  await committedUpTo(again, more)
  await leave(again)
  await leave(twin)
})

test('one whose log is in doubt takes nothing out of it', async () => {
  const owned = await own('doubt')
  owned.partition.stopped = 'log_gap'
  await append(number, visit('waits'))
  await holdOld(owned.partition, daysLater())
  expect(owned.partition.held.upTo).toBe(0)
  await leave(owned)
})
