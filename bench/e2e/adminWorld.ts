import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import WebSocket from 'ws'
import { type Level, type Role, rolesOf } from '../../core/access.ts'
import {
  bearer,
  benchTenant,
  origin,
  settingsOf,
  startSystem,
  type System,
  temporaryFolder,
} from '../system.ts'
import { helloText, openSocket } from './badInputsClient.ts'

/** A system with tenants and keys, and everything that can be asked of its admin listener. */

export type Answered = { readonly status: number; readonly type: string; readonly text: string }

export type Asking = {
  readonly key?: string | undefined
  readonly body?: unknown
  /** Whose address it comes from, as a proxy says: failures of one do not count for another. */
  readonly from?: string
}

export async function askAdmin(
  system: System,
  method: string,
  path: string,
  { key, body, from }: Asking = {},
): Promise<Answered> {
  const headers = {
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    ...(from === undefined ? {} : { 'x-forwarded-for': from }),
  }
  const sent = method === 'POST' ? { body: JSON.stringify(body ?? {}) } : {}
  const url = `http://127.0.0.1:${system.adminPort}${path}`
  const response = await fetch(url, { method, headers, ...sent })
  return {
    status: response.status,
    type: response.headers.get('content-type') ?? '',
    text: await response.text(),
  }
}

/** An answer in short: `200`, or `404 unknown-tenant`. */
export function inShort({ status, text }: Answered): string {
  if (status === 200 || !text.startsWith('{"error"')) return String(status)
  return `${status} ${(JSON.parse(text) as { error: { code: string } }).error.code}`
}

export function machineToken(system: System): string {
  return readFileSync(join(system.dataDir, 'admin.token'), 'utf8').trim()
}

export type GivenKey = { readonly id: string; readonly key: string }

/** Makes a key by the machine's own token. tenant null: the processor's. */
export async function makeKey(
  system: System,
  tenant: string | null,
  role: Role,
  more: object = {},
): Promise<GivenKey> {
  const path = tenant === null ? '/v1/keys' : `/v1/tenants/${tenant}/keys`
  const body = { name: `for-${role}`, role, ...more }
  const answer = await askAdmin(system, 'POST', path, { key: machineToken(system), body })
  if (answer.status !== 200) throw new Error(`no key: ${answer.text}`)
  return JSON.parse(answer.text) as GivenKey
}

/** A key of every role that a tenant's, or the processor's, can have. */
export async function keysOfAllRoles(system: System, tenant: string | null): Promise<Map<Role, GivenKey>> {
  const level: Level = tenant === null ? 'processor' : 'tenant'
  const keys = new Map<Role, GivenKey>()
  for (const role of rolesOf(level)) keys.set(role, await makeKey(system, tenant, role))
  return keys
}

/** Pools whose numbers do not meet; sites `pk_<tenant>`. */
const poolsOf: Readonly<Record<string, object>> = {
  acme: { numbers: ['+4570000001..+4570000100'] },
  other: { numbers: ['+4571000001..+4571000100'] },
}

/** Settings of a system with these tenants, behind proxies on this machine that may say whose a request is. */
export function settingsWith(tenants: readonly string[], server: object = {}): object {
  const all = tenants.map(id => benchTenant(id, `pk_${id}`, poolsOf[id] ?? {}))
  return settingsOf(all, { trustedProxies: ['127.0.0.0/8'], ...server })
}

export type Run = { readonly system: System; end(): Promise<void> }

export async function startWith(tenants: readonly string[], server: object = {}): Promise<Run> {
  const folder = temporaryFolder()
  const settings = settingsWith(tenants, server)
  const system = await startSystem({ dataDir: join(folder.path, 'data'), settings })
  const end = async () => {
    await system.killTree()
    folder.remove()
  }
  return { system, end }
}

/** A visit of a tenant's site, and a call of it that is attributed to the visit. */
export async function visitAndCall(
  system: System,
  tenant: string,
  call: string,
  visitor: string,
): Promise<{ session: string; visitor: string }> {
  const socket = await openSocket(system, origin, `pk_${tenant}`)
  const welcome = await socket.ask(helloText({ visitor }))
  const b = welcome.numbers?.[0]?.e164
  await ring(system, tenant, call, b ?? '')
  await socket.close()
  return { session: String(welcome.session), visitor }
}

export async function ring(system: System, tenant: string, call: string, b: string): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${system.publicPort}/v1/calls/generic/${tenant}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}` },
    body: JSON.stringify({ call, state: 'ring', a: '+4520304050', b }),
  })
  if (response.status !== 200) throw new Error(`not rung: ${await response.text()}`)
}

/** Follows the feed; throws the HTTP status where the upgrade is refused. */
export async function openFeed(
  system: System,
  key?: string,
  query = '',
): Promise<{ socket: WebSocket; lines: string[] }> {
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` }
  const socket = new WebSocket(`ws://127.0.0.1:${system.adminPort}/v1/feed${query}`, { headers })
  const lines: string[] = []
  socket.on('message', data => void lines.push(String(data)))
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve())
    socket.once('unexpected-response', (_, { statusCode }) => reject(new Error(String(statusCode))))
    socket.once('error', reject)
  })
  return { socket, lines }
}
