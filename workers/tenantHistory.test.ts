import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type History, type OpenedEvent, recordsOf } from '../config/export/assemble.ts'
import { isRecordOf, type OpenedRecord } from '../config/export/records.ts'
import { randomWorld } from '../config/export/testHistory.ts'
import { pack } from '../config/pack.ts'
import { callKey, type State } from '../core/state.ts'
import { visitorName } from '../core/subjectNames.ts'
import { loadErasures } from './erasures.ts'
import type { HistoryRow } from './history.ts'
import { openStore, type Store } from './store.ts'
import { historiesOf } from './tenantHistory.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringtrail-tenant-history-'))
let store: Store
let position = 0
beforeAll(() => {
  store = openStore(folder, 0)
})
afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

/** The first version's form of a sealed part: packed, so that no key is needed. */
const packed = (personal: OpenedEvent['personal']) =>
  personal === null ? null : Buffer.concat([Buffer.of(0), pack(personal)])

async function put(tenant: string, events: readonly OpenedEvent[]): Promise<void> {
  const history = events.map(({ clear, session, personal, atMs, sequence, index }): HistoryRow => {
    return { tenant, atMs, sequence, index, event: { clear, session, personal: packed(personal) } }
  })
  const at = { sequence: position + 1, rules: 1, log: 'test', mark: null }
  const nothing = { rows: [], access: [], erasures: [], breaches: [], audit: [], rectifications: [] }
  await store.commit({ ...nothing, history, position: at, expected: position })
  position += 1
}

/** What the core holds of it. */
function stateOf(tenant: string, { sessions, calls }: History): State {
  const kept = sessions.map(
    one => [one.session, { ...one, spans: [[one.startedAt, one.lastBeatAt]] }] as const,
  )
  const records = calls.map(one => [callKey(one.carrier, one.call), one] as const)
  const index = { sessions: new Map(kept), calls: new Map(records) }
  return { tenants: new Map([[tenant, index]]) } as unknown as State
}

async function returned(
  tenant: string,
  history: History,
  through: number,
  erasures = loadErasures(store),
): Promise<OpenedRecord[]> {
  const keys = { subjectKey: () => null, periodKey: () => null } as never
  const records: OpenedRecord[] = []
  const state = stateOf(tenant, history)
  for await (const part of historiesOf({ store, keys, state, erasures, tenant, through }))
    records.push(...recordsOf(part, 'everyone'))
  return records.sort(byId)
}
const byId = (one: OpenedRecord, other: OpenedRecord) => (one.id < other.id ? -1 : 1)

/** Some events belong to no visit: none does in what is kept today, but who reads must not lose one. */
const strayed = (events: readonly OpenedEvent[], every: number) =>
  events.map(event => (event.sequence % every === 0 ? { ...event, session: null } : event))

test('all that is held of a tenant comes, each record once, as if it were assembled as a whole', async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const { history } = randomWorld(seed)
    const events = seed % 3 === 0 ? strayed(history.events, 4) : history.events
    const tenant = `tenant-${seed}`
    await put(tenant, events)
    const whole = recordsOf({ ...history, events }, 'everyone').sort(byId)
    const records = await returned(tenant, history, Number.MAX_SAFE_INTEGER)
    expect(records, `seed ${seed}`).toEqual(whole)
    expect(records.every(record => isRecordOf(record.kind, record))).toBe(true)
  }
})

test('a visit of more events than are read at once is one record, and its pages are all there', async () => {
  const { history } = randomWorld(5)
  const [hello] = history.events.filter(({ clear }) => clear.kind === 'hello')
  if (hello === undefined || hello.clear.kind !== 'hello') throw new Error('there is no hello')
  const { clear } = hello
  const many = Array.from({ length: 500 }, (_, index): OpenedEvent => {
    const page = { id: 100 + index, source: clear.page?.source } as never
    const sequence = 1_000 + index
    return { ...hello, sequence, atMs: hello.atMs + index, clear: { ...clear, page } }
  })
  await put('large', many)
  const records = await returned('large', { events: [], calls: [], sessions: [] }, Number.MAX_SAFE_INTEGER)
  const counts = Map.groupBy(records, ({ kind }) => kind)
  expect([counts.get('session')?.length, counts.get('page-view')?.length]).toEqual([1, 500])
})

test('visits and calls of which the core knows and no event is kept are in it', async () => {
  const { history } = randomWorld(11)
  const known = { events: [], calls: history.calls, sessions: history.sessions }
  expect(known.calls.length * known.sessions.length).toBeGreaterThan(0)
  const expected = recordsOf(known, 'everyone').sort(byId)
  expect(await returned('known', known, Number.MAX_SAFE_INTEGER)).toEqual(expected)
})

test('what came into the log later is not in it', async () => {
  const { history } = randomWorld(7)
  const sequences = history.events.map(({ sequence }) => sequence)
  const through = Math.floor(Math.max(...sequences) / 2)
  await put('through', history.events)
  const nothing = { calls: [], sessions: [] }
  const events = history.events.filter(({ sequence }) => sequence <= through)
  const expected = recordsOf({ events, ...nothing }, 'everyone').sort(byId)
  expect(expected.length).toBeGreaterThan(0)
  expect(await returned('through', { events: [], ...nothing }, through)).toEqual(expected)
})

test('nobody is in it who was erased, though rows may still be there', async () => {
  const { history } = randomWorld(13)
  await put('erased', history.events)
  const visitors = history.events.flatMap(({ clear }) =>
    'visitor' in clear ? [visitorName(clear.visitor)] : [],
  )
  const [visitor] = visitors
  if (visitor === undefined) throw new Error('nobody came')
  const erasures = loadErasures(store)
  erasures.erased.add('erased/r', { tenant: 'erased', names: [visitor] }, Number.MAX_SAFE_INTEGER)
  const nothing = { events: [], calls: [], sessions: [] }
  const of = (records: readonly OpenedRecord[]) =>
    records.filter(record => JSON.stringify(record).includes(visitor.slice(2)))
  expect(of(await returned('erased', nothing, Number.MAX_SAFE_INTEGER))).not.toEqual([])
  const records = await returned('erased', nothing, Number.MAX_SAFE_INTEGER, erasures)
  expect(of(records)).toEqual([])
  expect(records).not.toEqual([])
})
