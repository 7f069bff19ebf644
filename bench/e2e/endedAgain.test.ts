import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type DeletionCertificate, standingOf } from '../../core/receipt.ts'
import { repository } from '../docs.ts'
import {
  askAdmin,
  inShort,
  machineToken,
  makeKey,
  type Run,
  settingsWith,
  startWith,
  visitAndCall,
} from './adminWorld.ts'
import { until } from './badInputsClient.ts'
import { startSystem, type System } from '../system.ts'

// A tenant ends, is introduced anew, because somebody says so or the next start finds it in the file, and ends again.

const tenants = ['acme', 'other']
let run: Run
let system: System
let owner: string
beforeAll(async () => {
  run = await startWith(tenants, { partitions: 1 })
  system = run.system
  owner = (await makeKey(system, 'acme', 'owner')).key
  await visitAndCall(system, 'acme', 'acme-1', 'A'.repeat(22))
})
afterAll(async () => {
  await system?.killTree()
  await run?.end()
})

const ask = async (method: 'GET' | 'POST', what: string, body?: object) => {
  const answer = await askAdmin(system, method, `/v1/tenants/acme/${what}`, { key: owner, body })
  return { short: inShort(answer), value: JSON.parse(answer.text) as Record<string, unknown> }
}

const certified = async (request?: string) => {
  const query = request === undefined ? '' : `?request=${request}`
  return (await ask('GET', `certificate${query}`)).value as unknown as DeletionCertificate
}

/** Gives the certificate when somebody has looked what is left. */
async function end(): Promise<DeletionCertificate> {
  const { short, value } = await ask('POST', 'end', { confirm: 'acme' })
  expect(short).toBe('200')
  return until(
    () => certified(String(value.request)),
    ({ deleted }) => deleted?.['rows found afterwards'] === 0,
  )
}

let finished: Record<string, unknown>
async function returnAll(): Promise<void> {
  const { request } = (await ask('POST', 'return')).value
  finished = await until(
    async () => (await ask('GET', `return/${request}`)).value,
    ({ state }) => state === 'written',
  )
}

let first: DeletionCertificate
test('the certificate names the package that was finished last, though the end did not', async () => {
  await returnAll()
  await returnAll()
  first = await end()
  expect(first.returned).toMatchObject({ manifestSha256: finished.manifestSha256, records: 3 })
  expect(first.deleted).toMatchObject({ events: 2, sessions: 1, calls: 1, 'subject keys': 2 })
})

async function apply(more: object): Promise<string[]> {
  const body = { file: `${system.dataDir}.yaml`, ...more }
  const answer = await askAdmin(system, 'POST', '/v1/apply', { key: machineToken(system), body })
  const { tenants: applied } = JSON.parse(answer.text) as { tenants: { became: string }[] }
  return applied.map(({ became }) => became)
}

test('to apply the file leaves it out, until it is said that it is to come back', async () => {
  expect(await apply({})).toEqual(['ended', 'in force'])
  expect(await apply({})).toEqual(['ended', 'in force'])
  expect(await apply({ again: ['acme'] })).toEqual(['new', 'in force'])
  expect(await apply({})).toEqual(['in force', 'in force'])
  expect((await end()).returned).toEqual(first.returned)
})

test('a later end has a certificate of its own, which counts what it destroyed; the first stays', async () => {
  await system.stop()
  system = await startSystem({
    dataDir: system.dataDir,
    settings: settingsWith(tenants, { partitions: 1 }),
  })
  const last = await end()
  expect(last.request).not.toBe(first.request)
  expect(new Set(Object.values(last.deleted))).toEqual(new Set([0]))
  expect((await certified()).request).toBe(last.request)
  const { request, deleted, returned } = await certified(first.request)
  expect({ request, deleted, returned }).toEqual({
    request: first.request,
    deleted: first.deleted,
    returned: first.returned,
  })
  expect((await ask('GET', `certificate?request=${'x'.repeat(22)}`)).short).toBe('404 unknown-request')
})

test('the command waits, where it is told to, until nothing can be read anywhere any more', async () => {
  expect(await apply({ again: ['acme'] })).toEqual(['new', 'in force'])
  const out = `${system.dataDir}.certificate.json`
  const command = ['tenant', 'end', '--confirm', 'acme', '--wait', '--out', out]
  const where = ['--admin', `127.0.0.1:${system.adminPort}`, '--tenant', 'acme']
  const { status, stdout } = spawnSync(process.execPath, ['gateway/main.ts', ...command, ...where], {
    cwd: repository,
    env: { ...process.env, RINGTRAIL_KEY: owner },
    encoding: 'utf8',
  })
  expect(status).toBe(0)
  expect(stdout).not.toContain('nothing done yet')
  const { states } = JSON.parse(readFileSync(out, 'utf8')) as DeletionCertificate
  expect(standingOf(states)).not.toBe('under-way')
  rmSync(out)
})
