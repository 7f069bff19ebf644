import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AuditRecord } from '../../core/audit.ts'
import type { DeletionCertificate, ErasureReceipt } from '../../core/receipt.ts'
import { openWorld, type Value, type World } from '../restore/world.ts'
import { origin } from '../system.ts'
import { type GivenKey, machineToken, visitAndCall } from './adminWorld.ts'
import { helloText, metric, openSocket, until } from './badInputsClient.ts'

/**
 * Data is copied, goes on, and is put back, with the key store kept: what was decided since holds, what was given as proof stays, and
 * a chain that lacks records says that it does. Then the wrong keys are beside it.
 */
let world: World
beforeAll(() => {
  world = openWorld()
})
afterAll(() => world?.end())

const visitorOf = () => randomBytes(16).toString('base64url')
const [anna, ben, carl] = [visitorOf(), visitorOf(), visitorOf()]
const keys = {} as Record<'officer' | 'analyst' | 'later' | 'owner', GivenKey>
const acme = '/v1/tenants/acme'
const before = {} as {
  erasure: string
  breach: string
  receipt: ErasureReceipt
  certificate: DeletionCertificate
  breaches: unknown
  restriction: unknown
  index: number
}

const officer = (method: 'GET' | 'POST', path: string, body?: object) =>
  world.ask(method, `${acme}/${path}`, keys.officer.key, body)
const find = async (visitor: string) =>
  ((await officer('POST', 'subjects/find', { visitor })).value.subjects as Value[])[0]
const restrict = (visitor: string, mode: string) =>
  officer('POST', 'subjects/restrict', { subjects: [`v:${visitor}`], mode })
const receipt = async () =>
  (await officer('GET', `erasures/${before.erasure}`)).value as never as ErasureReceipt
const certificate = async () => {
  const answer = await world.ask('GET', '/v1/tenants/other/certificate', machineToken(world.system()))
  return answer.value as never as DeletionCertificate
}
const stateOf = ({ states }: Pick<ErasureReceipt, 'states'>, name: string) =>
  states.find(({ store }) => store === name)
const records = async () =>
  (await officer('GET', 'audit/records')).text
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line) as AuditRecord)
const actions = async () => (await records()).map(({ action }) => action)

/** What an auditor has at home. */
function fetched(name: string): string {
  mkdirSync(world.at(name), { recursive: true })
  const { status, stderr } = fetchTo(name)
  expect([status, stderr]).toEqual([0, ''])
  return world.at(name)
}
function fetchTo(name: string) {
  const keyFile = world.at('officer.key')
  writeFileSync(keyFile, keys.officer.key, { mode: 0o600 })
  const admin = ['--admin', `127.0.0.1:${world.system().adminPort}`, '--key-file', keyFile]
  return world.command('audit', 'fetch', ...admin, '--tenant', 'acme', '--out', world.at(name))
}
function verify(of: string, anchors: string, heads = of) {
  const files = ['--records', join(of, 'records.jsonl'), '--heads', join(heads, 'heads.jsonl')]
  const proof = ['--key', join(of, 'key.pem'), '--anchors', join(anchors, 'heads.jsonl')]
  return world.command('audit', 'verify', ...files, ...proof)
}

test('before: people come, and the data is copied', async () => {
  await world.start()
  keys.officer = await world.makeKey('acme', 'privacy-officer')
  keys.analyst = await world.makeKey('acme', 'analyst')
  for (const [number, visitor] of [anna, ben, carl].entries())
    await visitAndCall(world.system(), 'acme', `acme-${number}`, visitor)
  await visitAndCall(world.system(), 'other', 'other-1', visitorOf())
  await until(
    () => find(carl),
    found => found !== undefined,
  )
  fetched('first')
  await world.stop()
  world.copy('data', 'copied')
  world.copy('keys', 'keys-copied')
})

test('since: an objection, a lifted restriction, a revoked key, a new one, a breach, an erasure, an end', async () => {
  await world.start()
  expect((await restrict(ben, 'objected')).short).toBe('200')
  expect((await restrict(carl, 'restricted')).short).toBe('200')
  expect((await restrict(carl, 'lifted')).short).toBe('200')
  before.restriction = (await find(ben))?.restriction
  const revoke = `${acme}/keys/${keys.analyst.id}/revoke`
  expect((await world.ask('POST', revoke, machineToken(world.system()))).short).toBe('200')
  keys.later = await world.makeKey('acme', 'analyst')
  const awareAt = new Date(Date.now() - 3 * 3_600_000).toISOString()
  const opened = await officer('POST', 'breaches', { nature: 'disclosure', awareAt, reference: 'incident 1' })
  before.breach = String(opened.value.id)
  expect((await officer('POST', `breaches/${before.breach}/phase`, { phase: 1 })).short).toBe('200')
  before.breaches = (await officer('GET', 'breaches')).value
  const erased = await officer('POST', 'subjects/erase', { subjects: [`v:${anna}`], purpose: 'ticket 1' })
  before.erasure = String(erased.value.request)
  before.receipt = await until(
    receipt,
    one => stateOf(one, 'index')?.state === 'undecryptable' && stateOf(one, 'keys')?.at !== null,
    60_000,
  )
  const end = { confirm: 'other' }
  expect((await world.ask('POST', '/v1/tenants/other/end', machineToken(world.system()), end)).short).toBe(
    '200',
  )
  before.certificate = await until(
    certificate,
    one => stateOf(one, 'index')?.state === 'undecryptable' && 'rows found afterwards' in one.deleted,
    60_000,
  )
  fetched('second')
  // That they were read is a record, too.
  before.index = ((await records()).at(-1)?.index ?? 0) + 1
  await world.stop()
  world.copy('data', 'today')
  world.copy('keys', 'keys-today')
})

test('put back: what was decided since holds before anybody is answered, as it was decided', async () => {
  world.copy('copied', 'data')
  const system = await world.start()
  expect(system.lines().filter(({ msg }) => msg === 'restored')).toHaveLength(1)
  expect(await metric(system, 'ringtrail_restored_total')).toBe(1)

  const [bens, carls] = ['acme-1', 'acme-2']
  const read = (call: string, key: GivenKey) => world.ask('GET', `/v1/calls/${call}?tenant=acme`, key.key)
  expect((await read(carls, keys.analyst)).short).toBe('401 key-revoked')
  expect((await read(carls, keys.later)).short).toBe('200')
  expect((await read(bens, keys.later)).short).toBe('403 restricted')
  expect((await find(ben))?.restriction).toEqual(before.restriction)
  expect((await find(carl))?.restriction).toBeNull()
  expect(await find(anna)).toBeUndefined()
  const socket = await openSocket(system, origin, 'pk_acme')
  expect(await socket.ask(helloText({ visitor: ben }))).toMatchObject({ visitor: null, session: null })
  await socket.close()
  expect(timesOut((await officer('GET', 'breaches')).value)).toEqual(timesOut(before.breaches))
})

/** How long is left goes on. */
const timesOut = (value: unknown) => JSON.stringify(value).replaceAll(/"leftMinutes":-?\d+/g, '')

test('put back: receipt and certificate say what they said, and that it was done again', async () => {
  const again = await until(receipt, one => (one.doneAgain?.rows ?? 0) > 0, 60_000)
  const { requestedAt, subjects, keysDestroyed, unheld } = before.receipt
  expect(again).toMatchObject({ requestedAt, subjects, keysDestroyed })
  expect(again.unheld).toBe(unheld)
  expect(keysDestroyed.length).toBeGreaterThan(0)
  for (const store of ['index', 'keys', 'log'])
    expect(stateOf(again, store)?.at).toBe(stateOf(before.receipt, store)?.at)
  const trail = await officer('POST', 'audit/subject', { visitor: anna })
  expect(trail.text).toContain(`"request":"${before.erasure}"`)

  const ended = await until(certificate, one => (one.doneAgain?.rows ?? 0) > 0, 60_000)
  const { request, deleted, requestedAt: endedAt } = before.certificate
  expect(ended).toMatchObject({ request, deleted, requestedAt: endedAt })
  const file = world.at('receipt.json')
  writeFileSync(file, JSON.stringify(again))
  const shown = world.command(
    'receipt',
    'verify',
    '--receipt',
    file,
    '--key',
    join(world.at('first'), 'key.pem'),
  )
  expect(shown.stdout).toContain('Genuine')
  expect(shown.stdout).toContain('done again')
})

test('put back: the chain says which records are not in it, and whoever has earlier heads reads that', async () => {
  const [first, second, third] = [world.at('first'), world.at('second'), fetched('third')]
  const all = await records()
  const said = all.findIndex(({ action }) => action === 'restored')
  expect(all[said]?.detail).toMatchObject({ from: said, before: before.index })
  const restored = all.filter(({ detail }) => detail.because === 'restored').map(({ action }) => action)
  expect(restored).toEqual([
    ...['subject-objected', 'subject-restricted', 'subject-lifted', 'access-key-revoked', 'access-key-made'],
    ...['breach-opened', 'breach-phase', 'subject-erased'],
  ])
  const verified = verify(third, second)
  expect(verified.stderr).toBe('')
  expect(verified.stdout).toContain(`records ${said} to ${before.index} of before are not in this chain`)
  expect(verify(third, first).stdout).toContain('; restored from a copy at')
  // Heads of before alone prove nothing of what was put back.
  expect(verify(third, second, first).stderr).toContain(`record ${said} is not the one that was signed`)
  // What is not in the chain was, and whoever kept it can show it.
  expect(verify(second, second).status).toBe(0)
  expect(readFileSync(join(second, 'records.jsonl'), 'utf8')).toContain('"access-key-revoked"')
})

test('once said, it is not said again', async () => {
  const all = await actions()
  await world.stop()
  const system = await world.start()
  expect(system.lines().filter(({ msg }) => msg === 'restored')).toEqual([])
  expect((await actions()).filter(action => action !== 'audit-read')).toEqual(
    all.filter(action => action !== 'audit-read'),
  )
  await world.stop()
})

test('no key store, an older one, another root key, another pepper: none of them starts, and a sentence says why', async () => {
  const sentence = async () => {
    const { code, text } = await world.refused()
    expect(code).toBe(1)
    expect(text).not.toContain('thread_died')
    expect(text).not.toContain('    at ')
    return text
  }
  world.move('keys', 'keys-away')
  expect(await sentence()).toContain('is no key store: put back the key store that was beside this data last')
  world.copy('keys-copied', 'keys')
  expect(await sentence()).toContain('is a key store that is older than the data: put back')
  world.copy('keys-away', 'keys')
  for (const [name, says] of [
    ['root-key', 'The root key does not open'],
    ['pepper', 'The pepper is not the one that the data'],
  ] as const) {
    const right = readFileSync(world.at(name))
    writeFileSync(world.at(name), 'f'.repeat(64))
    expect(await sentence()).toContain(says)
    writeFileSync(world.at(name), right)
  }
  await world.start()
  await world.stop()
})

test('keys that are lost for good are said to be, and every chain has it', async () => {
  world.move('keys', 'keys-lost')
  const { status, stdout } = world.command('keys-lost', '--config', `${world.at('data')}.yaml`)
  expect([status, stdout]).toEqual([0, expect.stringContaining('1 partition of ')])
  await world.start()
  const last = await until(
    async () => (await records()).find(({ action }) => action === 'keys-lost'),
    record => record !== undefined,
  )
  expect(last?.detail.because).toBe('empty')
  await world.stop()
  await world.start()
  expect((await actions()).filter(action => action === 'keys-lost')).toHaveLength(1)
})
