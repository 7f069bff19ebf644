import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { splitParts } from '../../config/sealing.ts'
import { benchTenant, settingsOf, siteKey, type System } from '../system.ts'
import { until } from './badInputsClient.ts'
import {
  type LoggedEvent,
  openPage,
  type OpenPage,
  type RightsWorld,
  startRightsWorld,
} from './rightsWorld.ts'

/**
 * What goes earlier is changed in both directions while pages talk to two gateways that run by themselves. The bound is one
 * of the log's own time: from the entry that changes it to the first event that a gateway has sealed accordingly.
 */
let world: RightsWorld

const settings =
  (fieldRetention: object | null, ...others: object[]) =>
  (server: object) =>
    settingsOf([{ ...benchTenant('bench', siteKey, {}), fieldRetention }, ...others], server)

beforeAll(async () => {
  world = await startRightsWorld(settings(null))
})
afterAll(() => world?.stop())

const boundMs = 1_000
const randomId = () => randomBytes(16).toString('base64url')

/** A page that says something every few milliseconds, until it is told to stop. */
async function chatty(system: System): Promise<OpenPage> {
  const page = await openPage(system, { visitor: randomId(), tab: randomId() })
  let id = 1
  const timer = setInterval(() => {
    id += 1
    page.send({ type: 'page', id, url: `http://localhost:8080/${id}`, title: 'A page' })
  }, 25)
  const close = () => {
    clearInterval(timer)
    return page.close()
  }
  return { ...page, close }
}

/** Entries that put another policy in force. Two gateways that start at once may both introduce the tenant (rule L5). */
function changes(log: readonly LoggedEvent[]): LoggedEvent[] {
  let inForce = ''
  return log.filter(({ clear }) => {
    if (clear.kind !== 'configured' || clear.version === inForce) return false
    inForce = clear.version
    return true
  })
}

/** In how many parts the pages of each visitor were sealed that came after a change by more than the bound, once there are some. */
async function partsAfter(change: number): Promise<Map<string, Set<number>>> {
  const seen = async () => {
    const log = await world.log()
    const sinceMs = (changes(log)[change]?.timeMs ?? Number.POSITIVE_INFINITY) + boundMs
    const byVisitor = new Map<string, Set<number>>()
    for (const { clear, personal, timeMs } of log) {
      if (clear.kind !== 'page' || personal === null || timeMs <= sinceMs) continue
      const parts = byVisitor.get(clear.visitor) ?? new Set()
      byVisitor.set(clear.visitor, parts.add(splitParts(personal).length))
    }
    return byVisitor
  }
  return until(seen, found => found.size === 2)
}

test('two gateways obey a change of what goes earlier within a second, in both directions', async () => {
  const pages = [await chatty(world.left), await chatty(world.right)]
  const apart = (found: ReadonlyMap<string, Set<number>>) => [...found.values()].map(parts => [...parts])
  expect(apart(await partsAfter(0))).toEqual([[1], [1]])

  expect(world.configure(settings({ url: '1h' }))).toBe('bench: changed\n')
  expect(apart(await partsAfter(1))).toEqual([[2], [2]])
  expect(world.configure(settings({ url: '1h', title: '2h' }))).toBe('bench: changed\n')
  expect(apart(await partsAfter(2))).toEqual([[3], [3]])
  expect(world.configure(settings(null))).toBe('bench: changed\n')
  expect(apart(await partsAfter(3))).toEqual([[1], [1]])
  for (const page of pages) await page.close()

  const reply = await world.ask({ kind: 'audit', tenant: 'bench', from: 0, most: 100 })
  const records = reply.kind === 'audit' ? reply.records : []
  const changed = records.filter(({ action }) => action === 'retention-changed')
  expect(changed.map(({ detail }) => [detail.fieldsBefore, detail.fields])).toEqual([
    ['', 'url 1h'],
    ['url 1h', 'title 2h, url 1h'],
    ['title 2h, url 1h', ''],
  ])
})

test('a tenant that is new to its partition waits for the gateways to be started again, and that is said', () => {
  const bolt = benchTenant('bolt', 'pk_bolt', { numbers: ['+4571000001..+4571000009'] })
  expect(world.configure(settings(null, bolt))).toBe(
    'bench: in force\nbolt: new; it is taken in after a restart of the gateways\n',
  )
})
