import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { unzipFiles } from '../../config/export/zip.ts'
import type { AdminRoute } from '../../gateway/adminRoute.ts'
import { adminRoutes } from '../../gateway/adminRoutes.ts'
import { bearer, origin, type System, temporaryFolder } from '../system.ts'
import { askAdmin, keysOfAllRoles, makeKey, openFeed, ring, startWith, visitAndCall } from './adminWorld.ts'
import { helloText, openSocket, until } from './badInputsClient.ts'
import { foreignBodies, nameOf } from './isolationCases.ts'
import { type Chain, comparable, strangersIn, wholeChain } from './twinChain.ts'
import { createNames } from './twinNames.ts'

/**
 * Twins: the same sequence of everything that tenant acme can ask, once with nobody beside it, once with another tenant that
 * has visits, calls and keys. What acme reads is the same, byte for byte, when times and ids of chance are taken out.
 */

const rootKeyFile = join(temporaryFolder().path, 'root-key')
writeFileSync(rootKeyFile, '5'.repeat(64))

const inTurn = (path: string, places: Readonly<Record<string, string>>) =>
  path.replaceAll(/\{([a-z]+)\}/g, (_, name: string) => places[name] ?? 'nobodys')

/**
 * Everything of the table, asked with a key of every role, of one's own, of nobody's and of the other tenant's. Gives what
 * was read of the audit chain.
 */
async function askAll(system: System, foreignKey: string, say: (line: string) => void): Promise<string[]> {
  const readings: string[] = []
  const keys = await keysOfAllRoles(system, 'acme')
  const own = { call: 'acme-1', tenant: 'acme' }
  const foreign = { call: 'other-1', tenant: 'acme', key: foreignKey }
  const asked = async (route: AdminRoute, role: string, key: string, path: string, body: unknown) => {
    const { status, type, text } = await askAdmin(system, route.method, path, { key, body })
    // A package holds times and ids of chance in compressed bytes: its files are compared below.
    const isRead = type === 'application/zip' || type.startsWith('application/jsonl')
    if (type.startsWith('application/jsonl')) readings.push(text)
    say(`${nameOf(route)} ${role} ${status} ${type} ${isRead ? '' : text}`)
  }
  for (const route of adminRoutes.filter(({ method }) => method !== 'WS')) {
    for (const [role, { key }] of keys) {
      const { id } = await makeKey(system, 'acme', 'analyst')
      for (const places of [
        { ...own, key: id },
        { tenant: 'acme' },
        foreign,
        { ...foreign, tenant: 'other' },
      ])
        await asked(route, role, key, inTurn(route.path, places), route.example)
      const bodies = foreignBodies[nameOf(route)] ?? null
      if (bodies === null) continue
      const named = {
        tenant: 'other',
        key: foreignKey,
        call: 'other-1',
        session: 'F'.repeat(22),
        b: '+4571000001',
        erasure: 'x',
        erased: 'E'.repeat(22),
        visitor: 'B'.repeat(22),
        breach: 'x',
      }
      await asked(route, role, key, inTurn(route.path, own), bodies.foreign(named))
    }
  }
  return readings
}

/** A visitor of acme is given their data, and erased. */
async function exportAndErase(system: System, say: (line: string) => void): Promise<void> {
  const { key } = await makeKey(system, 'acme', 'privacy-officer')
  const [path, body] = ['/v1/tenants/acme', { subjects: [`v:${'C'.repeat(22)}`] }]
  const response = await fetch(`http://127.0.0.1:${system.adminPort}${path}/subjects/export`, {
    ...{ method: 'POST', headers: { authorization: `Bearer ${key}` }, body: JSON.stringify(body) },
  })
  for (const [name, bytes] of unzipFiles(new Uint8Array(await response.arrayBuffer()))) {
    const text = Buffer.from(bytes).toString()
    // A cell with an id of chance has an apostrophe more where that begins with a hyphen.
    if (name === 'manifest.json') say(text.replaceAll(/"bytes": \d+/g, ''))
    else say(`${name} ${name.endsWith('.csv') ? '' : text}`)
  }
  const erased = await askAdmin(system, 'POST', `${path}/subjects/erase`, { key, body })
  const { request } = JSON.parse(erased.text) as { request: string }
  const receipt = await until(
    async () => (await askAdmin(system, 'GET', `${path}/erasures/${request}`, { key })).text,
    text => text.includes('"store":"keys","due":') && /"store":"keys"[^}]*"undecryptable"/.test(text),
  )
  // How far the log and the chain had come when it was issued is compared apart.
  const { states: _, auditHead: _head, ...rest } = JSON.parse(receipt) as Record<string, unknown>
  say(JSON.stringify(rest))
}

/** Visits and calls of acme, and what its pages and carriers are answered. */
async function visitAndRing(system: System, say: (line: string) => void): Promise<void> {
  for (const visitor of ['C'.repeat(22), 'D'.repeat(22)]) {
    const socket = await openSocket(system, origin, 'pk_acme')
    say(JSON.stringify(await socket.ask(helloText({ visitor }))))
    await socket.close()
  }
  for (const b of ['+4570000001', '+4571000001', '+4578792222']) {
    const response = await fetch(`http://127.0.0.1:${system.publicPort}/v1/calls/generic/acme`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bearer}` },
      body: JSON.stringify({ call: `twin-${b}`, state: 'ring', a: '+4520304050', b }),
    })
    say(`${response.status} ${await response.text()}`)
  }
}

type Told = { readonly lines: string[]; readonly chain: Chain; readonly strangers: string[] }

async function told(tenants: readonly string[]): Promise<Told> {
  // Both sign with the same key, as one deployment does.
  const { system, end } = await startWith(tenants, { rootKeyFile })
  const lines: string[] = []
  const named = createNames()
  const say = (line: string) => void lines.push(named(line))
  try {
    let foreignKey = 'zzzzzzzzzzz2'
    if (tenants.includes('other')) {
      // The same caller rings the other tenant too: that he is known there is nobody else's business.
      await visitAndCall(system, 'other', 'other-1', 'B'.repeat(22))
      await ring(system, 'other', 'other-2', '+4571000001')
      foreignKey = (await makeKey(system, 'other', 'owner')).id
    }
    const feed = await openFeed(system, (await makeKey(system, 'acme', 'analyst')).key)
    await visitAndCall(system, 'acme', 'acme-1', 'A'.repeat(22))
    await visitAndRing(system, say)
    const results = await until(
      async () => feed.lines,
      heard => heard.length === 4,
    )
    for (const result of results) say(result)
    feed.socket.close()
    const readings = await askAll(system, foreignKey, say)
    await exportAndErase(system, say)
    const chain = await wholeChain(system)
    for (const record of comparable(chain)) say(record)
    return { lines, chain, strangers: strangersIn(chain, readings) }
  } finally {
    await end()
  }
}

let alone: Told
let beside: Told
beforeAll(async () => {
  alone = await told(['acme'])
  beside = await told(['acme', 'other'])
})

test('what a tenant is answered is the same whether another has data or not', () => {
  expect(alone.lines.length).toBeGreaterThan(adminRoutes.length * 4)
  expect(beside.lines).toEqual(alone.lines)
})

test('what was read of the audit chain is the chain that was compared, which is whole and runs with time', () => {
  for (const { chain, strangers } of [alone, beside]) {
    expect(chain.trouble).toBe(null)
    expect(strangers).toEqual([])
    const times = chain.records.map(({ atMs }) => atMs)
    expect(times).toEqual([...times].sort((one, other) => one - other))
  }
})
