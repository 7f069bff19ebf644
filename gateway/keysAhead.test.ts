import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { secretKey, wrap } from '../config/keyWrap.ts'
import { headOf } from '../config/sealing.ts'
import { limits } from '../core/limits.ts'
import { policyOf } from '../core/story.ts'
import type { BareKey, SealingKey } from './keyMaking.ts'
import { type Lane, make } from './lane.ts'
import { createPseudonyms } from './pseudonyms.ts'
import { createSealer, type OutgoingEvent } from './seal.ts'
import { createSealingKeys, periodMs } from './sealingKeys.ts'
import { opened, ring } from './testSealing.ts'

// Spare time comes when a test says so.

const policy = policyOf(0)
const pseudonyms = createPseudonyms(Buffer.alloc(32, 7))
const stockMax = limits.keysPreparedPerPeriodMax

function openEdge() {
  const pieces: (() => void)[] = []
  const prepared: BareKey[] = []
  const world = { now: 0, hasOwner: true }
  const half = secretKey(randomBytes(32))
  const wrapsOf = ({ id, secret }: BareKey) => [
    { intake: Buffer.alloc(8), from: Buffer.alloc(32), bytes: wrap(secret, half, id, id) },
  ]
  const keys = createSealingKeys(() => world.now, {
    later: piece => pieces.push(piece) > 0,
    wrap: (_tenant, key) => {
      if (!world.hasOwner) return null
      prepared.push(key)
      return wrapsOf(key)
    },
  })
  const sealer = createSealer(keys, pseudonyms)
  let calls = 0
  return {
    ...{ keys, sealer, world, prepared, wrapsOf },
    /** A call of somebody, sealed. */
    call: (a: string, tenant = 'acme') => {
      calls += 1
      return sealer.event({ ...policy, tenant }, { ...ring(`c${calls}`, a), tenant } as never, { a })
    },
    spareTime: () => {
      for (let piece = pieces.shift(); piece !== undefined; piece = pieces.shift()) piece()
    },
    isPrepared: (event: OutgoingEvent) => prepared.some(({ id }) => id === subjectOf(event).id),
  }
}

function subjectOf({ needs = [] }: OutgoingEvent): SealingKey {
  const [subject] = needs
  if (subject === undefined) throw new Error('it needs no key')
  return subject
}

/** Nonces are counted: a lower one was drawn earlier. */
const nonceOf = ({ personal }: OutgoingEvent) => Buffer.from(personal as Uint8Array).readBigUInt64BE(29)
const hex = (id: Uint8Array = Buffer.alloc(0)) => Buffer.from(id).toString('hex')
const hasNonZero = ({ secret }: BareKey) => secret.some(byte => byte !== 0)

test('who is met after spare time gets a key that was made before, and where none is left a new one', () => {
  const edge = openEdge()
  const met = [edge.call('first')]
  for (const round of [1, 2]) {
    edge.spareTime()
    for (let caller = 0; caller <= stockMax; caller++) met.push(edge.call(`r${round}c${caller}`))
  }
  const expected = [
    false,
    ...Array(2)
      .fill([...Array(stockMax).fill(true), false])
      .flat(),
  ]
  expect(met.map(edge.isPrepared)).toEqual(expected)
  expect(edge.prepared).toHaveLength(2 * stockMax)
  expect(new Set(met.map(event => hex(subjectOf(event).id))).size).toBe(met.length)
  expect(opened(met[1] as OutgoingEvent)).toEqual({ a: 'r1c0' })
  expect(opened(met.at(-1) as OutgoingEvent)).toEqual({ a: `r2c${stockMax}` })
})

test('a key that was made ahead and is not used is in no message', () => {
  const edge = openEdge()
  edge.call('first')
  edge.spareTime()
  const message = sent(edge, [edge.call('anna'), edge.call('ben')])
  expect(edge.prepared).toHaveLength(stockMax)
  const inMessage = edge.prepared.filter(({ id }) => message.includes(Buffer.from(id)))
  expect(inMessage).toEqual(edge.prepared.slice(0, 2))
  for (const { secret } of edge.prepared) expect(message.includes(secret)).toBe(false)
  const wrapsIn = edge.prepared.filter(key => message.includes(edge.wrapsOf(key)[0]?.bytes as Buffer))
  expect(wrapsIn).toHaveLength(2)
})

/** The bytes of the message that events go into. */
function sent(edge: ReturnType<typeof openEdge>, events: readonly OutgoingEvent[]): Buffer {
  const lane: Lane = {
    ...{ name: 'call', partition: 0, producer: 'p', replyTo: '', counter: 0, asks: false, paceMs: 0 },
    ...{ sentAt: 0, scheduled: false, waiting: [], inFlight: null, made: [] },
  }
  for (const event of events) lane.waiting.push({ event, waiting: {} })
  const flight = make(lane, limits.messageBytesMax, (_partition, key) => {
    const { id, of, tenant, name, lastsMs } = key
    return { id, of, tenant, name, lastsMs, wraps: key.wraps ?? edge.wrapsOf(key) }
  })
  return Buffer.from(flight?.bytes ?? [])
}

test('while no owner is known nothing is made ahead; keys thrown away are overwritten, and none of them is used', () => {
  const edge = openEdge()
  edge.world.hasOwner = false
  edge.call('first')
  edge.spareTime()
  expect(edge.isPrepared(edge.call('anna'))).toBe(false)
  edge.world.hasOwner = true
  edge.spareTime()
  expect(edge.prepared.filter(hasNonZero)).toHaveLength(stockMax)
  edge.keys.dropPrepared()
  expect(edge.prepared.filter(hasNonZero)).toEqual([])
  const after = edge.call('ben')
  expect(edge.isPrepared(after)).toBe(false)
  expect(opened(after)).toEqual({ a: 'ben' })
})

test('a forgotten subject’s next event is sealed under another key, and nothing is made ahead for the one before', () => {
  const edge = openEdge()
  const before = edge.call('anna')
  edge.spareTime()
  edge.call('anna')
  edge.keys.forget('acme', 'c:anna')
  edge.spareTime()
  const after = edge.call('anna')
  const usedIds = [before, after].map(event => Buffer.from(subjectOf(event).id).toString('hex'))
  expect(usedIds[0]).not.toBe(usedIds[1])
  expect(Buffer.from(headOf(after.personal as Uint8Array)?.subjectKeyId ?? []).toString('hex')).toBe(
    usedIds[1],
  )
  expect(opened(after)).toEqual({ a: 'anna' })
  // Two of anna's, of which one was made ahead, and what the stock holds: none for the key that is forgotten.
  edge.keys.dropPrepared()
  expect(nonceOf(edge.call('ben'))).toBe(BigInt(3 + stockMax))
})

test('what was made ahead in a period is not used in the next', () => {
  const edge = openEdge()
  edge.call('anna')
  edge.spareTime()
  edge.world.now = periodMs(policy.retentionMs)
  for (const event of [edge.call('anna'), edge.call('ben')]) {
    const [subject, period] = event.needs ?? []
    expect(hex(headOf(event.personal as Uint8Array)?.periodKeyId)).toBe(hex(period?.id))
    expect(opened(event)).toEqual({ a: subject?.name.slice(2) })
    expect(edge.isPrepared(event)).toBe(false)
  }
  expect(edge.prepared.filter(hasNonZero)).toEqual([])
})

test('keys of a period that is over are thrown away though nobody comes, and those of a tenant that has ended', () => {
  const edge = openEdge()
  edge.call('anna')
  edge.spareTime()
  edge.keys.dropOver()
  expect(edge.prepared.filter(hasNonZero)).toHaveLength(stockMax)
  edge.world.now = periodMs(policy.retentionMs)
  edge.keys.dropOver()
  expect(edge.prepared.filter(hasNonZero)).toEqual([])
  edge.call('anna', 'bolt')
  edge.keys.forgetTenant('bolt')
  edge.spareTime()
  expect(edge.prepared.filter(hasNonZero)).toEqual([])
})

test('no nonce is used twice, made ahead or not', () => {
  const edge = openEdge()
  const nonces = new Set<bigint>()
  for (let count = 0; count < 1_000; count++) {
    nonces.add(nonceOf(edge.call(`a${count % 37}`)))
    if (count % 3 === 0) edge.spareTime()
    if (count % 50 === 0) edge.keys.forget('acme', `c:a${count % 37}`)
  }
  expect(nonces.size).toBe(1_000)
})

test('nothing is stocked for corrections: nobody waits for them', () => {
  const edge = openEdge()
  const correction = { field: 'fields.name', from: null, to: 'Anna', contacts: { from: null, to: null } }
  edge.sealer.correction(policy, 'c:anna', 'r1', correction)
  edge.spareTime()
  expect(edge.prepared).toEqual([])
})

const lanesFull = limits.keysPreparedMax / stockMax

test('so many keys are made ahead and no more; whoever comes later gets those that were unused longest', () => {
  const edge = openEdge()
  const inStock = () => edge.prepared.filter(hasNonZero).length
  const meet = (a: string, tenant: string) => {
    const event = edge.call(a, tenant)
    edge.spareTime()
    return edge.isPrepared(event)
  }
  for (let tenant = 0; tenant < lanesFull; tenant++) meet('anna', `t${tenant}`)
  expect(inStock()).toBe(limits.keysPreparedMax)
  edge.world.now = 60_000
  // Of what is used nothing is overwritten: there is one more.
  meet('ben', 't0')
  meet('anna', 'late')
  expect(inStock()).toBe(limits.keysPreparedMax + 1)
  const isReady = (tenant: string) => edge.isPrepared(edge.call('carl', tenant))
  expect(['t1', 't0', 't2'].map(isReady)).toEqual([false, true, true])
  const crowd = Array.from({ length: stockMax }, (_, caller) => edge.call(`c${caller}`, 'late'))
  expect(crowd.filter(edge.isPrepared)).toEqual(crowd)
})

test('where more are busy than there are full stocks, each has its part, and none makes anew what another took', () => {
  const edge = openEdge()
  const tenants = Array.from({ length: 2 * lanesFull }, (_, tenant) => `t${tenant}`)
  const round = (caller: string) =>
    tenants.filter(tenant => {
      const event = edge.call(caller, tenant)
      edge.spareTime()
      return edge.isPrepared(event)
    })
  for (const caller of ['anna', 'ben', 'carl', 'dora', 'eve']) round(caller)
  const before = edge.prepared.length
  expect(round('finn')).toEqual(tenants)
  expect(edge.prepared.length - before).toBe(tenants.length)
})

test('the subjects seen last have their next seal ready, one seen before them has it made when it comes', () => {
  const edge = openEdge()
  for (let caller = 0; caller <= limits.sealsReadyMax; caller++) {
    edge.call(`a${caller}`)
    edge.spareTime()
  }
  const latest = nonceOf(edge.call('z'))
  expect(nonceOf(edge.call('a1'))).toBeLessThan(latest)
  expect(nonceOf(edge.call('a0'))).toBeGreaterThan(latest)
})
