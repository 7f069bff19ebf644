import { request as httpRequest } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Role, scopesOf } from '../../core/access.ts'
import type { AdminRoute } from '../../gateway/adminRoute.ts'
import { adminRoutes } from '../../gateway/adminRoutes.ts'
import type { System } from '../system.ts'
import {
  askAdmin,
  type GivenKey,
  inShort,
  keysOfAllRoles,
  machineToken,
  makeKey,
  type Run,
  startWith,
  visitAndCall,
} from './adminWorld.ts'
import { until } from './badInputsClient.ts'
import { foreignBodies, foreignPlaces, type Foreign, nameOf, placesOf } from './isolationCases.ts'

/**
 * Every route of the admin API, from its table, with every key that must not open it, and with everything of another
 * tenant that it could be asked for. What is asked for is `other`'s; who asks is `acme`, with the right key or a wrong one.
 */
let run: Run
let system: System
let foreign: Foreign
let acme: Map<Role, GivenKey>
let other: Map<Role, GivenKey>
let processor: Map<Role, GivenKey>
let expired: GivenKey
let revoked: GivenKey

beforeAll(async () => {
  run = await startWith(['acme', 'other'])
  system = run.system
  await visitAndCall(system, 'acme', 'acme-1', 'A'.repeat(22))
  const visit = await visitAndCall(system, 'other', 'other-1', 'B'.repeat(22))
  acme = await keysOfAllRoles(system, 'acme')
  other = await keysOfAllRoles(system, 'other')
  processor = await keysOfAllRoles(system, null)
  const erased = 'C'.repeat(22)
  const erasure = await erase(other.get('owner')?.key, `v:${erased}`)
  const breach = await openBreach(other.get('owner')?.key ?? '')
  const key = other.get('analyst')?.id ?? ''
  const b = '+4571000001'
  foreign = { tenant: 'other', key, call: 'other-1', erasure, erased, breach, b, ...visit }
  expired = await makeKey(system, 'acme', 'owner', { expiresIn: '1ms' })
  revoked = await makeKey(system, 'acme', 'owner')
  const path = `/v1/tenants/acme/keys/${revoked.id}/revoke`
  await askAdmin(system, 'POST', path, { key: machineToken(system) })
  await until(
    async () => inShort(await askAdmin(system, 'GET', '/v1/calls/acme-1', { key: expired.key })),
    answer => answer === '401 key-expired',
  )
})

afterAll(() => run?.end())

/** A breach that the other tenant has opened. */
async function openBreach(key: string): Promise<string> {
  const body = { nature: 'loss' }
  const { text } = await askAdmin(system, 'POST', '/v1/tenants/other/breaches', { key, body })
  return (JSON.parse(text) as { id: string }).id
}

const routes = adminRoutes.map(route => [nameOf(route), route] as const)
const ofTenants = routes.filter(([, { tenant }]) => tenant !== 'none')

/** Everybody's failures are counted by address, so each test comes from one of its own. */
let addresses = 0
const fromAnew = () => {
  addresses += 1
  return `198.51.${Math.floor(addresses / 200)}.${(addresses % 200) + 1}`
}

type Put = { readonly tenant?: string; readonly places?: Readonly<Record<string, string>> }

/** Asks, in the name of the other tenant, for an erasure, and gives its request. */
async function erase(key: string | undefined, subject: string): Promise<string> {
  const body = { subjects: [subject] }
  const { text } = await askAdmin(system, 'POST', '/v1/tenants/other/subjects/erase', { key, body })
  return (JSON.parse(text) as { request: string }).request
}

/** Ids of requests and times are new in every answer; a ZIP holds both. Handles are those that were asked for. */
function steady({ status, type, text }: Awaited<ReturnType<typeof askAdmin>>) {
  if (type === 'application/zip') return { status, type, text: '' }
  const same = text.replace(/"(request|inForceAt)":"[^"]+"/g, '"$1":"…"').replace(/v:[\w-]{22}/g, 'v:…')
  return { status, type, text: same }
}

/** A route's address, with these in its places; what is not said is something that does not exist. */
function addressOf({ path, tenant: whose }: AdminRoute, { tenant = 'acme', places = {} }: Put): string {
  const filled = path.replaceAll(/\{([a-z]+)\}/g, (_, name: string) =>
    name === 'tenant' ? tenant : (places[name] ?? 'nobodys'),
  )
  return whose === 'in-query' || whose === 'any' ? `${filled}?tenant=${tenant}` : filled
}

async function ask(route: AdminRoute, put: Put, key?: string, body: unknown = route.example) {
  const path = addressOf(route, put)
  if (route.method === 'WS') return upgrade(path, key)
  return askAdmin(system, route.method, path, { key, body, from: fromAnew() })
}

/** What an upgrade is answered; 101: it was opened. */
function upgrade(path: string, key?: string): Promise<{ status: number; type: string; text: string }> {
  const headers = {
    ...{ connection: 'upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' },
    ...{ 'sec-websocket-key': `${'x'.repeat(22)}==`, 'x-forwarded-for': fromAnew() },
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
  }
  return new Promise((resolve, reject) => {
    const asked = httpRequest({ host: '127.0.0.1', port: system.adminPort, path, headers }, async answer => {
      let text = ''
      for await (const chunk of answer) text += String(chunk)
      resolve({ status: answer.statusCode ?? 0, type: answer.headers['content-type'] ?? '', text })
    })
    asked.on('upgrade', (_, socket) => {
      socket.destroy()
      resolve({ status: 101, type: '', text: '' })
    })
    asked.on('error', reject)
    asked.end()
  })
}

/** Keys of acme whose role holds the route's scope, and those whose role does not. */
function rightKeys({ scope, tenant }: AdminRoute): [Role, GivenKey][] {
  return [...(tenant === 'none' ? processor : acme)].filter(([role]) => scopesOf(role).includes(scope))
}
function scopelessKeys({ scope }: AdminRoute): [Role, GivenKey][] {
  return [...acme, ...processor].filter(([role]) => !scopesOf(role).includes(scope))
}

test.each(routes)('%s has its cases', (name, route) => {
  const places = placesOf(route).filter(place => place !== 'tenant')
  for (const place of places) expect(foreignPlaces, `{${place}} of ${name}`).toHaveProperty(place)
  if (route.body !== null) expect(Object.keys(foreignBodies), `the body of ${name}`).toContain(name)
})

test('no case is of a route that is no more', () => {
  const names = routes.map(([name]) => name)
  expect(Object.keys(foreignBodies).filter(name => !names.includes(name))).toEqual([])
  const places = new Set(adminRoutes.flatMap(placesOf))
  expect(Object.keys(foreignPlaces).filter(place => !places.has(place))).toEqual([])
})

test.each(routes)('%s: no key, no right one, one that has ended', async (_, route) => {
  const answers = async (key?: string) => [
    inShort(await ask(route, {}, key)),
    inShort(await ask(route, { tenant: 'other' }, key)),
    inShort(await ask(route, { tenant: 'nobody' }, key)),
  ]
  const three = (answer: string) => [answer, answer, answer]
  expect(await answers()).toEqual(three('401 key-missing'))
  expect(await answers('garbage')).toEqual(three('401 key-missing'))
  expect(await answers('rt_acme_garbage')).toEqual(three('401 key-missing'))
  const right = acme.get('owner')?.key ?? ''
  expect(await answers(`${right.slice(0, -1)}${right.endsWith('A') ? 'B' : 'A'}`)).toEqual(
    three('401 key-missing'),
  )
  expect(await answers(right.replace('rt_acme_', 'rt_other_'))).toEqual(three('401 key-missing'))
  expect(await answers(right.replace('rt_acme_', 'rt___'))).toEqual(three('401 key-missing'))
  expect(await answers(expired.key)).toEqual(three('401 key-expired'))
  expect(await answers(revoked.key)).toEqual(three('401 key-revoked'))
})

test.each(routes)('%s: every role that lacks its scope', async (_, route) => {
  const lacking = scopelessKeys(route)
  expect(lacking.length).toBeGreaterThan(0)
  for (const [role, { key }] of lacking)
    for (const tenant of ['acme', 'other', 'nobody'])
      expect(inShort(await ask(route, { tenant }, key)), `${role} for ${tenant}`).toBe('403 scope-missing')
})

test.each(ofTenants)('%s: the other tenant is answered as one that does not exist', async (_, route) => {
  const keys = rightKeys(route)
  expect(keys.length).toBeGreaterThan(0)
  const places = Object.fromEntries(
    placesOf(route)
      .filter(place => place !== 'tenant')
      .map(place => [place, foreignPlaces[place]?.(foreign) ?? '']),
  )
  for (const [role, { key }] of keys) {
    const nobodys = await ask(route, { tenant: 'nobody', places }, key)
    expect(inShort(nobodys), role).toBe('404 unknown-tenant')
    expect(await ask(route, { tenant: 'other', places }, key), role).toEqual(nobodys)
    expect(await ask(route, { tenant: 'other', places }, key, { strange: true }), role).toEqual(nobodys)
  }
})

test.each(ofTenants)(
  '%s: what is the other tenant’s is answered as what does not exist',
  async (name, route) => {
    for (const place of placesOf(route).filter(one => one !== 'tenant')) {
      const id = foreignPlaces[place]?.(foreign) ?? ''
      for (const [role, { key }] of rightKeys(route)) {
        const nobodys = await ask(route, {}, key)
        expect(nobodys.status, role).toBe(404)
        expect(await ask(route, { places: { [place]: id } }, key), role).toEqual(nobodys)
      }
    }
    const bodies = foreignBodies[name] ?? null
    if (bodies === null) return
    for (const [role, { key }] of rightKeys(route)) {
      const nobodys = steady(await ask(route, {}, key, bodies.nobodys))
      expect(steady(await ask(route, {}, key, bodies.foreign(foreign))), role).toEqual(nobodys)
    }
  },
)

test.each(routes.filter(([, { tenant }]) => tenant === 'none'))(
  '%s: no key of a tenant gets there, whatever its role',
  async (_, route) => {
    for (const [role, { key }] of [...acme, ...other])
      expect(inShort(await ask(route, {}, key)), role).toBe('403 scope-missing')
  },
)

test('after all of it, what is the other tenant’s is as it was', async () => {
  const key = other.get('owner')?.key
  const { text } = await askAdmin(system, 'GET', '/v1/tenants/other/keys', { key })
  const { keys } = JSON.parse(text) as { keys: { id: string; standing: string; rotatedAt: string | null }[] }
  expect(keys.map(one => one.id).sort()).toEqual([...other.values()].map(({ id }) => id).sort())
  for (const one of keys) expect(one).toMatchObject({ standing: 'active', rotatedAt: null })
  const call = await askAdmin(system, 'GET', '/v1/calls/other-1', { key })
  expect(JSON.parse(call.text)).toMatchObject({ match: { kind: 'exact', visitor: foreign.visitor } })
  const body = { visitor: foreign.visitor }
  const found = await askAdmin(system, 'POST', '/v1/tenants/other/subjects/find', { key, body })
  expect(JSON.parse(found.text)).toMatchObject({ subjects: [{ sessions: 1, calls: 1 }] })
})
