import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Pseudonym, VisitorId } from '../../core/words.ts'
import { bearer, benchSettings, origin, siteKey, type System } from '../system.ts'
import { until } from './badInputsClient.ts'
import {
  type LoggedEvent,
  openPage,
  type OpenPage,
  type RightsWorld,
  startRightsWorld,
  welcomesOf,
} from './rightsWorld.ts'

/**
 * What is in force for a person, in every gateway, while their pages go on talking. The bound is one of the log's own
 * time: from the entry itself to the last that a gateway sent of them.
 */
let world: RightsWorld

beforeAll(async () => {
  world = await startRightsWorld(server => benchSettings({}, server))
})
afterAll(() => world?.stop())

const boundMs = 1_000
const randomId = () => randomBytes(16).toString('base64url') as VisitorId
const requested = (visitors: VisitorId[], callers: Pseudonym[] = []) => ({
  tenant: 'bench',
  request: randomId() as string,
  visitors,
  callers,
})

/** A page that says something every few milliseconds, until it is told to stop. */
async function chatty(system: System, visitor: string): Promise<OpenPage & { quiet(): number }> {
  const page = await openPage(system, { visitor, tab: randomId() })
  let id = 1
  const say = () => {
    id += 1
    page.send({ type: 'page', id, url: `http://localhost:8080/${id}`, title: 'A page' })
  }
  const timer = setInterval(say, 25)
  const quiet = () => {
    clearInterval(timer)
    return id
  }
  return { ...page, quiet }
}

const lastWelcome = (page: OpenPage) => welcomesOf(page).at(-1)
const untilFollowed = (page: OpenPage) =>
  until(
    async () => lastWelcome(page),
    welcome => typeof welcome?.session === 'string',
  )
const untilUnfollowed = (page: OpenPage) =>
  until(
    async () => lastWelcome(page),
    welcome => welcome !== undefined && welcome.visitor === null && welcome.session === null,
  )

const eventsOf = (log: readonly LoggedEvent[], visitor: string) =>
  log.filter(({ clear }) => 'visitor' in clear && clear.visitor === visitor)

type Round = { visitor: VisitorId; mode: 'restricted' | 'objected'; sequence: number; settled: number }

const untilTalking = (page: OpenPage) =>
  until(
    async () => page.heard.filter(({ type }) => type === 'ack').length,
    acknowledged => acknowledged > 2,
  )

/** Where the log has all that was on its way in both gateways: what somebody else says now comes after it. */
async function settledAt(): Promise<number> {
  for (const system of [world.left, world.right]) {
    const page = await openPage(system, { visitor: randomId() })
    await untilFollowed(page)
    await page.close()
  }
  return world.lastSequence()
}

/** Both of a visitor's pages talk while the restriction comes, and on. */
async function restrictAmidTalk(mode: Round['mode']): Promise<Round> {
  const visitor = randomId()
  const pages = await Promise.all([world.left, world.right].map(system => chatty(system, visitor)))
  await Promise.all(pages.map(untilTalking))
  const { sequence } = await world.apply({ kind: 'subject-restricted', mode, ...requested([visitor]) })
  await Promise.all(pages.map(untilUnfollowed))
  const settled = await settledAt()
  for (const page of pages) {
    const last = page.quiet() + 1
    page.send({ type: 'page', id: last, url: 'http://localhost:8080/last' })
    await until(
      async () => page.heard.some(({ type, id }) => type === 'ack' && id === last),
      isAcknowledged => isAcknowledged,
    )
    expect(page.heard.filter(({ type }) => type === 'error')).toEqual([])
    await page.close()
  }
  return { visitor, mode, sequence, settled }
}

test('after a restriction or an objection nothing new of a visitor is used or stored, in any gateway, within a second', async () => {
  const rounds: Round[] = []
  for (const mode of ['restricted', 'objected', 'restricted', 'objected'] as const)
    rounds.push(...(await Promise.all([restrictAmidTalk(mode), restrictAmidTalk(mode)])))
  for (const { visitor } of rounds) await comeAgain(visitor)
  const log = await world.log()
  for (const { visitor, sequence, settled } of rounds) {
    const all = eventsOf(log, visitor)
    const allowed = all.filter(one => one.sequence < sequence)
    const inFlight = all.filter(one => one.sequence > sequence)
    const inForceAt = log.find(one => one.sequence === sequence)?.timeMs ?? 0
    expect(allowed.length).toBeGreaterThan(6)
    for (const one of inFlight) {
      expect(one.sequence).toBeLessThanOrEqual(settled)
      expect(one.timeMs - inForceAt).toBeLessThanOrEqual(boundMs)
    }
    const [found] = await until(
      () => world.find(`v:${visitor}`),
      ([facts]) => facts?.events === allowed.length,
    )
    expect(found?.lastAtMs).toBeLessThanOrEqual(inForceAt)
  }
})

/** On new pages and by beacon, at both gateways: as somebody who is not followed. */
async function comeAgain(visitor: string): Promise<void> {
  for (const system of [world.left, world.right]) {
    const page = await openPage(system, { visitor, consent: 'granted' })
    await untilUnfollowed(page)
    await page.close()
    const response = await fetch(`http://127.0.0.1:${system.publicPort}/v1/visit?site=${siteKey}`, {
      method: 'POST',
      headers: { origin },
      body: JSON.stringify([
        { type: 'hello', visitor, page: { url: 'http://localhost:8080/' } },
        { type: 'page', id: 2, url: 'http://localhost:8080/2' },
      ]),
    })
    expect(await response.json()).toMatchObject([
      { type: 'welcome', visitor: null, session: null },
      { type: 'ack', id: 2 },
    ])
  }
}

test('when it is lifted, who comes is followed again', async () => {
  const visitor = randomId()
  await world.apply({ kind: 'subject-restricted', mode: 'objected', ...requested([visitor]) })
  const before = await openPage(world.left, { visitor })
  await untilUnfollowed(before)
  await world.apply({ kind: 'subject-restricted', mode: 'lifted', ...requested([visitor]) })
  await before.close()
  await until(
    async () => {
      const page = await openPage(world.left, { visitor })
      await until(
        async () => welcomesOf(page).length,
        welcomes => welcomes > 0,
      )
      await page.close()
      return typeof lastWelcome(page)?.session
    },
    session => session === 'string',
  )
})

test('after an erasure open pages go on under another id, and nothing is sent under the old one', async () => {
  const visitor = randomId()
  const pages = await Promise.all([world.left, world.right].map(system => chatty(system, visitor)))
  await Promise.all(pages.map(untilTalking))
  const { sequence } = await world.apply({ kind: 'subject-erased', ...requested([visitor]) })
  const welcomes = await Promise.all(
    pages.map(page =>
      until(
        async () => lastWelcome(page),
        welcome => typeof welcome?.session === 'string' && welcome.visitor !== visitor,
      ),
    ),
  )
  const settled = await settledAt()
  for (const page of pages) {
    page.quiet()
    expect(page.heard.filter(({ type }) => type === 'error')).toEqual([])
  }
  const log = await world.log()
  const after = eventsOf(log, visitor).filter(one => one.sequence > sequence)
  const inForceAt = log.find(one => one.sequence === sequence)?.timeMs ?? 0
  for (const one of after) {
    expect(one.sequence).toBeLessThanOrEqual(settled)
    expect(one.timeMs - inForceAt).toBeLessThanOrEqual(boundMs)
  }
  for (const fresh of welcomes.map(welcome => welcome?.visitor))
    expect(eventsOf(log, String(fresh)).length).toBeGreaterThan(0)
  await Promise.all(pages.map(page => page.close()))
})

test('the number of a caller who objected is not taken; of one who is restricted it is stored', async () => {
  const [objecting, restricted] = ['+4520304051', '+4520304052']
  const [one, two] = await Promise.all([ring(world.left, objecting), ring(world.left, restricted)])
  await world.apply({ kind: 'subject-restricted', mode: 'objected', ...requested([], [one.a as Pseudonym]) })
  await world.apply({
    kind: 'subject-restricted',
    mode: 'restricted',
    ...requested([], [two.a as Pseudonym]),
  })
  for (const system of [world.left, world.right]) {
    await until(
      () => ring(system, objecting),
      ({ a }) => a === null,
    )
    expect(await ring(system, restricted)).toEqual({ a: two.a })
  }
})

/** Rings, and says what the log was told of A. */
async function ring(system: System, a: string): Promise<{ a: string | null }> {
  const call = randomId()
  const response = await fetch(`http://127.0.0.1:${system.publicPort}/v1/calls/generic/bench`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}` },
    body: JSON.stringify({ call, state: 'ring', a, b: '+4570000001' }),
  })
  expect(response.status).toBe(200)
  const log = await world.log()
  const signal = log.find(({ clear }) => clear.kind === 'signal' && clear.call === call)?.clear
  if (signal?.kind !== 'signal') throw new Error('the log has no such signal')
  return { a: signal.a }
}
