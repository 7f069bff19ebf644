import { scopes } from '../../core/access.ts'
import { limits } from '../../core/limits.ts'
import type { AdminRoute } from '../../gateway/adminRoute.ts'
import { adminRoutes } from '../../gateway/adminRoutes.ts'
import { type GivenKey, machineToken, makeKey } from '../e2e/adminWorld.ts'
import { until } from '../e2e/badInputsClient.ts'
import type { System } from '../system.ts'
import { canaries } from './canaries.ts'
import type { Said } from './ear.ts'
import type { Traffic } from './visits.ts'

/**
 * The admin API: every route of the table, rightly and in every wrong way, with canaries wherever something can be put.
 * Refusals are heard, and what routes answer whose scope sees nothing about people.
 */

export type Keys = Readonly<Record<'owner' | 'officer' | 'analyst' | 'operator', GivenKey>>

export async function makeKeys(system: System): Promise<Keys> {
  return {
    owner: await makeKey(system, 'bench', 'owner'),
    officer: await makeKey(system, 'bench', 'privacy-officer'),
    analyst: await makeKey(system, 'bench', 'analyst'),
    operator: await makeKey(system, null, 'operator'),
  }
}

type Asking = {
  readonly key?: string
  readonly body?: string
  readonly method?: string
  readonly more?: object
}

let asked = 0

/** Each comes from an address of its own, as a proxy says: what one of them guesses wrong does not count for another. */
export function asker({ adminPort: port }: System, { ear }: Traffic) {
  return (path: string, { key, body = '', method = 'POST', more = {} }: Asking = {}): Promise<Said> => {
    asked += 1
    const from = `198.51.${asked >> 8}.${asked & 255}`
    const shown = key === undefined ? {} : { authorization: `Bearer ${key}` }
    const about = { 'user-agent': canaries.userAgent, 'x-forwarded-for': from }
    const sent = { port, method, path, body, headers: { ...about, ...shown, ...more } }
    return ear.send(`admin ${method}`, sent)
  }
}

const strange = {
  phone: canaries.phone,
  email: canaries.email,
  subject: canaries.name,
  [canaries.email]: canaries.street,
}

/** Of keys, requests and breaches: ours, and random. */
const ownIds = /"(?:key|id|request)":"[^"]+"/g

/** Every route, as nobody, with keys that are none, with one that may not, and with the right one and every kind of body. */
export async function everyRoute(system: System, traffic: Traffic, keys: Keys): Promise<void> {
  const ask = asker(system, traffic)
  for (const route of adminRoutes) {
    const method = route.method === 'WS' ? 'GET' : route.method
    const path = pathOf(route, 'bench')
    const key = route.tenant === 'none' ? keys.operator.key : keys.owner.key
    await ask(path, { method })
    await ask(path, { method, key: `rt_bench_${canaries.phone}` })
    await ask(path, { method, key: keys.analyst.key, body: JSON.stringify(strange) })
    await ask(path, { method: 'PUT', key })
    await ask(pathOf(route, encodeURIComponent(canaries.email)), { method, key })
    const bodies = [
      strange,
      [canaries.phone],
      { purpose: canaries.phone },
      { name: canaries.name, purpose: canaries.email },
    ]
    for (const body of bodies) await ask(path, { method, key, body: JSON.stringify(body) })
    for (const body of [`{"phone":"${canaries.phone}`, '']) await ask(path, { method, key, body })
    const said = await ask(path, { method, key, body: JSON.stringify(route.example ?? {}) })
    if (scopes[route.scope].sees === 'nothing' && said.status === 200)
      traffic.ear.add(`200 of ${route.path}`, said.text.replace(ownIds, ''))
  }
}

const pathOf = (route: AdminRoute, tenant: string) =>
  route.path.replace('{tenant}', tenant).replaceAll(/\{\w+\}/g, encodeURIComponent(canaries.phone))

/** What no table of routes has: hosts, addresses, sizes, guesses without end, keys that ended. */
export async function wrongKeys(system: System, traffic: Traffic, keys: Keys): Promise<void> {
  const ask = asker(system, traffic)
  const [path, key] = ['/v1/tenants/bench/keys', keys.owner.key]
  await ask(path, { method: 'GET', more: { host: `${canaries.path.slice(1)}.example` } })
  await ask('/v1/feed', { method: 'GET', more: { host: canaries.ipv4 } })
  await ask(`${canaries.path}/${encodeURIComponent(canaries.email)}`, { method: 'GET', key })
  await ask('/v1/tenants/nobody/keys', { method: 'GET', key })
  await ask(path, { key, body: 'x'.repeat(limits.adminBodyBytesMax + 1) })
  await ask(path, { key, body: JSON.stringify({ name: '4520917364', role: 'analyst' }) })
  const [ended, brief] = [
    await makeKey(system, 'bench', 'analyst'),
    await makeKey(system, 'bench', 'analyst', { expiresIn: '10ms' }),
  ]
  await ask(`${path}/${ended.id}/revoke`, { key })
  await ask(`${path}/${ended.id}/rotate`, { key })
  const call = `/v1/calls/${canaries.call}?tenant=bench`
  await ask(call, { method: 'GET', key: ended.key })
  const isOver = async () => (await ask(call, { method: 'GET', key: brief.key })).text.includes('key-expired')
  await until(isOver, over => over)
  const guess = {
    method: 'GET',
    key: `${key.slice(0, -8)}AAAAAAAA`,
    more: { 'x-forwarded-for': canaries.ipv4 },
  }
  for (let count = 0; count <= limits.failedProofsPerAddressPerMinuteMax; count += 1) await ask(call, guess)
  const socket = {
    connection: 'upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': `${'x'.repeat(22)}==`,
  }
  await ask('/v1/feed', { method: 'GET', key, more: { ...socket, origin: `https://${canaries.ipv4}` } })
}

/** Another key, where there are as many as there may be. */
export async function oneTooMany(system: System, traffic: Traffic, { owner }: Keys): Promise<void> {
  const ask = asker(system, traffic)
  const make = () =>
    ask('/v1/tenants/bench/keys', { key: owner.key, body: '{"name":"more","role":"analyst"}' })
  await until(make, ({ text }) => text.includes('too-many-keys'))
}

/** A file is to be put in force, as `ringtrail apply` beside the process asks for it. */
export function applyFile(system: System, traffic: Traffic, file: string): Promise<Said> {
  const body = JSON.stringify({ file })
  return asker(system, traffic)('/v1/apply', { key: machineToken(system), body })
}
