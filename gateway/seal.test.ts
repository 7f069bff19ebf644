import { expect, test } from 'vitest'
import type { Input } from '../core/input.ts'
import type { Terms } from '../core/keptFor.ts'
import { Personal } from '../core/privacy.ts'
import { policyOf } from '../core/story.ts'
import { boundTo } from '../core/subjectNames.ts'
import { createPseudonyms } from './pseudonyms.ts'
import { createSealer } from './seal.ts'
import { createSealingKeys, periodMs } from './sealingKeys.ts'
import { opened, ring } from './testSealing.ts'

const policy = policyOf(0)
const pseudonyms = createPseudonyms(Buffer.alloc(32, 7))

const sealer = () =>
  createSealer(
    createSealingKeys(() => 0),
    pseudonyms,
  )

test('what was sealed opens as it was with the keys that it names, and not a byte of it is clear', () => {
  const personal = { a: '+4520304050', fields: { name: 'Anna', ages: [1, 2] }, none: null }
  const event = sealer().event(policy, ring('c1', 'anna'), personal)
  expect(opened(event)).toEqual(personal)
  const text = Buffer.from(event.personal as Uint8Array).toString('latin1')
  for (const word of ['4520304050', 'Anna', 'fields']) expect(text).not.toContain(word)
})

test('a personal value is sealed as itself, however deep it lies', () => {
  const bare = Object.assign(Object.create(null), { phone: new Personal('+4520304052') })
  const personal = { a: new Personal('+4520304050'), fields: [{ phone: new Personal({ n: '1' }) }], bare }
  expect(opened(sealer().event(policy, ring('c1', 'anna'), personal))).toEqual({
    a: '+4520304050',
    fields: [{ phone: { n: '1' } }],
    bare: { phone: '+4520304052' },
  })
})

test('a sealed part opens for no other tenant, event or byte', () => {
  const event = sealer().event(policy, ring('c1', 'anna'), { a: '+4520304050' })
  const refused = /^The sealed part is damaged, or does not belong here\.$/
  expect(() => opened(event, 'bolt')).toThrow(refused)
  expect(() => opened(event, 'acme', boundTo(ring('c2', 'anna')))).toThrow(refused)
  for (const at of [40, (event.personal?.length ?? 0) - 1]) {
    const bytes = Buffer.from(event.personal as Uint8Array)
    bytes[at] = (bytes[at] ?? 0) ^ 1
    expect(() => opened({ ...event, personal: bytes })).toThrow(refused)
  }
})

test('a subject has one key until it is forgotten, others have others, a withheld caller one for its call', () => {
  const keys = createSealingKeys(() => 0)
  const { event } = createSealer(keys, pseudonyms)
  const keyOf = (input: Input) => event(policy, input, {}).needs?.[0]
  expect(keyOf(ring('c1', 'anna'))).toBe(keyOf(ring('c2', 'anna')))
  expect(keyOf(ring('c1', 'anna'))).not.toBe(keyOf(ring('c1', 'ben')))
  expect(keyOf(ring('c1', null))).toBe(keyOf(ring('c1', null)))
  expect(keyOf(ring('c1', null))).not.toBe(keyOf(ring('c2', null)))
  const before = keyOf(ring('c1', 'anna'))
  keys.forget('acme', 'c:anna')
  expect(keyOf(ring('c1', 'anna'))).not.toBe(before)
})

test('no nonce is used twice, and a period has its key for its time', () => {
  let now = 0
  const keys = createSealingKeys(() => now)
  const { event } = createSealer(keys, pseudonyms)
  const nonces = new Set<string>()
  for (let count = 0; count < 1_000; count++) {
    const { personal } = event(policy, ring(`c${count}`, 'anna'), { a: 'x' })
    nonces.add(Buffer.from((personal as Uint8Array).subarray(25, 37)).toString('hex'))
  }
  expect(nonces.size).toBe(1_000)
  const period = () => event(policy, ring('c1', 'anna'), {}).needs?.[1]
  const first = period()
  now = periodMs(policy.retentionMs) - 1
  expect(period()).toBe(first)
  now += 1
  expect(period()).not.toBe(first)
})

test('terms that change are obeyed by the next event, and no key is used for longer than they allow', () => {
  let now = 0
  let terms: Terms = policy
  const { event } = createSealer(
    createSealingKeys(() => now),
    pseudonyms,
    () => terms,
  )
  const needs = () => event(policy, ring('c1', 'anna'), { a: 'x', c: null }).needs ?? []
  const names = () => needs().map(({ name, lastsMs }) => `${name} ${lastsMs}`)
  const before = needs()
  now += 1
  terms = { retentionMs: 240_000 }
  expect(names()).toEqual(['c:anna 240000', 'retention 10000'])
  const short = needs()
  terms = { retentionMs: 240_000, fieldRetentionMs: { a: 24_000 } }
  expect(names()).toEqual(['c:anna 240000', 'retention without a 10000', 'a 1000'])
  terms = policy
  expect(needs()).toEqual(short)
  now += 240_000
  expect(names()).toEqual(before.map(({ name, lastsMs }) => `${name} ${lastsMs}`))
})

test('a period is a small part of the lifetime, and well under an hour', () => {
  expect(periodMs(60_000)).toBe(2_500)
  expect(periodMs(1)).toBe(1_000)
  expect(periodMs(60 * 86_400_000)).toBe(1_800_000)
})

test('a field that goes earlier has a period of its own, the rest is sealed without it', () => {
  const short = { ...policy, fieldRetentionMs: { ipAddress: 60_000 } }
  const event = sealer().event(short, ring('c1', 'anna'), { ipAddress: '192.0.2.7', userAgent: 'x' })
  expect(event.needs?.map(key => [key.of, key.name, key.lastsMs])).toEqual([
    ['subject', 'c:anna', 86_400_000],
    ['period', 'retention without ipAddress', periodMs(policy.retentionMs)],
    ['period', 'ipAddress', 2_500],
  ])
  expect(opened(event)).toEqual({ ipAddress: '192.0.2.7', userAgent: 'x' })
  const plain = sealer().event(short, ring('c1', 'anna'), { userAgent: 'x' })
  expect(plain.needs).toHaveLength(2)
})

test('phone numbers and e-mail addresses that were entered are known again, however they are spelt', () => {
  const { contacts } = sealer()
  const entered = { phone: '20 30 40 50', mail: ' Anna@Example.com ', text: 'ring +4520304051', size: '42' }
  const asked = { a: '+4520304050', b: 'anna@example.com' }
  expect(contacts(policy, entered)).toEqual(contacts(policy, asked))
  expect(contacts(policy, entered)).toHaveLength(2)
  expect(contacts({ ...policy, tenant: 'bolt' }, entered)).not.toEqual(contacts(policy, entered))
})
