import { expect, test } from 'vitest'
import { restWithout } from '../core/keptFor.ts'
import { limits } from '../core/limits.ts'
import { markStored, type PeriodKey, type SealingKey, type SubjectKey } from './keyMaking.ts'
import { createSealingKeys, periodMs } from './sealingKeys.ts'

// Spare time comes when a test says so.

const dayMs = 86_400_000
const retentionMs = 60 * dayMs

function openKeys() {
  const pieces: (() => void)[] = []
  const world = { now: 0 }
  const keys = createSealingKeys(() => world.now, {
    later: piece => pieces.push(piece) > 0,
    wrap: () => null,
  })
  const period = (tenant = 'acme', lifetimeMs = retentionMs) =>
    keys.period(tenant, 'visit', restWithout([]), lifetimeMs)
  const subject = (name: string, of = period()) => keys.subject(of, name, retentionMs)
  /** Both keys of an event about somebody, sealed. */
  const sealed = (name: string, tenant?: string): [SubjectKey, PeriodKey] => {
    const one: [SubjectKey, PeriodKey] = [subject(name, period(tenant)), period(tenant)]
    keys.seal(...one)
    return one
  }
  const spareTime = () => {
    for (const piece of pieces.splice(0)) piece()
  }
  return { keys, world, period, subject, sealed, spareTime }
}

const isOverwritten = ({ secret }: SealingKey) => secret.every(byte => byte === 0)

test('the key of a period that is over is overwritten though nobody comes, and nothing that was derived with it is kept', () => {
  const { keys, world, sealed, spareTime } = openKeys()
  const [anna, period] = sealed('v:anna')
  spareTime()
  for (const key of [anna, period]) markStored(key)
  world.now = periodMs(retentionMs) - 1
  keys.dropOver()
  expect([isOverwritten(period), anna.record?.period, anna.ready?.period]).toEqual([false, period, period])
  world.now += 1
  keys.dropOver()
  expect([isOverwritten(period), anna.record, anna.ready]).toEqual([true, null, null])
  expect(() => period.recordKeys(Buffer.alloc(32))).toThrow()
  // Her own key is used for a day.
  expect(isOverwritten(anna)).toBe(false)
  expect(sealed('v:anna')[0]).toBe(anna)
})

test('what waited for spare time when its period ended is not made any more', () => {
  const { keys, world, sealed, spareTime } = openKeys()
  const [anna] = sealed('v:anna')
  world.now = periodMs(retentionMs)
  keys.dropOver()
  spareTime()
  expect([anna.record, anna.ready]).toEqual([null, null])
})

test('a subject’s key is overwritten when its day is over, when it is forgotten, and when others take its place', () => {
  const { keys, world, sealed, subject } = openKeys()
  const [anna, ben, carl] = ['v:anna', 'v:ben', 'v:carl'].map(name => sealed(name)[0])
  if (anna === undefined || ben === undefined || carl === undefined) throw new Error('three were sealed for')
  for (const key of [anna, ben, carl]) markStored(key)
  keys.forget('acme', 'v:anna')
  expect([anna, ben].map(isOverwritten)).toEqual([true, false])
  expect([anna.record, anna.ready]).toEqual([null, null])
  subject('v:ben')
  for (let other = 1; other < limits.subjectKeysHeldMax; other++) subject(`v:${other}`)
  expect([ben, carl].map(isOverwritten)).toEqual([false, true])
  world.now = dayMs
  keys.dropOver()
  expect(isOverwritten(ben)).toBe(true)
})

test('all of them are looked at within a minute, and a few at a time', () => {
  const { keys, world, subject } = openKeys()
  const held = Array.from({ length: limits.subjectKeysHeldMax }, (_, other) => subject(`v:${other}`))
  for (const key of held) markStored(key)
  world.now = dayMs
  const left = () => held.filter(key => !isOverwritten(key)).length
  keys.dropOver()
  expect(left()).toBe(limits.subjectKeysHeldMax - limits.subjectKeysLookedAtMax)
  for (let second = 1; second < 60; second++) keys.dropOver()
  expect(left()).toBe(0)
})

test('what a message on its way has to bring keeps its secret until the log has it', () => {
  const { keys, world, sealed } = openKeys()
  const waiting = sealed('v:anna')
  keys.forget('acme', 'v:anna')
  world.now = periodMs(retentionMs)
  keys.dropOver()
  expect(waiting.map(isOverwritten)).toEqual([false, false])
  waiting.forEach(markStored)
  expect(waiting.map(isOverwritten)).toEqual([true, true])
})

test('what is in use keeps its secret when the log has it', () => {
  const { keys, sealed } = openKeys()
  const used = sealed('v:anna')
  used.forEach(markStored)
  keys.dropOver()
  expect(used.map(isOverwritten)).toEqual([false, false])
})

test('of a tenant that is forgotten the periods are overwritten at once and the subjects soon, of others none', () => {
  const { keys, sealed } = openKeys()
  const [anna, period] = sealed('v:anna')
  const others = sealed('v:anna', 'bolt')
  for (const key of [anna, period, ...others]) markStored(key)
  keys.forgetTenant('acme')
  expect(isOverwritten(period)).toBe(true)
  const [again, next] = sealed('v:anna')
  expect([again === anna, next === period, isOverwritten(anna)]).toEqual([false, false, true])
  markStored(again)
  keys.forgetTenant('acme')
  expect(isOverwritten(again)).toBe(false)
  keys.dropOver()
  expect(isOverwritten(again)).toBe(true)
  expect([...others, ...sealed('v:anna', 'bolt')].map(isOverwritten)).toEqual(Array(4).fill(false))
})

test('terms that become shorter end the period in use, and its key is overwritten', () => {
  const { period } = openKeys()
  const long = period()
  markStored(long)
  expect(period('acme', 24_000)).not.toBe(long)
  expect(isOverwritten(long)).toBe(true)
})
