import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { agreedKey, makeIntakePair } from '../config/intakeKeys.ts'
import { unwrap } from '../config/keyWrap.ts'
import { pack, unpack } from '../config/pack.ts'
import type { Input } from '../core/input.ts'
import { createState, indexPolicy } from '../core/state.ts'
import { phrasesBound } from '../core/wire/visits.ts'
import { loadErasures } from './erasures.ts'
import type { HistoryRow } from './history.ts'
import type { Partition } from './partition.ts'
import { createPhraseJobs } from './phraseJobs.ts'
import { matchWith, recordWith } from './questions/testRecords.ts'
import { openStore, type Store } from './store.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringtrail-'))
let store: Store
const state = createState()
const phrases = ['blue chairs', 'red chairs', null, 'blue chairs']
const session = (call: number) => String(call).repeat(22)

beforeAll(async () => {
  store = openStore(folder, 0)
  const policy = { tenant: 'acme', retentionMs: 10_000, pools: [], sites: [], targets: [], statics: [] }
  state.tables.policies.set('acme', { version: '1', policy: policy as never })
  indexPolicy(state, 'acme', policy as never)
  const history = phrases.map((searchPhrase, call): HistoryRow => {
    const page = { id: 1, source: {} }
    const clear = { kind: 'hello', tenant: 'acme', visitor: `visitor-${call}`, page } as unknown as Input
    const personal = Buffer.concat([Buffer.of(0), pack({ url: 'https://acme.example/', searchPhrase })])
    const event = { clear, personal, session: session(call) }
    return { tenant: 'acme', atMs: 1_000 + call, sequence: call + 1, index: 0, event }
  })
  const nothing = { rows: [], access: [], erasures: [], breaches: [], audit: [], rectifications: [] }
  const position = { sequence: 9, rules: 1, log: 'test', mark: null }
  await store.commit({ ...nothing, history, position, expected: 0 })
  for (const call of phrases.keys()) {
    const match = matchWith({ session: session(call), visitor: `visitor-${call}` })
    const record = recordWith({ call: `c${call}`, rangAt: 2_000 + call, match, outcome: 'answered' })
    state.tables.calls.of('acme').set(`generic c${call}`, record)
  }
})
afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

function jobs(keptMs?: number) {
  const keys = { subjectKey: () => null, periodKey: () => null }
  return createPhraseJobs(
    {
      store,
      state,
      keys,
      erasures: loadErasures(store),
      stopped: null,
    } as unknown as Partition,
    keptMs,
  )
}

const pair = makeIntakePair()
const asking = { kind: 'phrases', tenant: 'acme', fromMs: 0, toMs: 9_000, most: 10, cancel: false } as const

async function found(answer: ReturnType<typeof jobs>, more: object = {}) {
  for (;;) {
    const reply = answer({ ...asking, for: pair.publicHalf, ...more }, true)
    if (reply.kind !== 'phrases') throw new Error('something else')
    if (reply.found !== null) {
      const key = agreedKey(pair.privateHalf, reply.found.from)
      return unpack(unwrap(reply.found.bytes, key, Buffer.from(phrasesBound)) ?? Buffer.alloc(0))
    }
    await new Promise(resolve => setImmediate(resolve))
  }
}

const row = (phrase: string | null, calls: number) => ({ phrase, calls, qualified: 0, answered: calls })

test('calls are counted by what was typed, and a visit without a phrase as one', async () => {
  expect(await found(jobs())).toEqual({
    ...{ rows: [row('blue chairs', 2), row('red chairs', 1), row(null, 1)], more: 0 },
  })
  expect(await found(jobs(), { most: 1 })).toEqual({ rows: [row('blue chairs', 2)], more: 2 })
  expect(await found(jobs(), { fromMs: 2_003 })).toEqual({ rows: [row('blue chairs', 1)], more: 0 })
})

test('what was erased or restricted after it was read is in no count', async () => {
  const answer = jobs()
  answer({ ...asking, for: pair.publicHalf }, true)
  await found(answer, { toMs: 8_000 })
  state.tables.restricted.of('acme').set('v:visitor-1', { mode: 'restricted' } as never)
  state.tables.calls.of('acme').delete('generic c3')
  expect(await found(answer)).toEqual({ rows: [row('blue chairs', 1), row(null, 1)], more: 0 })
})

test('so many jobs at once, and one that is cancelled makes room', () => {
  const answer = jobs()
  const ask = (toMs: number, more: object = {}) => {
    const reply = answer({ ...asking, toMs, for: pair.publicHalf, ...more }, true)
    return reply.kind === 'phrases' && reply.isFull
  }
  expect([1, 2, 3, 4, 5].map(toMs => ask(toMs))).toEqual([false, false, false, false, true])
  ask(2, { cancel: true })
  expect(ask(5)).toBe(false)
})

test('phrases that were read are let go after their time, although nobody begins another report', async () => {
  const answer = jobs(20)
  const read = () => {
    const reply = answer({ ...asking, for: pair.publicHalf }, true)
    return reply.kind === 'phrases' ? reply.read : null
  }
  const before = read()
  state.tables.calls.of('acme').delete('generic c0')
  expect(read()).toBe(before)
  while (read() === before) await new Promise(resolve => setImmediate(resolve))
})
