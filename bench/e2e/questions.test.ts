import { afterAll, beforeAll, expect, test } from 'vitest'
import { bearer, origin, type System } from '../system.ts'
import { askAdmin, openFeed, keysOfAllRoles, type Run, startWith, type GivenKey } from './adminWorld.ts'
import { helloText, openSocket, until } from './badInputsClient.ts'
import type { Role } from '../../core/access.ts'

/** What is asked about calls, of a system at work: a dozen calls of visits from several campaigns. */
let run: Run
let system: System
let keys: Map<Role, GivenKey>

type Call = {
  readonly call: string
  readonly b: string
  readonly match: {
    readonly session: string | null
    readonly visitor: string | null
    readonly source: { readonly campaign: string } | null
  }
}
type Page = { readonly calls: readonly Call[]; readonly next: string | null }

const campaigns = ['spring', 'summer', 'autumn']
const calls = 12
const visitorOf = (call: number) => `${String.fromCharCode(65 + call)}`.repeat(22)

beforeAll(async () => {
  run = await startWith(['acme', 'other'])
  system = run.system
  for (let call = 0; call < calls; call++) await visitAndTalk(call)
  keys = await keysOfAllRoles(system, 'acme')
  await until(
    () => page(''),
    ({ calls: found }) => found?.length === calls,
  )
})
afterAll(() => run?.end())

/** Each visit comes from a campaign, sees a number of its own, and calls it; every third call is answered. */
async function visitAndTalk(call: number): Promise<void> {
  const socket = await openSocket(system, origin, 'pk_acme')
  const campaign = campaigns[call % campaigns.length]
  const page = { url: `https://www.acme.example/?utm_source=google&utm_medium=cpc&utm_campaign=${campaign}` }
  const welcome = await socket.ask(helloText({ visitor: visitorOf(call), page }))
  const b = welcome.numbers?.[0]?.e164 ?? ''
  await signal({ call: `call-${call}`, state: 'ring', a: `+45203040${10 + call}`, b })
  if (call % 3 === 0) {
    await signal({ call: `call-${call}`, state: 'answer', b })
    await signal({ call: `call-${call}`, state: 'end', b })
  }
  await socket.close()
}

async function signal(body: object): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${system.publicPort}/v1/calls/generic/acme`, {
    ...{ method: 'POST', headers: { authorization: `Bearer ${bearer}` }, body: JSON.stringify(body) },
  })
  if (response.status !== 200) throw new Error(await response.text())
}

const analyst = () => keys.get('analyst')?.key
const get = (path: string) => askAdmin(system, 'GET', `/v1/tenants/acme${path}`, { key: analyst() })
const page = async (query: string) => JSON.parse((await get(`/calls${query}`)).text) as Page
const idsOf = ({ calls: found }: Page) => found.map(({ call }) => call)
const all = Array.from({ length: calls }, (_, call) => `call-${call}`)
const latestFirst = [...all].reverse()

test('calls come in pages, the latest first, and a call that rings meanwhile moves none of them', async () => {
  const first = await page('?limit=5')
  expect(idsOf(first)).toEqual(latestFirst.slice(0, 5))
  const second = await page(`?limit=5&after=${first.next}`)
  expect(idsOf(second)).toEqual(latestFirst.slice(5, 10))
  const third = await page(`?limit=5&after=${second.next}`)
  expect([idsOf(third), third.next]).toEqual([latestFirst.slice(10), null])
})

test('calls are told apart by what is known of them', async () => {
  const [one] = (await page('?limit=1')).calls
  expect(idsOf(await page('?campaign=spring'))).toEqual(
    latestFirst.filter(id => Number(id.slice(5)) % 3 === 0),
  )
  expect(idsOf(await page('?campaign=winter'))).toEqual([])
  expect(idsOf(await page('?keyword='))).toEqual(latestFirst)
  expect(idsOf(await page('?kind=exact&outcome=answered'))).toHaveLength(4)
  expect(idsOf(await page('?kind=static,none'))).toEqual([])
  expect(idsOf(await page('?minConfidence=1'))).toEqual([])
  expect(idsOf(await page(`?b=${encodeURIComponent(one?.b ?? '')}`))).toEqual([one?.call])
  expect(idsOf(await page('?firstTime=false'))).toEqual([])
  expect(idsOf(await page('?to=2026-01-01T00:00:00Z'))).toEqual([])
  expect(idsOf(await page('?from=2026-01-01T00:00:00Z&carrier=generic'))).toEqual(latestFirst)
})

test('a visit and a visitor are named in a body', async () => {
  const body = { visitor: visitorOf(3) }
  const search = (more: object) =>
    askAdmin(system, 'POST', '/v1/tenants/acme/calls/search', { key: analyst(), body: more })
  const found = JSON.parse((await search(body)).text) as Page
  expect(idsOf(found)).toEqual(['call-3'])
  const session = found.calls[0]?.match.session
  expect(idsOf(JSON.parse((await search({ session })).text) as Page)).toEqual(['call-3'])
  expect((await search({ visitor: 'short' })).text).toContain('not-a-handle')
  expect((await get(`/calls?visitor=${visitorOf(3)}`)).status).toBe(400)
})

test.each([
  '?limit=0',
  '?from=yesterday',
  '?kind=maybe',
  '?after=bm9uc2Vuc2U',
  '?strange=1',
  '?qualified=perhaps',
])('what is not documented is refused in words: %s', async query => {
  const { status, text } = await get(`/calls${query}`)
  expect([status, (JSON.parse(text) as { error: { detail: string } }).error.detail]).toEqual([
    400,
    expect.stringMatching(/has to be|known here/),
  ])
})

test('all calls come as lines, in CSV and as JSON, and nobody’s number is in them', async () => {
  const stream = async (accept: string) => {
    const headers = { authorization: `Bearer ${analyst()}`, accept }
    const response = await fetch(`http://127.0.0.1:${system.adminPort}/v1/tenants/acme/calls`, { headers })
    return { type: response.headers.get('content-type'), text: await response.text() }
  }
  const csv = await stream('text/csv')
  expect(csv.type).toBe('text/csv; charset=utf-8')
  const [head, ...rows] = csv.text.trimEnd().split('\r\n')
  expect(head).toMatch(/^"call","carrier","b","rangAt"/)
  expect(rows.map(row => row.split(',')[0])).toEqual(latestFirst.map(id => `"${id}"`))
  const lines = await stream('application/x-ndjson')
  const shown = lines.text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as Call)
  expect(shown.map(({ call }) => call)).toEqual(latestFirst)
  expect(`${csv.text}${lines.text}`).not.toContain('4520304')
})

test('a report in CSV says how many rows it leaves out', async () => {
  const url = `http://127.0.0.1:${system.adminPort}/v1/tenants/acme/report?by=campaign&limit=2`
  const headers = { authorization: `Bearer ${analyst()}`, accept: 'text/csv' }
  const answer = await fetch(url, { headers })
  expect((await answer.text()).trim().split('\r\n')).toHaveLength(3)
  expect(answer.headers.get('ringtrail-more')).toBe('1')
})

test('a report adds up, by one dimension and by two, under every model', async () => {
  type Rows = {
    rows: { campaign: string; source: string; calls: number; credit: number; answered: number }[]
    total: { calls: number; answered: number }
  }
  const report = async (query: string) => JSON.parse((await get(`/report${query}`)).text) as Rows
  const byCampaign = await report('?by=campaign')
  expect(
    byCampaign.rows.map(({ campaign, calls: count, answered }) => [campaign, count, answered]).sort(),
  ).toEqual([
    ['autumn', 4, 0],
    ['spring', 4, 4],
    ['summer', 4, 0],
  ])
  expect(byCampaign.total).toMatchObject({ calls, answered: 4 })
  for (const model of [
    'first-touch',
    'last-touch',
    'last-non-direct',
    'linear',
    'position-based',
    'time-decay',
  ]) {
    const { rows } = await report(`?by=source,campaign&model=${model}&daily=true`)
    expect(rows.reduce((sum, { credit }) => sum + credit, 0)).toBeCloseTo(calls)
    for (const row of rows) expect(row.source).toBe('google')
  }
  expect((await get('/report?by=weather')).status).toBe(400)
})

const agent = () => keys.get('call-centre')?.key
const open = async (path: string, body: object) => {
  const { status, text } = await askAdmin(system, 'POST', `/v1/tenants/acme${path}`, { key: agent(), body })
  return { status, answer: JSON.parse(text) as Opened }
}
type Opened = {
  readonly calls: readonly { readonly call: string; readonly a: string | null }[]
  readonly a: string | null
  readonly visitor: string
  readonly credit: readonly { readonly shares: Readonly<Record<string, number>> }[]
  readonly spans: readonly object[]
  readonly numbers: readonly { readonly number: string }[]
  readonly timeline: readonly {
    readonly kind: string
    readonly personal: Readonly<Record<string, unknown>> | null
  }[]
}

test('who may open visits sees who called, and what they looked at before it rang', async () => {
  const calls = await open('/calls/open', { campaign: 'spring', limit: '2', purpose: 'ticket 1' })
  expect(calls.answer.calls.map(({ call, a }) => [call, a])).toEqual([
    ['call-9', '+4520304019'],
    ['call-6', '+4520304016'],
  ])
  const call = await open('/calls/call-9/open', {})
  expect(call.answer).toMatchObject({
    a: '+4520304019',
    credit: [{ shares: { linear: 1, 'first-touch': 1 } }],
  })
  expect(call.answer.timeline).toMatchObject([
    { kind: 'page-view', personal: { url: expect.stringContaining('spring') } },
  ])
  expect((await open('/calls/nobodys/open', {})).status).toBe(404)
})

test('a visit is opened with its life, its numbers and its calls, and the chain says so', async () => {
  const [one] = (await page('?limit=1')).calls
  const { answer } = await open('/visits/open', { session: one?.match.session, purpose: 'ticket 2' })
  expect(answer.visitor).toBe(visitorOf(11))
  expect(answer.spans).toHaveLength(1)
  expect(answer.numbers.map(({ number }) => number)).toEqual([one?.b])
  expect(answer.timeline.map(({ kind }) => kind)).toEqual(['session', 'page-view', 'call'])
  expect((await open('/visits/open', { session: 'Z'.repeat(22) })).status).toBe(404)
  const key = keys.get('owner')?.key
  const chain = await until(
    async () => (await askAdmin(system, 'GET', '/v1/tenants/acme/audit/records', { key })).text,
    text => text.includes('"visit-opened"'),
  )
  const records = chain
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as { readonly action: string })
  const of = (action: string) => records.find(one => one.action === action)
  expect(of('visit-opened')).toMatchObject({ purpose: 'ticket 2', counts: { records: 3, subjects: 2 } })
  expect(of('calls-opened')).toMatchObject({ purpose: 'ticket 1', counts: { records: 2, subjects: 4 } })
})

test('who held a number at a moment, and since when', async () => {
  const [one] = (await page('?limit=1')).calls
  type Holder = {
    match: { kind: string; visitor: string | null; reasons: string[] }
    held: object | null
    remembered: boolean
  }
  const holder = async (b: string, at?: string) => {
    const query = at === undefined ? '' : `?at=${encodeURIComponent(at)}`
    const { status, text } = await get(`/numbers/${encodeURIComponent(b)}/holder${query}`)
    return { status, ...(JSON.parse(text) as Holder) }
  }
  const now = await holder(one?.b ?? '')
  expect(now).toMatchObject({ match: { visitor: visitorOf(11) }, held: { number: one?.b, shared: false } })
  const before = await holder(one?.b ?? '', new Date(Date.now() - 3_600_000).toISOString())
  expect(before).toMatchObject({ match: { kind: 'none', visitor: null }, held: null, remembered: true })
  const longAgo = await holder(one?.b ?? '', '2026-01-01T00:00:00Z')
  expect(longAgo).toMatchObject({ match: { kind: 'none' }, remembered: false })
  expect(longAgo.match.reasons).toContain('beyond-lateness')
  expect((await holder('+4571000001')).status).toBe(404)
  expect((await get(`/numbers/${encodeURIComponent(one?.b ?? '')}/holder?at=noon`)).status).toBe(400)
})

test('how a pool stood is answered for a pool that is there', async () => {
  expect((await get('/pools/utilisation?pool=nothere')).status).toBe(404)
  const answer = JSON.parse((await get('/pools/utilisation')).text) as object
  expect(answer).toMatchObject({ pool: 'sales', everyMinutes: 5, next: null })
})

test('the feed has the calls that its filters let through, and says what is no filter', async () => {
  const springs = await openFeed(system, analyst(), '?results=call-changed&campaign=spring')
  const refused = await openFeed(system, analyst(), '?results=refused')
  const everything = await openFeed(system, analyst())
  await expect(openFeed(system, analyst(), '?results=weather')).rejects.toThrow('400')
  for (const call of [20, 21, 22]) await visitAndTalk(call)
  await until(
    async () => everything.lines.filter(line => line.includes('"call-22"')),
    lines => lines.length > 0,
  )
  const callsIn = (lines: readonly string[]) => lines.map(line => (JSON.parse(line) as { call: string }).call)
  // The one whose campaign is in turn, at its ring, its answer and its end or at its ring alone.
  expect(new Set(callsIn(springs.lines))).toEqual(new Set(['call-21']))
  expect(refused.lines).toEqual([])
  for (const { socket } of [springs, refused, everything]) socket.close()
})

test('a report by search phrase is ready after a while, and counts every call', async () => {
  const report = async () => (await open('/report/phrases', { purpose: 'ticket 3' })).answer
  const found = await until(report, answer => (answer as unknown as { ready: boolean }).ready)
  const { rows } = found as unknown as { rows: { phrase: string | null; calls: number }[] }
  expect(rows.reduce((sum, row) => sum + row.calls, 0)).toBeGreaterThanOrEqual(calls)
})

/** Asks until it is so. */
const becomes = (ask: () => Promise<unknown>, expected: unknown) =>
  until(ask, found => JSON.stringify(found) === JSON.stringify(expected))

/** The calls that a listener of the feed hears of from its beginning until a call of somebody new rings. */
async function heardUntil(call: number, happens: () => Promise<void>): Promise<string[]> {
  const { socket, lines } = await openFeed(system, analyst(), '?results=call-changed,session-ended')
  await happens()
  await visitAndTalk(call)
  const heard = await until(
    async () => lines.map(line => JSON.parse(line) as { readonly call?: string; readonly kind: string }),
    said => said.some(one => one.call === `call-${call}`),
  )
  socket.close()
  return [...new Set(heard.map(one => one.call ?? one.kind))]
}

const ringAgain = async (id: string) => {
  const b = (await page('')).calls.find(one => one.call === id)?.b ?? ''
  return () => signal({ call: id, state: 'end', b, reason: 'no-answer' })
}

test('of a restricted visitor and caller the feed tells nothing, and a call by its id is refused on either route', async () => {
  const owner = keys.get('owner')?.key
  const say = (body: object) =>
    askAdmin(system, 'POST', '/v1/tenants/acme/subjects/restrict', { key: owner, body })
  const find = (body: object) =>
    askAdmin(system, 'POST', '/v1/tenants/acme/subjects/find', { key: owner, body })
  const found = JSON.parse((await find({ phone: '+4520304015' })).text) as { subjects: { subject: string }[] }
  const caller = found.subjects.map(({ subject }) => subject).find(subject => subject.startsWith('c:'))
  const subjects = [`v:${visitorOf(4)}`, caller]
  const [theirs, callers, others] = await Promise.all(['call-4', 'call-5', 'call-7'].map(ringAgain))
  const statuses = async (call: string) => {
    const old = await askAdmin(system, 'GET', `/v1/calls/${call}?tenant=acme`, { key: analyst() })
    return [(await get(`/calls/${call}`)).status, old.status]
  }
  expect(await statuses('call-4')).toEqual([200, 200])
  const heard = await heardUntil(23, async () => {
    await say({ subjects, mode: 'restricted' })
    await Promise.all([theirs?.(), callers?.(), others?.()])
  })
  expect(heard.sort()).toEqual(['call-23', 'call-7'])
  expect(await statuses('call-4')).toEqual([403, 403])
  expect(await statuses('call-5')).toEqual([403, 403])
  expect(await statuses('call-7')).toEqual([200, 200])
  await say({ subjects, mode: 'lifted' })
  expect(await statuses('call-4')).toEqual([200, 200])
  const again = await ringAgain('call-10')
  expect((await heardUntil(24, again)).sort()).toEqual(['call-10', 'call-24'])
})

test('a visitor who is restricted is in no answer, and who is erased is named in none', async () => {
  const key = keys.get('owner')?.key
  const say = (what: string, body: object) =>
    askAdmin(system, 'POST', `/v1/tenants/acme/subjects/${what}`, { key, body })
  const subjects = [`v:${visitorOf(3)}`]
  const session = (await page('')).calls.find(({ call }) => call === 'call-3')?.match.session
  const springs = async () => idsOf(await page('?campaign=spring'))
  const before = await springs()
  await say('restrict', { subjects, mode: 'restricted' })
  await becomes(
    springs,
    before.filter(id => id !== 'call-3'),
  )
  expect((await open('/calls/call-3/open', {})).status).toBe(403)
  expect((await open('/visits/open', { session })).status).toBe(403)
  expect((await get('/calls/call-3')).status).toBe(403)
  await say('restrict', { subjects, mode: 'lifted' })
  await becomes(springs, before)
  await say('erase', { subjects })
  const named = async () =>
    (await page('?campaign=spring')).calls.find(({ call }) => call === 'call-3')?.match.visitor
  await becomes(named, null)
})
