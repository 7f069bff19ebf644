import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createLogger } from '../config/logger.ts'
import { type Follower, type Link, openLink } from '../config/nats.ts'
import { pack, unpack } from '../config/pack.ts'
import { logStream } from '../config/streams.ts'
import { policyOf } from '../core/story.ts'
import type { LogEvent, LogMessage } from '../core/wire/log.ts'
import type { ReplyMessage } from '../core/wire/reply.ts'
import { streams, subjects } from '../core/wire/subjects.ts'
import type { SessionId } from '../core/words.ts'
import { createIntake, type Intake } from './intake.ts'
import type { Introduce } from './lane.ts'
import { type NatsChild, startNats } from './natsChild.ts'
import { createPseudonyms } from './pseudonyms.ts'
import { createSealer } from './seal.ts'
import { createSealingKeys } from './sealingKeys.ts'
import { ring } from './testSealing.ts'

// The log is a real one. The owner is played here, so that it can be prompt, late or away.

const storeDir = mkdtempSync(join(tmpdir(), 'ringtrail-intake-'))
const event: LogEvent = { clear: { kind: 'pulse' }, personal: null }
const noSpool = { keep: async () => undefined, drop: () => undefined }
let nats: NatsChild
let link: Link
let gateway = 0
let acknowledged = 0
/** Of owners that are late: they end with their test. */
const timers = new Set<NodeJS.Timeout>()
let intake: Intake
/** Time goes by, or stands still where an owner is prompt however busy the machine is. */
let clock: () => number
const standStill = () => {
  const now = clock()
  clock = () => now
}

beforeAll(async () => {
  nats = await startNats({ storeDir, durability: 'lazy', logger: createLogger('silent') })
  link = await openLink(nats.link)
  await link.ensureStream(logStream())
})

afterAll(async () => {
  await link.close()
  await nats.stop()
  rmSync(storeDir, { recursive: true, force: true })
})

/** A gateway of its own for each test, on a partition of its own. */
beforeEach(() => {
  gateway += 1
  acknowledged = 0
  clock = Date.now
  const name = `gateway${gateway}`
  const acks = link.subscribe(`${subjects.gatewayAcks(name)}.>`, () => {
    acknowledged += 1
  })
  intake = createIntake({
    link,
    gateway: name,
    boot: 'boot',
    spool: noSpool,
    hasRoom: () => true,
    clock: () => clock(),
  })
  return () => {
    for (const timer of timers) clearTimeout(timer)
    timers.clear()
    acks.stop()
    intake.stop()
  }
})

/** An owner that answers every event of this test's partition after `afterMs`. */
async function owner(afterMs: number): Promise<Follower> {
  const { lastSequence } = await link.streamState(streams.log)
  return link.follow({
    stream: streams.log,
    subject: subjects.log(gateway),
    from: lastSequence + 1,
    take: record => {
      const { replyTo, producer, counter, events } = unpack(record.data) as LogMessage
      const reply: ReplyMessage = { producer, counter, replies: events.map(() => ({ kind: 'done' })) }
      const timer = setTimeout(() => link.publish(replyTo, pack(reply)), afterMs)
      timers.add(timer)
    },
    trouble: () => undefined,
  })
}

const taken = () =>
  new Promise<void>(stored => {
    expect(intake.submit('visit', gateway, event, { stored })).toBeNull()
  })

const answered = () =>
  new Promise<void>(resolve => {
    expect(intake.submit('visit', gateway, event, { replied: () => resolve() })).toBeNull()
  })

const inLog = async (): Promise<number> => (await link.streamState(streams.log)).messages

test('a prompt reply of the owner proves that the log has a message: no acknowledgement is asked for', async () => {
  standStill()
  const answering = await owner(0)
  // The first one asks: no reply was seen before.
  await answered()
  const before = acknowledged
  for (let turn = 0; turn < 20; turn += 1) await taken()
  expect(acknowledged - before).toBe(0)
  await answering.stop()
})

test('without an owner the log itself acknowledges, and holds each message once', async () => {
  const before = await inLog()
  for (let turn = 0; turn < 5; turn += 1) await taken()
  expect(acknowledged).toBe(5)
  expect((await inLog()) - before).toBe(5)
})

test('an owner that goes away is noticed: the message goes again under its id, and the log acknowledges it', async () => {
  const answering = await owner(0)
  await answered()
  await answering.stop()
  const [before, asked] = [await inLog(), acknowledged]
  for (let turn = 0; turn < 3; turn += 1) await taken()
  expect(acknowledged - asked).toBe(3)
  expect((await inLog()) - before).toBe(3)
})

test('an owner that is late is not waited for, and is trusted again when it is prompt', async () => {
  const late = await owner(400)
  await taken()
  const asked = acknowledged
  await taken()
  expect(acknowledged - asked).toBe(1)
  await late.stop()
  standStill()
  const prompt = await owner(0)
  await answered()
  const before = acknowledged
  for (let turn = 0; turn < 5; turn += 1) await taken()
  expect(acknowledged).toBe(before)
  await prompt.stop()
})

test('a reply from the same process is as good as one over NATS, and a second owner’s finds nobody', async () => {
  const told: string[] = []
  const waiting = new Promise<void>(stored => {
    const replied = () => void told.push('replied')
    intake.submit('call', gateway, event, {
      replied,
      stored: () => {
        told.push('stored')
        stored()
      },
    })
  })
  await Promise.resolve()
  const reply: ReplyMessage = {
    producer: `gateway${gateway}|boot|call|${gateway}`,
    counter: 1,
    replies: [{ kind: 'done' }],
  }
  intake.replied(reply)
  intake.replied(reply)
  await waiting
  expect(told).toEqual(['stored', 'replied'])
})

test('visits that come in a crowd share a message, a call beside them leaves at once', async () => {
  // The clock stands still: what follows the first visit waits out the whole pace.
  const name = `crowd${gateway}`
  const times = { clock: () => 0, visitPaceMs: 400 }
  const setup = { link, gateway: name, boot: 'boot', spool: noSpool, hasRoom: () => true, ...times }
  const crowd = createIntake(setup)
  const order: string[] = []
  const submit = (lane: 'visit' | 'call', called: string) =>
    new Promise<void>(resolve => {
      const stored = () => {
        order.push(called)
        resolve()
      }
      crowd.submit(lane, gateway, event, { stored })
    })
  await submit('visit', 'first')
  const before = await inLog()
  const visits: Promise<void>[] = []
  for (let turn = 0; turn < 5; turn += 1) {
    visits.push(submit('visit', 'crowd'))
    await new Promise(resolve => setImmediate(resolve))
  }
  await submit('call', 'call')
  await Promise.all(visits)
  expect(order).toEqual(['first', 'call', ...Array(5).fill('crowd')])
  expect((await inLog()) - before).toBe(2)
  crowd.stop()
})

test('a crowd of long events is cut into messages that the server takes', async () => {
  const answering = await owner(0)
  await answered()
  const before = await inLog()
  const long: LogEvent = { clear: { kind: 'pulse' }, personal: new Uint8Array(14_000) }
  const all = Array.from(
    { length: 200 },
    () => new Promise<void>(stored => void intake.submit('call', gateway, long, { stored })),
  )
  await Promise.all(all)
  // 200 × 16 KB by its count, at most 512 KiB a message.
  expect((await inLog()) - before).toBe(7)
  await answering.stop()
})

test('a crowd of beats is cut by what its sessions take, and each policy travels alone', async () => {
  const before = await inLog()
  const sessions = Array.from({ length: 1_024 }, () => 'S'.repeat(22) as SessionId)
  const beats: LogEvent = { clear: { kind: 'beats', tenant: 'acme', sessions }, personal: null }
  const policy: LogEvent = {
    clear: { kind: 'configured', tenant: 'acme', version: '1', policy: policyOf(2) },
    personal: null,
  }
  const taken = (one: LogEvent) =>
    new Promise<void>(stored => void intake.submit('control', gateway, one, { stored }))
  await Promise.all([...Array.from({ length: 60 }, () => taken(beats)), taken(policy), taken(policy)])
  // 60 × 29 KB by their count, at most 512 KiB a message, and two policies.
  expect((await inLog()) - before).toBe(6)
})

test('a key that is let go while its event waits is brought to the log as it was, and overwritten when the log has it', async () => {
  const keys = createSealingKeys(() => 0)
  const sealer = createSealer(keys, createPseudonyms(Buffer.alloc(32, 7)))
  const event = sealer.event(policyOf(0), ring('c1', 'anna'), { a: '+4520304050' })
  const secrets = event.needs?.map(({ secret }) => Buffer.from(secret)) ?? []
  let isOwnerKnown = false
  const brought: Buffer[] = []
  const introduce: Introduce = (_partition, { id, of, tenant, name, lastsMs, secret }) => {
    if (!isOwnerKnown) return null
    brought.push(Buffer.from(secret))
    return { id, of, tenant, name, lastsMs, wraps: [] }
  }
  const [name, boot] = [`keys${gateway}`, 'boot']
  const bringing = createIntake({
    ...{ link, gateway: name, boot, spool: noSpool, introduce, hasRoom: () => true, clock: () => clock() },
  })
  const stored = new Promise<void>(resolve => {
    expect(bringing.submit('call', gateway, event, { stored: resolve })).toBeNull()
  })
  await Promise.resolve()
  keys.forget('acme', 'c:anna')
  keys.forgetTenant('acme')
  isOwnerKnown = true
  await stored
  expect(brought).toEqual(secrets)
  expect(event.needs?.map(({ secret }) => secret.every(byte => byte === 0))).toEqual([true, true])
  bringing.stop()
})
