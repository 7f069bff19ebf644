import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { limits } from '../core/limits.ts'
import { createBeacon } from './beacon.ts'

/** The log and the tenants are played here: what is tested is how long the beacon waits for them, and what it counts. */
const site = {
  key: 'pk_test',
  heartbeatMs: 15_000,
  tenant: { id: 'acme', partition: 0, policy: { consent: 'assumed', sites: [], targets: [] } },
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function beaconWith(submit: () => string | null) {
  const counted: string[] = []
  const setup = {
    visitors: { admit: async () => ({ site, address: '', userAgent: '' }) },
    intake: { submit },
    sealer: { event: (_: unknown, clear: object) => ({ clear, personal: null }) },
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
