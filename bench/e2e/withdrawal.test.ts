import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { benchSettings } from '../system.ts'
import { until } from './badInputsClient.ts'
import { type OpenPage, openPage, type RightsWorld, startRightsWorld, welcomesOf } from './rightsWorld.ts'

/** Consent, and what is said in its place: what a no ends, in the whole system. */
let world: RightsWorld

beforeAll(async () => {
  world = await startRightsWorld(server => benchSettings({}, server))
})
afterAll(() => world?.stop())

const randomId = () => randomBytes(16).toString('base64url')
const hello = { type: 'hello', page: { url: 'http://localhost:8080/' } }
const lastWelcome = (page: OpenPage) => welcomesOf(page).at(-1)
const untilWelcome = (page: OpenPage, isFollowed: boolean) =>
  until(
    async () => lastWelcome(page),
    welcome => welcome !== undefined && (welcome.session !== null) === isFollowed,
  )
const untilEvents = (visitor: string, count: number) =>
  until(
    async () => (await world.find(`v:${visitor}`))[0]?.events ?? 0,
    events => events === count,
    60_000,
  )

async function auditOf(action: string) {
  const reply = await world.ask({ kind: 'audit', tenant: 'bench', from: 0, most: 256 })
  return reply.kind === 'audit' ? reply.records.filter(record => record.action === action) : []
}

test('a no erases what was sealed of the visitor, and pages open elsewhere are not followed any more', async () => {
  const visitor = randomId()
  const page = await openPage(world.left, { visitor, consent: 'granted' })
  const other = await openPage(world.right, { visitor, consent: 'granted', tab: randomId() })
  await Promise.all([untilWelcome(page, true), untilWelcome(other, true)])
  page.send({ type: 'page', id: 2, url: 'http://localhost:8080/read' })
  page.send({ type: 'engagement', id: 3, action: 'submit', fields: { name: 'Ada' } })
  await untilEvents(visitor, 4)
  page.send({ ...hello, visitor, consent: 'denied' })
  expect(await untilWelcome(page, false)).toMatchObject({ visitor: null, forget: true })
  await untilWelcome(other, false)
  await untilEvents(visitor, 0)
  const [destroyed] = await until(
    () => auditOf('keys-destroyed'),
    records => records.length === 1,
  )
  expect(destroyed?.counts.rows).toBe(4)
  expect(destroyed?.counts.keys).toBeGreaterThanOrEqual(2)
  const [withdrawn] = await auditOf('consent-withdrawn')
  expect(withdrawn?.request).toBe(destroyed?.request)
  expect(JSON.stringify(withdrawn)).not.toContain(visitor)

  // A yes after it is taken and stored, under a new key.
  page.send({ ...hello, visitor, consent: 'granted' })
  await untilWelcome(page, true)
  await untilEvents(visitor, 1)
  await Promise.all([page.close(), other.close()])
})

test('the no of somebody who never was erases nothing, and leaves no record', async () => {
  const before = (await auditOf('consent-withdrawn')).length
  const page = await openPage(world.left, { visitor: randomId(), consent: 'denied' })
  await untilWelcome(page, false)
  await page.close()
  const known = await openPage(world.left, { consent: 'granted' })
  const welcome = await untilWelcome(known, true)
  known.send({ ...hello, visitor: String(welcome?.visitor), consent: 'denied' })
  await until(
    () => auditOf('consent-withdrawn'),
    records => records.length === before + 1,
  )
  await known.close()
})

test('Global Privacy Control, by header or by the page, is an objection that a yes outdoes', async () => {
  const visitor = randomId()
  const byHeader = await openPage(world.left, { visitor }, { 'sec-gpc': '1' })
  const byPage = await openPage(world.left, { visitor, signals: { gpc: true } })
  for (const page of [byHeader, byPage])
    expect(await untilWelcome(page, false)).toMatchObject({ visitor: null, forget: true })
  expect(await world.find(`v:${visitor}`)).toEqual([])
  byHeader.send({ ...hello, visitor, consent: 'granted' })
  await untilWelcome(byHeader, true)
  await Promise.all([byHeader.close(), byPage.close()])
})
