import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  benchTenant,
  origin,
  ownNumber,
  settingsOf,
  startSystem,
  type System,
  temporaryFolder,
} from '../system.ts'
import {
  type Answered,
  authorized,
  type CallAnswer,
  helloText,
  metric,
  metricsText,
  openSocket,
  post,
  until,
} from './badInputsClient.ts'
import { applyFile } from './rightsWorld.ts'

/** Pools as whoever runs them meets them: segments, a maximum hold, bots, numbers that come and go while it runs. */
const folder = temporaryFolder()
const dataDir = join(folder.path, 'data')
const file = `${dataDir}.yaml`
const googlebot = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)'
let system: System

const times = { idleTimeout: '60s', tail: '60s', coolDown: '60s', sticky: '1h', overflow: 'fallback' }
const [first, second, third] = ['+4570000001', '+4570000002', '+4570000003']

function settings(numbers: readonly string[]): object {
  const segments = [
    { id: 'brand', when: { medium: 'cpc', landingPath: '/shop' }, pool: 'brand' },
    { id: 'sweden', when: { country: 'SE' }, pool: 'sweden' },
  ]
  const target = (id: string, replace: string, more: object) => ({
    ...{ id, replace, forward: ownNumber, pool: id },
    ...more,
  })
  const tenant = {
    ...benchTenant('bench', 'pk_open', {}),
    sites: [
      { key: 'pk_open', origins: [origin], bots: 'allow' },
      { key: 'pk_people', origins: [origin] },
    ],
    targets: [target('sales', ownNumber, { segments }), target('help', '+4578792223', {})],
    pools: [
      { id: 'sales', numbers, ...times },
      { id: 'brand', numbers: ['+4571000001'], ...times },
      { id: 'sweden', numbers: ['+46850000001'], ...times },
      { id: 'help', numbers: ['+4572000001..+4572000099'], ...times, maxHold: '1s' },
    ],
  }
  return settingsOf([tenant], { partitions: 1 })
}

beforeAll(async () => {
  system = await startSystem({ dataDir, settings: settings([first]) })
})
afterAll(async () => {
  await system?.killTree()
  folder.remove()
})

function change(numbers: readonly string[]): string {
  writeFileSync(file, JSON.stringify({ ...settings(numbers), dataDir }))
  return applyFile(file, '--admin', `127.0.0.1:${system.adminPort}`)
}

async function arrive(more: object, site = 'pk_open', headers: Record<string, string> = {}) {
  const socket = await openSocket(system, origin, site, headers)
  const welcome = await socket.ask(helloText({ targets: ['sales'], ...more }))
  return { socket, welcome, number: welcome.numbers?.[0]?.e164 }
}

const page = (path: string) => ({ page: { url: `http://localhost:8080${path}` } })

test('the page with which a visit begins, and the country it asks for, choose the pool', async () => {
  const brand = await arrive(page('/shop/boats?utm_source=google&utm_medium=cpc'))
  const sweden = await arrive({ ...page('/'), country: 'se' })
  expect([brand.number, sweden.number]).toEqual(['+4571000001', '+46850000001'])
  // It fits, and its pool is empty; the target's own pool is for others.
  expect((await arrive(page('/shop?utm_medium=cpc&utm_source=x'))).number).toBe(ownNumber)
  const call = { call: 'brand', state: 'ring', a: '+4540000001', b: brand.number }
  const { body } = await post(system, '/v1/calls/generic/bench', JSON.stringify(call))
  expect(body).toMatchObject({ match: { kind: 'exact', session: brand.welcome.session }, forward: ownNumber })
})

test('a visit that goes on longer than the maximum hold is told another number, and goes on', async () => {
  const socket = await openSocket(system, origin, 'pk_open')
  const welcome = await socket.ask(helloText({ targets: ['help'] }))
  let id = 1
  const told: Answered = await until(
    () => {
      id += 1
      return socket.ask(JSON.stringify({ type: 'page', id, url: 'http://localhost:8080/more' }))
    },
    ({ type }) => type === 'numbers',
  )
  expect(told.numbers).toHaveLength(1)
  expect(told.numbers?.[0]?.e164).toMatch(/^\+45720000/)
  expect(told.numbers?.[0]?.e164).not.toBe(welcome.numbers?.[0]?.e164)
  expect(await socket.next()).toEqual({ type: 'ack', id })
})

test('a bot, and a page that is fetched ahead, are shown the page’s own number, and nothing is kept of them', async () => {
  const sessions = await metric(system, 'ringtrail_sessions')
  const bot = await arrive({}, 'pk_people', { 'user-agent': googlebot })
  const ahead = await arrive({}, 'pk_open', { 'sec-purpose': 'prefetch;prerender' })
  for (const { welcome, number, socket } of [bot, ahead]) {
    expect(welcome).toMatchObject({ type: 'welcome', visitor: null, session: null })
    expect(number).toBe(ownNumber)
    expect(await socket.ask('{"type":"page","id":2,"url":"http://localhost:8080/"}')).toEqual({
      type: 'ack',
      id: 2,
    })
  }
  const beacon = await post(system, '/v1/visit?site=pk_people', `[${helloText()}]`, {
    ...{ origin, 'user-agent': googlebot },
  })
  expect(beacon).toMatchObject({ status: 200, body: [{ type: 'welcome', session: null }] })
  const text = await metricsText(system)
  expect(text).toContain('ringtrail_unfollowed_total{because="bot"} 2')
  expect(text).toContain('ringtrail_unfollowed_total{because="preview"} 1')
  expect(await metric(system, 'ringtrail_sessions')).toBe(sessions)
  // Where bots are welcome one is a visitor as any other.
  const welcomed = await arrive(page('/'), 'pk_open', { 'user-agent': googlebot })
  expect(welcomed.number).toBe(first)
  await welcomed.socket.ask(JSON.stringify({ type: 'hello', ...page('/'), consent: 'denied' }))
})

test('a number that is taken out drains: nobody is lent it, and its calls match; one that is put in is lent', async () => {
  expect(change([second])).toBe('bench: changed\n')
  const anna = await arrive(page('/'))
  expect(anna.number).toBe(second)
  expect(change([third])).toBe('bench: changed\n')
  const bo = await arrive(page('/'))
  expect(bo.number).toBe(third)
  expect((await arrive(page('/'))).number).toBe(ownNumber)

  const call = { call: 'drained', state: 'ring', a: '+4540000001', b: second }
  const { body } = await post(system, '/v1/calls/generic/bench', JSON.stringify(call), authorized)
  expect((body as CallAnswer).match).toMatchObject({ kind: 'exact', session: anna.welcome.session })
  expect((body as CallAnswer).forward).toBe(ownNumber)
  const phase = (name: string) =>
    metric(system, `ringtrail_pool_numbers{tenant="bench",pool="sales",phase="${name}"}`)
  expect([await phase('assigned'), await phase('free')]).toEqual([1, 0])
  expect(await phase('draining')).toBeGreaterThanOrEqual(1)
  expect(await metric(system, 'ringtrail_pool_utilisation_ratio{tenant="bench",pool="sales"}')).toBe(1)
  expect(await metric(system, 'ringtrail_pool_filling{tenant="bench",pool="sales"}')).toBe(1)

  // Put back in, it is still its visitor's.
  expect(change([second, third])).toBe('bench: changed\n')
  expect(await phase('assigned')).toBe(2)
  expect((await arrive(page('/'))).number).toBe(ownNumber)
})
