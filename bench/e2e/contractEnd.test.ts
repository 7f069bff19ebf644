import { createHash } from 'node:crypto'
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readPublicKeys } from '../../config/signing.ts'
import { verifyReceipt } from '../../config/receipts.ts'
import { openPackage, verifyPackage } from '../../config/export/readPackage.ts'
import type { DeletionCertificate } from '../../core/receipt.ts'
import { repository } from '../docs.ts'
import { openStore } from '../../workers/store.ts'
import { askAdmin, inShort, machineToken, makeKey, type Run, startWith, visitAndCall } from './adminWorld.ts'
import { until } from './badInputsClient.ts'

// A contract ends beside another one that goes on: everything handed back, everything deleted, the other one untouched.

let run: Run
let owner: string
beforeAll(async () => {
  run = await startWith(['acme', 'other'], { partitions: 1 })
  owner = (await makeKey(run.system, 'acme', 'owner')).key
  for (let number = 0; number < 3; number++) {
    await visitAndCall(run.system, 'acme', `acme-${number}`, `${number}`.repeat(22))
    await visitAndCall(run.system, 'other', `other-${number}`, `${number + 5}`.repeat(22))
  }
})
afterAll(() => run?.end())

const path = '/v1/tenants/acme'
const ask = async (method: 'GET' | 'POST', what: string, body?: object) => {
  const answer = await askAdmin(run.system, method, `${path}/${what}`, { key: owner, body })
  return { short: inShort(answer), value: JSON.parse(answer.text) as Record<string, unknown> }
}

const publicKeys = async () => {
  const { value } = await ask('GET', 'audit/key')
  return readPublicKeys(String(value.pem))
}

let returned: string
test('the return package holds every record, opened, and is whole', async () => {
  const begun = await ask('POST', 'return', { purpose: 'contract 12' })
  returned = String(begun.value.request)
  const done = await until(
    () => ask('GET', `return/${returned}`),
    ({ value }) => value.state === 'written',
  )
  const directory = String(done.value.directory)
  const verified = await verifyPackage(await openPackage(directory), await publicKeys())
  expect(verified.troubles).toEqual([])
  expect(verified.manifest?.counts).toEqual({ session: 3, 'page-view': 3, engagement: 0, call: 3 })
  const manifest = readFileSync(join(directory, 'manifest.json'))
  expect(done.value.manifestSha256).toBe(createHash('sha256').update(manifest).digest('hex'))
  const modes = readdirSync(directory).map(name => statSync(join(directory, name)).mode & 0o777)
  expect(new Set(modes)).toEqual(new Set([0o600]))
  expect(statSync(directory).mode & 0o777).toBe(0o700)
  expect(Date.parse(String(done.value.keptUntil))).toBeGreaterThan(Date.now() + 6 * 86_400_000)
  const text = readdirSync(directory).map(name => readFileSync(join(directory, name), 'utf8'))
  expect(text.join()).toContain('+4520304050')
  expect(text.join()).not.toContain('other-')
})

test('however many are asked for at once, two lie there at most', async () => {
  const asked = await Promise.all(Array.from({ length: 6 }, () => ask('POST', 'return')))
  expect(asked.map(({ short }) => short).sort()).toEqual(['200', ...Array(5).fill('409 too-many-returns')])
  const request = String(asked.find(({ short }) => short === '200')?.value.request)
  const { value } = await until(
    () => ask('GET', `return/${request}`),
    written => written.value.state === 'written',
  )
  expect(received(request, String(value.manifestSha256)).status).toBe(0)
  await until(
    () => ask('GET', `return/${request}`),
    removed => removed.value.state === 'removed',
  )
})

test('there are two packages at most, until one is said to be received', async () => {
  const second = String((await ask('POST', 'return')).value.request)
  const { value } = await until(
    () => ask('GET', `return/${second}`),
    written => written.value.state === 'written',
  )
  const atOnce = await Promise.all(Array.from({ length: 4 }, () => ask('POST', 'return')))
  expect(atOnce.map(({ short }) => short)).toEqual(Array(4).fill('409 too-many-returns'))
  const said = received(second, String(value.manifestSha256))
  expect(said).toMatchObject({ status: 0, stdout: `The package of request ${second} is removed.\n` })
  expect(existsSync(String(value.directory))).toBe(false)
  expect((await ask('GET', `return/${second}`)).value).toMatchObject({ state: 'removed', directory: null })
})

/** By the command, as who hands it over does. */
function received(request: string, manifest: string) {
  const keyFile = `${run.system.dataDir}.key`
  writeFileSync(keyFile, owner, { mode: 0o600 })
  const where = ['--admin', `127.0.0.1:${run.system.adminPort}`, '--key-file', keyFile, '--tenant', 'acme']
  const asked = ['tenant', 'received', ...where, '--request', request, '--manifest', manifest]
  const words = [join(repository, 'gateway/main.ts'), ...asked, '--purpose', 'contract 12']
  return spawnSync(process.execPath, words, { encoding: 'utf8' })
}

test('a package stays where another one was received, or a part of it', async () => {
  const { directory } = (await ask('GET', `return/${returned}`)).value
  const other = { manifestSha256: '0'.repeat(64) }
  expect((await ask('POST', `return/${returned}/received`, other)).short).toBe('409 other-manifest')
  expect((await ask('POST', `return/${'x'.repeat(22)}/received`, other)).short).toBe('404 unknown-request')
  expect(existsSync(String(directory))).toBe(true)
})

test('a contract is not ended by mistake', async () => {
  expect((await ask('POST', 'end', { confirm: 'other' })).short).toBe('409 not-confirmed')
  expect((await ask('POST', 'end', { confirm: 'acme', returned: 'x'.repeat(22) })).short).toBe(
    '409 not-returned',
  )
  expect((await ask('GET', 'certificate')).short).toBe('404 unknown-request')
})

let certificate: DeletionCertificate
test('the end deletes rows and keys, and its certificate can be verified', async () => {
  expect((await ask('POST', 'end', { confirm: 'acme', returned, purpose: 'contract 12' })).short).toBe('200')
  const issued = await until(
    () => ask('GET', 'certificate'),
    ({ value }) => (value as DeletionCertificate).deleted?.['rows found afterwards'] === 0,
  )
  expect(verifyReceipt(issued.value, await publicKeys())).toMatchObject({
    signature: { kind: 'as-expected' },
    trouble: null,
  })
  certificate = issued.value as unknown as DeletionCertificate
  expect(stateOf(certificate, 'keys')).toBe('undecryptable')
  expect(certificate.deleted).toMatchObject({
    ...{ events: 6, sessions: 3, calls: 3, 'page views': 3, 'subject keys': 4 },
    ...{ 'rows found afterwards': 0, 'keys found afterwards': 0 },
  })
  expect(certificate.deleted['period keys']).toBeGreaterThan(0)
  expect(certificate.returned?.records).toBe(9)
})

const stateOf = (value: object, store: string) =>
  (value as DeletionCertificate).states?.find(one => one.store === store)?.state

test('the package outlives the end; what was handed back is certified when it is removed too', async () => {
  const { directory, manifestSha256 } = (await ask('GET', `return/${returned}`)).value
  expect(existsSync(String(directory))).toBe(true)
  expect((await ask('POST', `return/${returned}/received`, { manifestSha256 })).short).toBe('200')
  await until(
    () => ask('GET', `return/${returned}`),
    ({ value }) => value.state === 'removed',
  )
  expect(existsSync(String(directory))).toBe(false)
  const issued = (await ask('GET', 'certificate')).value as unknown as DeletionCertificate
  expect(issued.returned).toEqual({ ...certificate.returned, manifestSha256 })
  // Asked again it is no other record.
  expect((await ask('POST', `return/${returned}/received`, { manifestSha256 })).short).toBe('200')
})

test('the other tenant is as it was, and goes on', async () => {
  const key = machineToken(run.system)
  for (let number = 0; number < 3; number++) {
    const { text } = await askAdmin(run.system, 'GET', `/v1/calls/other-${number}?tenant=other`, { key })
    expect(JSON.parse(text)).toMatchObject({ match: { kind: 'exact' } })
  }
  const gone = await askAdmin(run.system, 'GET', '/v1/calls/acme-1?tenant=acme', { key })
  expect(inShort(gone)).toBe('404 unknown-call')
  await visitAndCall(run.system, 'other', 'other-9', '9'.repeat(22))
})

test('nothing of it is left in the store, and everything of the other one', async () => {
  await run.system.stop()
  const store = openStore(run.system.dataDir, 0)
  const all = Number.MAX_SAFE_INTEGER
  expect(store.rowsLeft('acme', all)).toBe(0)
  expect(store.history('acme', 0, all, 100)).toEqual([])
  expect(store.history('other', 0, all, 100)).toHaveLength(8)
  const records = store.audit('acme', 0, 100)
  expect(records.map(({ action }) => action)).toEqual(
    expect.arrayContaining(['tenant-returned', 'tenant-ended', 'keys-destroyed']),
  )
  const removed = records.filter(({ action }) => action === 'return-removed')
  expect(removed.map(({ detail, counts }) => [detail.because, counts.records])).toEqual([
    ['received', 9],
    ['received', 9],
    ['received', 9],
  ])
  await store.close()
})
