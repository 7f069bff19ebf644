import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pack } from '../config/pack.ts'
import type { Input } from '../core/input.ts'
import { began, hello, number, policyOf, site, type Story, tell } from '../core/story.ts'
import type { SessionId, VisitorId } from '../core/words.ts'
import { callTimeline, type TimelineAsked } from './callTimeline.ts'
import { loadErasures } from './erasures.ts'
import type { HistoryRow } from './history.ts'
import { openStore, type Store } from './store.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringtrail-call-timeline-'))
let store: Store
let story: Story
let position = 0

/** Anna reads three pages and calls after the second; Bo reads one meanwhile, and nobody calls from there. */
beforeAll(async () => {
  store = openStore(folder, 0)
  story = tell(policyOf(2))
  const opened = (second: number, who: string) => story.at(second, hello(who, `${who}s`))
  opened(1, 'anna')
  opened(2, 'bo')
  story.signal(30, 'c', number(0))
  await keep([
    row(1, 'annas', hello('anna', 'annas'), 'start'),
    row(2, 'bos', hello('bo', 'bos'), 'start'),
    row(20, 'annas', page('anna', 'annas', 2), 'prices'),
    row(40, 'annas', page('anna', 'annas', 3), 'contact'),
  ])
})

afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

const source = { source: 'google', medium: 'cpc', campaign: null, content: null, keyword: null }

function page(visitor: string, session: string, id: number): Input {
  const ids = {
    visitor: visitor as VisitorId,
    session: session as SessionId,
    freshSession: session as SessionId,
  }
  return { kind: 'page', tenant: 'acme', site, ...ids, tab: 'tab', targets: null, page: { id, source } }
}

/** With the first version's form of a sealed part: packed, so that no key is needed. */
function row(second: number, session: string, clear: Input, title: string): HistoryRow {
  const personal = Buffer.concat([Buffer.of(0), pack({ title })])
  const where = { tenant: 'acme', atMs: began + second * 1_000, sequence: second, index: 0 }
  return { ...where, event: { clear, session, personal } }
}

async function keep(history: readonly HistoryRow[]): Promise<void> {
  const at = { sequence: position + 1, rules: 1, log: 'test', mark: null }
  const nothing = { rows: [], access: [], erasures: [], breaches: [], audit: [], rectifications: [] }
  await store.commit({ ...nothing, history, position: at, expected: position })
  position += 1
}

const asked: TimelineAsked = {
  ...{ tenant: 'acme', carrier: 'generic', call: 'c', opened: true, after: null, most: 10 },
}

function timeline(more: Partial<TimelineAsked> = {}) {
  const keys = { subjectKey: () => null, periodKey: () => null } as never
  const held = { store, keys, state: story.state(), erasures: loadErasures(store) }
  return callTimeline(held, { ...asked, ...more })
}

test('what the visitor looked at, up to the ring and no further, and nobody else’s', () => {
  const shown = timeline()
  expect(shown).toMatchObject({ session: 'annas', next: null })
  expect(shown?.events.map(({ kind, atMs, personal }) => [kind, (atMs - began) / 1_000, personal])).toEqual([
    ['hello', 1, { title: 'start' }],
    ['page', 20, { title: 'prices' }],
  ])
})

test('sealed parts are opened only where that is asked for', () => {
  const shown = timeline({ opened: false })
  expect(shown?.events.map(one => one.personal)).toEqual([null, null])
  expect(JSON.stringify(shown)).not.toContain('prices')
})

test('it comes in pages', () => {
  const first = timeline({ most: 1 })
  expect(first?.events).toMatchObject([{ sequence: 1 }])
  const second = timeline({ most: 1, after: first?.next ?? null })
  expect(second).toMatchObject({ events: [{ sequence: 20 }] })
  expect(timeline({ most: 1, after: second?.next ?? null })).toMatchObject({ events: [], next: null })
})

test('a call that nobody knows has none, one without a visit an empty one', () => {
  expect(timeline({ call: 'other' })).toBeNull()
  expect(timeline({ tenant: 'other' })).toBeNull()
  story.signal(31, 'd', number(5), { a: null })
  expect(timeline({ call: 'd' })).toEqual({ session: null, events: [], next: null })
})

test('when the visitor is erased nothing of it is shown', () => {
  story.at(50, {
    ...{ kind: 'subject-erased', tenant: 'acme', request: 'r', callers: [] },
    visitors: ['anna' as VisitorId],
  })
  expect(timeline()).toEqual({ session: null, events: [], next: null })
})
