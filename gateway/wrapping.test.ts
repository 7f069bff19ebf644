import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { agreedKey, makeIntakePair } from '../config/intakeKeys.ts'
import { unwrap } from '../config/keyWrap.ts'
import { createLogger } from '../config/logger.ts'
import { type Link, openLink } from '../config/nats.ts'
import { pack } from '../config/pack.ts'
import { loaded } from '../config/testConfig.ts'
import { restWithout } from '../core/keptFor.ts'
import { limits } from '../core/limits.ts'
import type { ControlReply, IntakeSaid } from '../core/wire/control.ts'
import type { NewKey } from '../core/wire/log.ts'
import { subjects } from '../core/wire/subjects.ts'
import { markStored, type SealingKey } from './keyMaking.ts'
import { type NatsChild, startNats } from './natsChild.ts'
import { openSealingKeys } from './openSealingKeys.ts'
import { createOwners } from './owners.ts'
import { createSealingKeys } from './sealingKeys.ts'
import { createSpareTime } from './spareTime.ts'
import { createTenants } from './tenants.ts'
import { createWrapping, type Wrapping } from './wrapping.ts'

// NATS is real; the owner's half is held here.

const folder = mkdtempSync(join(tmpdir(), 'ringtrail-wrapping-'))
let nats: NatsChild
let link: Link
beforeAll(async () => {
  nats = await startNats({
    storeDir: join(folder, 'nats'),
    durability: 'lazy',
    logger: createLogger('silent'),
  })
  link = await openLink(nats.link)
})
afterAll(async () => {
  await link.close()
  await nats.stop()
  rmSync(folder, { recursive: true, force: true })
})

const pair = makeIntakePair()
const said = (owner: string, id: number): IntakeSaid => ({
  partition,
  owner,
  id: Buffer.alloc(8, id),
  publicHalf: pair.publicHalf,
})
const tenants = createTenants(
  loaded('tenants: [{ id: acme, consent: assumed, defaultForward: "+45 78 79 22 22" }]'),
)
const partition = tenants.all[0]?.partition ?? -1
const open = (clock: () => number = () => 0) =>
  createWrapping({ link, owners: createOwners(link), partitions: [partition], dataDir: folder, clock })
const keys = createSealingKeys(() => 0)
const key = keys.subject(keys.period('acme', 'visit', restWithout([]), 86_400_000), 'v:anna', 86_400_000)
const idsOf = (wraps: NewKey['wraps']) => wraps.map(({ intake }) => intake[0]).sort()
const idsIn = (wrapping: Wrapping, of: SealingKey = key) =>
  idsOf(wrapping.introduce(partition, of)?.wraps ?? [])

async function heard(wrapping: Wrapping, ids: readonly number[]): Promise<void> {
  while (String(idsIn(wrapping)) !== String(ids)) await new Promise(resolve => setTimeout(resolve, 5))
}

test('nothing is introduced before an owner is known; then it can open what it is given, and nobody else', async () => {
  const wrapping = open()
  expect(wrapping.introduce(partition, key)).toBeNull()
  const answering = link.subscribe(subjects.control(partition), message =>
    message.respond(pack({ kind: 'intake', current: true, said: said('one', 1) } satisfies ControlReply)),
  )
  await heard(wrapping, [1])
  answering.stop()
  const [wrapped] = wrapping.introduce(partition, key)?.wraps ?? []
  if (wrapped === undefined) throw new Error('not wrapped')
  const agreed = agreedKey(pair.privateHalf, wrapped.from)
  expect(unwrap(wrapped.bytes, agreed, key.id)?.equals(key.secret)).toBe(true)
  const other = agreedKey(makeIntakePair().privateHalf, wrapped.from)
  expect(unwrap(wrapped.bytes, other, key.id)).toBeNull()
  expect(readFileSync(join(folder, 'intake.json'), 'utf8')).not.toContain(key.secret.toString('hex'))
  wrapping.stop()
})

test('what was known is known at the next start, and each owner that speaks is wrapped for', async () => {
  let now = 0
  const wrapping = open(() => now)
  expect(idsIn(wrapping)).toEqual([1])
  link.publish(subjects.intake(partition), pack(said('two', 2)))
  await heard(wrapping, [1, 2])
  // Started anew with the same half, then with another one.
  link.publish(subjects.intake(partition), pack(said('two again', 2)))
  link.publish(subjects.intake(partition), pack(said('two again', 4)))
  await heard(wrapping, [1, 4])
  now = 121_000
  link.publish(subjects.intake(partition), pack(said('two again', 4)))
  await heard(wrapping, [4])
  wrapping.stop()
})

test('what is no half of a pair is not kept and not wrapped for', async () => {
  const wrapping = open()
  link.publish(subjects.intake(partition), pack({ ...said('broken', 9), publicHalf: Buffer.alloc(32) }))
  link.publish(subjects.intake(partition), pack(said('three', 3)))
  await heard(wrapping, [1, 3, 4])
  expect(readFileSync(join(folder, 'intake.json'), 'utf8')).not.toContain('broken')
  link.publish(subjects.intake(partition), pack(said('three', 1)))
  await heard(wrapping, [1, 4])
  wrapping.stop()
})

test('what was wrapped ahead is brought to the log as it is, and never once an owner has another half', async () => {
  const wrapping = open()
  const spareTime = createSpareTime()
  const ahead = openSealingKeys({ link, wrapping, tenants, spareTime, clock: () => 0 })
  const period = ahead.period('acme', 'visit', restWithout([]), 86_400_000)
  let met = 0
  const next = () => ahead.subject(period, `v:${met++}`, 86_400_000)
  next()
  spareTime.begin()
  for (let piece = 0; piece <= limits.keysPreparedPerPeriodMax; piece += 1) await turn()
  const [used, late] = [next(), next()]
  const { wraps } = used
  expect(idsOf(wraps ?? [])).toEqual([1, 4])
  expect(wrapping.introduce(partition, used)?.wraps).toBe(wraps)
  // It is brought again the same: its message may have been lost.
  expect(wrapping.introduce(partition, used)?.wraps).toEqual(wraps)
  link.publish(subjects.intake(partition), pack(said('two again', 5)))
  await heard(wrapping, [1, 5])
  expect(idsIn(wrapping, late)).toEqual([1, 5])
  for (let count = 0; count < limits.keysPreparedPerPeriodMax; count += 1) {
    const { wraps } = next()
    if (wraps !== null) expect(idsOf(wraps)).toEqual([1, 5])
  }
  ahead.stop()
  wrapping.stop()
})

test('what was said while the link was away was not heard: other keys are used from then on', async () => {
  const wrapping = open()
  let reconnects = 0
  const away = { subscribe: link.subscribe, reconnects: () => reconnects }
  const spareTime = createSpareTime()
  const ahead = openSealingKeys({ link: away, wrapping, tenants, spareTime, clock: () => 0 })
  const annas = () =>
    ahead.subject(ahead.period('acme', 'visit', restWithout([]), 86_400_000), 'v:anna', 86_400_000)
  const before = annas()
  expect(annas()).toBe(before)
  reconnects = 1
  await expect.poll(() => annas() === before).toBe(false)
  ahead.stop()
  wrapping.stop()
})

test('the key of a period that is over is overwritten though nobody comes', async () => {
  const wrapping = open()
  let now = 0
  const ahead = openSealingKeys({ link, wrapping, tenants, spareTime: createSpareTime(), clock: () => now })
  const period = ahead.period('acme', 'visit', restWithout([]), 86_400_000)
  markStored(period)
  now = period.until
  await expect.poll(() => period.secret.every(byte => byte === 0), { timeout: 10_000 }).toBe(true)
  ahead.stop()
  wrapping.stop()
})

test('an owner that speaks again takes nobody’s key, one that begins takes each once', async () => {
  const wrapping = open()
  let looks = 0
  const reconnects = () => {
    looks += 1
    return 0
  }
  const counted = { subscribe: link.subscribe, reconnects }
  const ahead = openSealingKeys({
    link: counted,
    wrapping,
    tenants,
    spareTime: createSpareTime(),
    clock: () => 0,
  })
  const annas = () =>
    ahead.subject(ahead.period('acme', 'visit', restWithout([]), 86_400_000), 'v:anna', 86_400_000)
  const speaks = async (owner: string) => {
    const arrived = new Promise<void>(resolve => {
      const hearing = link.subscribe(subjects.intake(partition), () => {
        hearing.stop()
        resolve()
      })
    })
    link.publish(subjects.intake(partition), pack(said(owner, 7)))
    await arrived
    const before = looks
    await expect.poll(() => looks > before + 4, { timeout: 10_000 }).toBe(true)
  }
  const before = annas()
  await speaks('begun')
  const after = annas()
  expect(after).not.toBe(before)
  await speaks('begun')
  expect(annas()).toBe(after)
  ahead.stop()
  wrapping.stop()
})
