import { expect, test } from 'vitest'
import type { Outcome } from '../core/outcome.ts'
import type { VisitorId } from '../core/words.ts'
import {
  advance,
  committed,
  type Erasure,
  erasureOf,
  erasuresOf,
  hearErasures,
  isErased,
  loadErasures,
  pendingErasures,
  rowOf,
  takeErasures,
} from './erasures.ts'
import { answeredFor, doneAgain, type Given } from './given.ts'
import type { Applied } from './group.ts'
import type { RequestRow } from './requestRows.ts'

const visitor = 'A'.repeat(22) as VisitorId
const repeated: Outcome = { kind: 'repeated', what: 'event' }

const nothing = { erasures: function* () {}, erasure: () => null }

function asked(action: 'consent-withdrawn' | 'subject-erased' = 'subject-erased', outcomes: Outcome[] = []) {
  const named = { tenant: 'acme', request: 'r', visitors: [visitor], callers: [] }
  const clear = { kind: 'subject-erased', ...named } as const
  const facts = { actor: 'system', role: 'system', subjects: ['reference'], request: 'r', purpose: null }
  const note = { action, ...facts, counts: {}, detail: {} } as const
  return { event: { clear, personal: null, note }, outcomes, reply: { kind: 'done' } } satisfies Applied
}

/** What is heard of one erasure: after consent was taken back, or because somebody asked. */
function heard(action: 'consent-withdrawn' | 'subject-erased', outcomes: Outcome[], isHeld: boolean) {
  const erasures = loadErasures(nothing)
  hearErasures(erasures, [asked(action, outcomes)], { atMs: 1, sequence: 2 }, () => isHeld)
  return erasures.fresh.map(({ because, names }) => ({ because, names }))
}

test('the consent of an id that never was can be taken back by anybody, and makes no work', () => {
  expect(heard('consent-withdrawn', [repeated], false)).toEqual([])
})

test('of whom the core has forgotten the history may still hold something', () => {
  const names = [`v:${visitor}`]
  expect(heard('consent-withdrawn', [repeated], true)).toEqual([{ because: 'withdrawal', names }])
  expect(heard('consent-withdrawn', [], false)).toEqual([{ because: 'withdrawal', names }])
})

test('what somebody asked for is always carried out', () => {
  expect(heard('subject-erased', [repeated], false)).toMatchObject([{ because: 'request' }])
})

test('of how many nothing was held is kept, and not of one that is owed: then the store knows less than there was', () => {
  const unheldIn = (erasures: ReturnType<typeof loadErasures>) => {
    hearErasures(erasures, [{ ...asked(), unheld: 1 }], { atMs: 1, sequence: 2 }, () => false)
    return erasures.fresh.map(({ unheld }) => unheld)
  }
  expect(unheldIn(loadErasures(nothing))).toEqual([1])
  const owed = [{ tenant: 'acme', request: 'r', names: [`v:${visitor}`] }]
  expect(unheldIn(loadErasures(nothing, owed))).toEqual([undefined])
})

test('what is done leaves memory, and is found in the store', async () => {
  const rows = new Map<string, Buffer>()
  const store = {
    erasures: () => kept(rows.values()),
    erasure: (tenant: string, request: string) => rows.get(`${tenant}/${request}`) ?? null,
    putErasure: async ({ tenant, request, bytes }: RequestRow) =>
      void rows.set(`${tenant}/${request}`, bytes),
  }
  const erasures = loadErasures(store)
  hearErasures(erasures, [asked()], { atMs: 1, sequence: 2 }, () => true)
  expect(pendingErasures(erasures)).toEqual([])
  committed(erasures, takeErasures(erasures))
  const [one] = pendingErasures(erasures)
  if (one === undefined) throw new Error('nothing is pending')
  const isShown = () => !isErased(erasures, 'acme', [`v:${visitor}`], 2)
  expect(isShown()).toBe(false)
  await advance(erasures, store, one, () => ({ names: [], rowsGoneAt: 4, intakeGoneAt: 5 }))
  expect([erasures.pending.size, erasures.lingering.size, isShown()]).toEqual([0, 1, true])
  await advance(erasures, store, one, () => ({ bytesGoneAt: 6 }))
  expect([erasures.pending.size, erasures.lingering.size]).toEqual([0, 0])
  expect(erasureOf(erasures, 'acme', 'r')).toMatchObject({ intakeGoneAt: 5, bytesGoneAt: 6 })
  hearErasures(erasures, [asked()], { atMs: 1, sequence: 2 }, () => true)
  expect(takeErasures(erasures)).toEqual([])
  const again = loadErasures(store, [{ tenant: 'acme', request: 'r', names: [`v:${visitor}`] }])
  expect([again.pending.size, again.lingering.size, again.owed.size]).toEqual([0, 0, 0])
})

test('all of a tenant are told once each: on disk, under way, and not on disk yet', () => {
  const erasures = loadErasures(nothing)
  const rows: Buffer[] = []
  const hear = (tenant: string, request: string, sequence: number) => {
    const one = asked()
    const clear = { ...one.event.clear, tenant, request }
    hearErasures(erasures, [{ ...one, event: { ...one.event, clear } }], { atMs: 1, sequence }, () => true)
  }
  const store = (erasure: Erasure) => rows.push(rowOf(erasure).bytes)
  hear('acme', 'under-way', 2)
  hear('other', 'theirs', 3)
  for (const one of takeErasures(erasures).filter(({ tenant }) => tenant === 'acme')) {
    store(one)
    store({ ...one, request: 'done', sequence: 1, intakeGoneAt: 4, bytesGoneAt: 5 })
  }
  hear('acme', 'heard', 4)
  const held = { erasuresOf: () => kept(rows) }
  const told = erasuresOf(erasures, held, 'acme').map(({ request }) => request)
  expect(told.sort()).toEqual(['done', 'heard', 'under-way'])
})

test('what is owed is shown to nobody until the log has said it again', () => {
  const erasures = loadErasures(nothing, [{ tenant: 'acme', request: 'r', names: [`v:${visitor}`] }])
  expect(isErased(erasures, 'acme', [`v:${visitor}`], 1_000)).toBe(true)
  hearErasures(erasures, [asked()], { atMs: 1, sequence: 2 }, () => true)
  expect([erasures.owed.size, erasures.pending.size]).toEqual([0, 1])
  expect([2, 3].map(at => isErased(erasures, 'acme', [`v:${visitor}`], at))).toEqual([true, false])
})

function* kept(rows: Iterable<Buffer>) {
  for (const bytes of rows) yield { tenant: 'acme', id: 'r', bytes }
}

test('one that is done again is answered for as it was first, and what had not come so far as it is now', async () => {
  const given = {
    subjects: ['first'],
    atMs: 1,
    keysGoneAt: 2,
    intakeGoneAt: null,
    keyIds: ['aa'],
    rows: 7,
    unheld: 0,
  }
  const kept: Given[] = []
  const owed = [{ tenant: 'acme', request: 'r', names: [`v:${visitor}`], given }]
  const erasures = loadErasures(nothing, owed, async (_, one) => void kept.push(one))
  hearErasures(erasures, [asked()], { atMs: 50, sequence: 9 }, () => false)
  const [one] = takeErasures(erasures) as [Erasure]
  const store = { putErasure: async () => undefined }
  const keyless = await advance(erasures, store, one, () => ({ keysGoneAt: 60, keyIds: ['bb'], rows: 3 }))
  const done = await advance(erasures, store, keyless, () => ({ intakeGoneAt: 70 }))
  const said = {
    subjects: ['first'],
    atMs: 1,
    keysGoneAt: 2,
    intakeGoneAt: 70,
    keyIds: ['aa', 'bb'],
    unheld: 0,
  }
  expect(answeredFor(done)).toMatchObject(said)
  expect(doneAgain(done)).toEqual({ doneAgain: { at: new Date(50).toISOString(), rows: 3 } })
  expect(kept.map(({ keyIds, intakeGoneAt }) => [keyIds, intakeGoneAt])).toEqual([
    [['aa', 'bb'], null],
    [['aa', 'bb'], 70],
  ])
})

test('what a receipt says is kept elsewhere when it has come further, before the store says it, and of nobody by name', async () => {
  const order: string[] = []
  const erasures = loadErasures(nothing, [], async (_, given) => void order.push(JSON.stringify(given)))
  hearErasures(erasures, [asked()], { atMs: 50, sequence: 9 }, () => false)
  const [one] = takeErasures(erasures) as [Erasure]
  const store = { putErasure: async () => void order.push('stored') }
  const rowless = await advance(erasures, store, one, () => ({ rowsGoneAt: 55 }))
  await advance(erasures, store, rowless, () => ({ keysGoneAt: 60 }))
  expect(order).toEqual(['stored', expect.stringContaining('"keysGoneAt":60'), 'stored'])
  expect(order.join()).not.toContain(visitor)
  // Nobody is given a receipt of it.
  const own = loadErasures(nothing, [], async () => void order.push('kept'))
  hearErasures(own, [asked('consent-withdrawn')], { atMs: 50, sequence: 9 }, () => true)
  await advance(own, store, (takeErasures(own) as [Erasure])[0], () => ({ keysGoneAt: 60 }))
  expect(order).not.toContain('kept')
})
