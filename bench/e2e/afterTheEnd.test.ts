import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Role, scopesOf } from '../../core/access.ts'
import type { AdminRoute } from '../../gateway/adminRoute.ts'
import { adminRoutes } from '../../gateway/adminRoutes.ts'
import { repository } from '../docs.ts'
import { startSystem, type System } from '../system.ts'
import {
  askAdmin,
  type GivenKey,
  inShort,
  machineToken,
  makeKey,
  type Run,
  settingsWith,
  startWith,
  visitAndCall,
} from './adminWorld.ts'
import { until } from './badInputsClient.ts'
import { nameOf } from './isolationCases.ts'

// A contract ended as docs/end-of-contract.md says: the tenant is taken out of the file, and everything is started anew.
// What shows that its data is gone can be had as before, by the same keys and no others.

let run: Run
let system: System
let owner: GivenKey
let foreign: GivenKey
let operator: GivenKey
let returned: { request: string; manifestSha256: string; directory: string }

const path = '/v1/tenants/acme'
const ask = async (method: 'GET' | 'POST', what: string, body?: object, key = owner.key) => {
  const answer = await askAdmin(system, method, `${path}/${what}`, { key, body })
  return { short: inShort(answer), text: answer.text }
}

beforeAll(async () => {
  run = await startWith(['acme', 'other'])
  system = run.system
  owner = await makeKey(system, 'acme', 'owner')
  foreign = await makeKey(system, 'other', 'owner')
  operator = await makeKey(system, null, 'operator')
  await visitAndCall(system, 'acme', 'acme-1', 'A'.repeat(22))
  await visitAndCall(system, 'other', 'other-1', 'B'.repeat(22))
  const { request } = JSON.parse((await ask('POST', 'return')).text) as { request: string }
  const written = await until(
    async () => JSON.parse((await ask('GET', `return/${request}`)).text),
    ({ state }) => state === 'written',
  )
  returned = { request, ...written }
  expect((await ask('POST', 'end', { confirm: 'acme', returned: request })).short).toBe('200')
  await until(
    () => ask('GET', 'certificate'),
    ({ text }) => text.includes('"store":"keys","due"') && text.includes('keys found afterwards":0'),
  )
  await system.stop()
  system = await startSystem({ dataDir: system.dataDir, settings: settingsWith(['other']) })
})
afterAll(async () => {
  await system?.killTree()
  await run?.end()
})

const ofTenants = adminRoutes.filter(({ tenant, method }) => tenant === 'in-path' && method !== 'WS')
const lasting = ofTenants.filter(({ isLasting }) => isLasting).map(route => [nameOf(route), route] as const)
const others = ofTenants.filter(({ isLasting }) => !isLasting).map(route => [nameOf(route), route] as const)

const addressOf = ({ path: pattern }: AdminRoute, tenant: string) =>
  pattern
    .replace('{tenant}', tenant)
    .replace('{request}', returned.request)
    .replaceAll(/\{\w+\}/g, 'nobodys')

const tried = (route: AdminRoute, tenant: string, key: string) =>
  askAdmin(system, route.method, addressOf(route, tenant), { key, body: route.example })

test('what outlasts the end is what shows what became of the data', () => {
  expect(lasting.map(([name]) => name).sort()).toEqual([
    'GET /v1/tenants/{tenant}/audit/heads',
    'GET /v1/tenants/{tenant}/audit/key',
    'GET /v1/tenants/{tenant}/audit/records',
    'GET /v1/tenants/{tenant}/certificate',
    'GET /v1/tenants/{tenant}/key-inventory',
    'GET /v1/tenants/{tenant}/return/{request}',
    'POST /v1/tenants/{tenant}/evidence-collections',
    'POST /v1/tenants/{tenant}/return/{request}/received',
  ])
})

const missing = '403 scope-missing'
/** What a role is answered that reaches every tenant, where only those that exist are told of. */
const answerTo = (role: Role, { scope }: AdminRoute, answer: string) =>
  scopesOf(role).includes(scope) ? answer : missing

test.each(lasting)('%s: by the keys of the tenant and the processor’s, as before', async (_, route) => {
  const right = route.path.endsWith('/received') ? '409 other-manifest' : '200'
  expect(inShort(await tried(route, 'acme', owner.key))).toBe(right)
  expect(inShort(await tried(route, 'acme', operator.key))).toBe(answerTo('operator', route, right))
  expect(inShort(await tried(route, 'acme', machineToken(system)))).toBe(answerTo('machine', route, right))
})

test.each(lasting)('%s: another tenant’s key learns nothing', async (_, route) => {
  const nobodys = await tried(route, 'nobody', foreign.key)
  expect(inShort(nobodys)).toBe('404 unknown-tenant')
  expect(await tried(route, 'acme', foreign.key)).toEqual(nobodys)
  const known = await tried(route, 'nobody', operator.key)
  expect(inShort(known)).toBe(answerTo('operator', route, '404 unknown-tenant'))
})

test.each(others)('%s knows the tenant no more', async (_, route) => {
  expect(inShort(await tried(route, 'acme', owner.key))).toBe('404 unknown-tenant')
  const machines = await tried(route, 'acme', machineToken(system))
  expect(inShort(machines)).toBe(answerTo('machine', route, '404 unknown-tenant'))
})

test('who ended is listed for the processor alone', async () => {
  const listed = await askAdmin(system, 'GET', '/v1/ended-tenants', { key: operator.key })
  expect(JSON.parse(listed.text)).toEqual({ tenants: ['acme'] })
  for (const { key } of [owner, foreign])
    expect(inShort(await askAdmin(system, 'GET', '/v1/ended-tenants', { key }))).toBe('403 scope-missing')
})

/** A command, with the configuration of now. */
function ringtrail(...words: string[]) {
  const main = join(repository, 'gateway/main.ts')
  const at = ['--config', `${system.dataDir}.yaml`, '--admin', `127.0.0.1:${system.adminPort}`]
  return spawnSync(process.execPath, [main, ...words, ...at], { encoding: 'utf8' })
}

test('the commands of docs/end-of-contract.md go on', () => {
  const keyFile = `${system.dataDir}.key`
  writeFileSync(keyFile, owner.key, { mode: 0o600 })
  const mine = ['--tenant', 'acme', '--key-file', keyFile]
  const { request, manifestSha256, directory } = returned
  expect(existsSync(directory)).toBe(true)
  const said = ringtrail('tenant', 'received', ...mine, '--request', request, '--manifest', manifestSha256)
  expect(said).toMatchObject({ status: 0, stdout: `The package of request ${request} is removed.\n` })
  expect(existsSync(directory)).toBe(false)
  const certificate = `${system.dataDir}-certificate.json`
  expect(ringtrail('tenant', 'certificate', ...mine, '--out', certificate).stderr).toBe('')
  const out = `${system.dataDir}-chain`
  mkdirSync(out)
  expect(ringtrail('audit', 'fetch', ...mine, '--out', out).stderr).toBe('')
  const verified = ringtrailOffline(
    'receipt',
    'verify',
    '--receipt',
    certificate,
    '--key',
    join(out, 'key.pem'),
  )
  expect(verified.stdout).toContain('Genuine')
  expect(readFileSync(join(out, 'records.jsonl'), 'utf8')).toContain('"action":"tenant-ended"')
})

const ringtrailOffline = (...words: string[]) =>
  spawnSync(process.execPath, [join(repository, 'gateway/main.ts'), ...words], { encoding: 'utf8' })

test('evidence has the chain of who ended, asked for alone or with all', () => {
  const period = ['--from', '2020-01-01T00:00:00Z', '--to', '2100-01-01T00:00:00Z']
  const chains = (out: string) =>
    readFileSync(join(out, 'audit-state.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as { tenant: string; trouble: string | null })
  for (const [only, expected] of [
    [[], ['', 'acme', 'other']],
    [
      ['--tenant', 'acme'],
      ['', 'acme'],
    ],
  ] as const) {
    const out = `${system.dataDir}-evidence-${only.length}`
    expect(ringtrail('evidence', ...period, ...only, '--out', out)).toMatchObject({ status: 0, stderr: '' })
    expect(
      chains(out)
        .map(({ tenant }) => tenant)
        .sort(),
    ).toEqual(expected)
    expect(readFileSync(join(out, 'erasure-receipts.jsonl'), 'utf8')).toContain('"tenant-ended"')
  }
  const none = ringtrail('evidence', ...period, '--tenant', 'nobody', '--out', `${system.dataDir}-none`)
  expect(none.stderr).toContain('The configuration has no tenant nobody')
})
