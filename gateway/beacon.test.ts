import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { limits } from '../core/limits.ts'
import { createBeacon } from './beacon.ts'

/** The log and the tenants are played here: what is tested is how long the beacon waits for them, and what it counts. */
const site = {
  key: 'pk_test',
  heartbeatMs: 15_000,
  tenant: { id: 'acme', partition: 0, policy: { consent: 'assumed', sites: [], targets: [] } },
}

const siteWith = (more: object) => ({
  ...site,
  tenant: { ...site.tenant, policy: { ...site.tenant.policy, ...more } },
})
type Submitted = { readonly clear: { readonly kind: string }; readonly note?: { readonly action: string } }

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function beaconWith(
  submit: (lane: string, partition: number, event: Submitted) => string | null,
  more: object = {},
) {
  const counted: string[] = []
  const setup = {
    visitors: {
      admit: async () => ({
        site: siteWith(more),
        address: '',
        userAgent: '',
        hasGpc: false,
        automated: null,
      }),
    },
    intake: { submit },
    sealer: {
      event: (_: unknown, clear: object) => ({ clear, personal: null }),
      reference: () => 'a-reference',
    },
    rights: { isClosed: (_: string, visitor: string) => visitor === closed },
    metrics: {
      add: (name: string, labels: string[]) => counted.push([name, ...labels].join(' ')),
      observe: () => undefined,
    },
  }
  const beacon = createBeacon(setup as unknown as Parameters<typeof createBeacon>[0])
  const send = async (...frames: object[]) => {
    const body = Buffer.from(JSON.stringify(frames))
    const request = { method: 'POST', path: '/v1/visit', query: '', headers: new Map(), peer: '', body }
    const answer = beacon(request)
    await vi.advanceTimersByTimeAsync(limits.helloBudgetMs)
    return JSON.parse(String((await answer).body)) as { type: string; code?: string }[]
  }
  return { counted, send }
}

const closed = 'C'.repeat(22)
const hello = { type: 'hello', page: { url: 'http://a/' } }
const withdrawal = { ...hello, consent: 'denied', visitor: 'A'.repeat(22) }

test('a withdrawal that the log does not take in time is answered not-now', async () => {
  const { send } = beaconWith(() => null)
  expect(await send(withdrawal)).toMatchObject([{ type: 'error', code: 'not-now' }])
})

test('every frame that is understood is counted by its kind, every event that is not taken as shed', async () => {
  const { send, counted } = beaconWith(() => 'overloaded')
  await send(hello, { type: 'page', id: 2, url: 'http://a/b' }, { type: 'beat' }, { type: 'nothing' })
  await send(withdrawal)
  expect(counted).toEqual([
    'ringtrail_events_total hello',
    'ringtrail_shed_total hello',
    'ringtrail_events_total page',
    'ringtrail_shed_total page',
    'ringtrail_events_total beat',
    'ringtrail_refused_total overloaded',
    'ringtrail_refused_total overloaded',
    'ringtrail_refused_total not-valid',
    'ringtrail_events_total hello',
    'ringtrail_unfollowed_total denied',
    'ringtrail_shed_total consent-withdrawn',
    'ringtrail_shed_total subject-erased',
    'ringtrail_refused_total overloaded',
  ])
})

test('nothing of a visitor whose data is restricted is sent: the page is answered as one that is not followed', async () => {
  const taken: string[] = []
  const { send, counted } = beaconWith(() => {
    taken.push('event')
    return null
  })
  const answers = await send({ ...hello, visitor: closed }, { type: 'page', id: 2, url: 'http://a/b' })
  expect(answers).toMatchObject([
    { type: 'welcome', visitor: null, session: null },
    { type: 'ack', id: 2 },
  ])
  expect(taken).toEqual([])
  expect(counted).toContain('ringtrail_restricted_total hello')
  expect(counted).toContain('ringtrail_restricted_total page')
})

const submittedBy = async (visitor: string, more: object) => {
  const events: string[] = []
  const { send } = beaconWith((_, __, { clear, note }) => {
    events.push([clear.kind, ...(note ? ['with', note.action] : [])].join(' '))
    return null
  }, more)
  await send({ ...withdrawal, visitor })
  return events
}

test('a no is followed by an erasure, where the tenant does not keep what was sealed', async () => {
  const ada = 'A'.repeat(22)
  const both = ['consent-withdrawn', 'subject-erased with consent-withdrawn']
  expect(await submittedBy(ada, {})).toEqual(both)
  expect(await submittedBy(ada, { onWithdrawal: 'erase' })).toEqual(both)
  expect(await submittedBy(ada, { onWithdrawal: 'keep' })).toEqual([
    'consent-withdrawn with consent-withdrawn',
  ])
})

test('what is restricted is not erased by a no: somebody asked that it be stored', async () => {
  expect(await submittedBy(closed, {})).toEqual(['consent-withdrawn with consent-withdrawn'])
})
