import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { AdminRoute } from '../../gateway/adminRoute.ts'
import { adminRoutes } from '../../gateway/adminRoutes.ts'
import { bearer, origin, type System, temporaryFolder } from '../system.ts'
import { askAdmin, keysOfAllRoles, makeKey, ring, startWith, visitAndCall } from './adminWorld.ts'
import { helloText, openSocket } from './badInputsClient.ts'
import { foreignBodies, nameOf } from './isolationCases.ts'

/**
 * Twins: the same sequence of everything that tenant acme can ask, once with nobody beside it, once with another tenant that
 * has visits, calls and keys. What acme reads is the same, byte for byte, when times and ids of chance are taken out.
 */

/** What is chance or time, by form; each is named by when it was first seen, so that what was equal stays equal. */
const chances = [
  /rt_acme_[a-z2-7]{12}_[A-Za-z0-9_-]{43}/g,
  /(?<="(?:id|madeBy)":")[a-z2-7]{12}(?=")/g,
  /(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{22}(?![A-Za-z0-9_-])/g,
  /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g,
  /\d{1,2} [A-Z][a-z]{2} \d{4}, \d\d:\d\d:\d\d UTC/g,
]

const rootKeyFile = join(temporaryFolder().path, 'root-key')
writeFileSync(rootKeyFile, '5'.repeat(64))

function createNames(): (text: string) => string {
  const names = new Map<string, string>()
  const nameOf = (found: string) => {
    const isTime = (found.endsWith('Z') && found.includes('T')) || found.endsWith(' UTC')
    const name = names.get(found) ?? (isTime ? '(time)' : `(${names.size})`)
    if (!isTime) names.set(found, name)
    return name
  }
  return text => chances.reduce((rest, form) => rest.replaceAll(form, nameOf), text)
}

const inTurn = (path: string, places: Readonly<Record<string, string>>) =>
  path.replaceAll(/\{([a-z]+)\}/g, (_, name: string) => places[name] ?? 'nobodys')

/** Everything of the table, asked with a key of every role, of one's own, of nobody's and of the other tenant's. */
async function askAll(system: System, foreignKey: string, say: (line: string) => void): Promise<void> {
  const keys = await keysOfAllRoles(system, 'acme')
  const own = { call: 'acme-1', tenant: 'acme' }
  const foreign = { call: 'other-1', tenant: 'acme', key: foreignKey }
  const asked = async (route: AdminRoute, role: string, key: string, path: string, body: unknown) => {
    const { status, type, text } = await askAdmin(system, route.method, path, { key, body })
    // A package holds times and ids of chance in compressed bytes; what is in one is tested where it is made.
    // A record of the chain holds its time, and the sequence of LOG, which all tenants share.
    const shown = type === 'application/zip' || route.path.includes('/audit/') ? '' : text
    say(`${nameOf(route)} ${role} ${status} ${type} ${shown}`)
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
        session: 'x',
        erasure: 'x',
        erased: 'E'.repeat(22),
        visitor: 'B'.repeat(22),
        breach: 'x',
      }
      await asked(route, role, key, inTurn(route.path, own), bodies.foreign(named))
    }
  }
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

async function told(tenants: readonly string[]): Promise<string[]> {
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
    await visitAndCall(system, 'acme', 'acme-1', 'A'.repeat(22))
    await visitAndRing(system, say)
    await askAll(system, foreignKey, say)
    return lines
  } finally {
    await end()
  }
}

test('what a tenant is answered is the same whether another has data or not', async () => {
  const [alone, beside] = [await told(['acme']), await told(['acme', 'other'])]
  expect(alone.length).toBeGreaterThan(adminRoutes.length * 4)
  expect(beside).toEqual(alone)
})
