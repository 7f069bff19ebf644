import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AuditRecord } from '../../core/audit.ts'
import { benchTenant, origin, settingsOf, startSystem, type System, temporaryFolder } from '../system.ts'
import { askAdmin, makeKey } from './adminWorld.ts'
import { helloText, openSocket, until } from './badInputsClient.ts'
import { applyFile } from './rightsWorld.ts'

/** `ringtrail apply` on everything in one process: its file is changed while it runs, and what is held follows. */
const folder = temporaryFolder()
const dataDir = join(folder.path, 'data')
const file = `${dataDir}.yaml`
let system: System
let key: string

/** A period is a twenty-fourth of it: ten seconds, after which what one key sealed can go. */
const retention = '4m'

function settings(tenant: object, ...others: object[]): object {
  return settingsOf([{ ...benchTenant('acme', 'pk_acme', {}), retention, ...tenant }, ...others], {
    partitions: 1,
  })
}

beforeAll(async () => {
  system = await startSystem({ dataDir, settings: settings({}) })
  key = (await makeKey(system, 'acme', 'privacy-officer')).key
})

afterAll(async () => {
  await system?.killTree()
  folder.remove()
})

function change(tenant: object, ...others: object[]): string {
  writeFileSync(file, JSON.stringify({ ...settings(tenant, ...others), dataDir }))
  return applyFile(file, '--admin', `127.0.0.1:${system.adminPort}`)
}

async function visit(visitor: string, site = 'pk_acme'): Promise<void> {
  const socket = await openSocket(system, origin, site)
  expect(await socket.ask(helloText({ visitor }))).toMatchObject({ type: 'welcome', visitor })
  await socket.close()
}

type Shown = { readonly ipAddress: string | null; readonly url: string | null }

/** What the privacy officer is shown of a visitor's first page. */
async function shown(visitor: string): Promise<Shown> {
  const body = { subjects: [`v:${visitor}`], as: 'json' }
  const { text } = await askAdmin(system, 'POST', '/v1/tenants/acme/subjects/access', { key, body })
  const has = (value: string) => (text.includes(value) ? value : null)
  return { ipAddress: has('127.0.0.1'), url: has('http://localhost:8080/') }
}

/** What was just said is there as soon as it is committed. */
const untilWhole = (visitor: string) =>
  until(
    () => shown(visitor),
    found => found.ipAddress !== null && found.url !== null,
  )

const untilGone = (visitor: string, what: keyof Shown) =>
  until(
    () => shown(visitor),
    found => found[what] === null,
  )

const [early, late] = ['E'.repeat(22), 'L'.repeat(22)]
const whole: Shown = { ipAddress: '127.0.0.1', url: 'http://localhost:8080/' }
const withoutAddress: Shown = { ...whole, ipAddress: null }

test('an address goes earlier from now on, in what comes and in what is there, without a restart', async () => {
  await visit(early)
  await untilWhole(early)
  expect(change({ fieldRetention: { ipAddress: '5s' } })).toBe('acme: changed\n')
  await visit(late)
  await untilWhole(late)

  // Sealed since then, it has a key of its own, which ends sooner than the one that the earlier visit was sealed under.
  await untilGone(late, 'ipAddress')
  expect([await shown(early), await shown(late)]).toEqual([whole, withoutAddress])
  await untilGone(early, 'ipAddress')
  expect(await shown(early)).toEqual(withoutAddress)
})

test('retention itself is made longer and shorter; a new site is taken up with it', async () => {
  const { sites } = benchTenant('acme', 'pk_acme', {}) as { sites: object[] }
  const more = { sites: [...sites, { key: 'pk_more', origins: [origin], bots: 'allow' }] }
  expect(change({ retention: '10m', ...more })).toBe('acme: changed\n')
  const third = 'M'.repeat(22)
  await visit(third, 'pk_more')
  await untilWhole(third)
  expect(change({ retention: '10m', ...more })).toBe('acme: in force\n')
  const readyz = (await askAdmin(system, 'GET', '/readyz')).text
  expect(JSON.parse(readyz)).toMatchObject({ ready: true, otherConfiguration: [] })

  expect(change({ retention: '10s' })).toBe('acme: changed\n')
  await untilGone(early, 'url')
})

test('another file, and one with problems, change nothing; a new tenant waits for a restart', async () => {
  const other = join(folder.path, 'other.yaml')
  writeFileSync(other, readFileSync(file))
  const admin = `127.0.0.1:${system.adminPort}`
  expect(() => applyFile(other, '--admin', admin)).toThrow('with another configuration file. (other-file)')
  writeFileSync(file, '{ "tenants": 7 }')
  expect(() => applyFile(file, '--admin', admin)).toThrow('tenants')
  const body = { file }
  const operator = await makeKey(system, null, 'operator')
  const asked = await askAdmin(system, 'POST', '/v1/apply', { key: operator.key, body })
  expect([asked.status, asked.text]).toEqual([409, expect.stringContaining('file-has-problems')])
  const bolt = benchTenant('bolt', 'pk_bolt', { numbers: ['+4571000001..+4571000009'] })
  expect(change({ retention: '10s' }, bolt)).toBe(
    'acme: in force\nbolt: new; it is taken in after a restart\n',
  )
})

test('every change is in the chain of the tenant, with who made it', async () => {
  const path = '/v1/tenants/acme/audit/records'
  const { text } = await askAdmin(system, 'GET', path, { key })
  const records = text
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as AuditRecord)
  const changes = records.filter(({ action }) => action === 'retention-changed')
  expect(
    changes.map(({ actor, detail }) => [actor, detail.beforeMs, detail.retentionMs, detail.fields]),
  ).toEqual([
    ['local', 240_000, 240_000, 'ipAddress 5s'],
    ['local', 240_000, 600_000, ''],
    ['local', 600_000, 10_000, ''],
  ])
})
