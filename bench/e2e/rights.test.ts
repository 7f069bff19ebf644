import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { unzipFiles } from '../../config/export/zip.ts'
import { readPublicKeys } from '../../config/signing.ts'
import { verifyReceipt } from '../../config/receipts.ts'
import { examineChain } from '../../config/auditVerify.ts'
import { openLink } from '../../config/nats.ts'
import { pack, unpack } from '../../config/pack.ts'
import { partitionOfTenant } from '../../config/partitions.ts'
import { subjects as subjectsOf } from '../../core/wire/subjects.ts'
import { repository } from '../docs.ts'
import { askAdmin, type GivenKey, makeKey, type Run, startWith } from './adminWorld.ts'
import { helloText, natsOptions, openSocket, until } from './badInputsClient.ts'
import { bearer, origin } from '../system.ts'

// What a person asks for, from the request to the receipt, on the whole system.

let run: Run
let officer: GivenKey
const anna = {
  visitor: 'A'.repeat(22),
  phone: '+4520304050',
  mail: 'anna@canary.example',
  name: 'AnnaCanary',
}
const ben = { visitor: 'B'.repeat(22), phone: '+4520304051', mail: 'ben@canary.example', name: 'BenCanary' }
/** Of the household: both entered it. */
const shared = '+4533112233'

beforeAll(async () => {
  run = await startWith(['acme'])
  officer = await makeKey(run.system, 'acme', 'privacy-officer')
  for (const person of [anna, ben]) await visit(person)
})

afterAll(() => run?.end())

/** A visit that enters who it is, and its call. */
async function visit({ visitor, phone, mail, name }: typeof anna): Promise<void> {
  const socket = await openSocket(run.system, origin, 'pk_acme')
  const welcome = await socket.ask(helloText({ visitor }))
  const fields = { name, mail, phone: shared }
  await socket.ask(JSON.stringify({ type: 'engagement', id: 2, action: 'submit', fields }))
  await fetch(`http://127.0.0.1:${run.system.publicPort}/v1/calls/generic/acme`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}` },
    body: JSON.stringify({ call: `call-of-${name}`, state: 'ring', a: phone, b: welcome.numbers?.[0]?.e164 }),
  })
  await socket.close()
}

const path = '/v1/tenants/acme'
async function ask(what: string, body: object) {
  return askAdmin(run.system, 'POST', `${path}/subjects/${what}`, { key: officer.key, body })
}

type Found = {
  readonly subject: string
  readonly by: string
  readonly events: number
  readonly calls: number
  readonly firstAt: string | null
  readonly lastAt: string | null
}
async function find(body: object): Promise<readonly Found[]> {
  const { text } = await ask('find', body)
  return (JSON.parse(text) as { subjects: Found[] }).subjects
}

/** What was acknowledged is found when its commit is through. */
const findUntil = (body: object, count: number) =>
  until(
    () => find(body),
    found => found.length === count,
  )

test('a person is found by what they gave, and whoever shares it is named, not shown', async () => {
  const byMail = await findUntil({ email: 'Anna@canary.example' }, 1)
  expect(byMail).toMatchObject([{ subject: `v:${anna.visitor}`, by: 'entered' }])
  const byPhone = await findUntil({ phone: '20 30 40 50' === anna.phone ? '' : anna.phone }, 2)
  expect(byPhone.map(({ by }) => by)).toEqual(['name', 'call'])
  expect(byPhone[1]).toMatchObject({ subject: `v:${anna.visitor}`, calls: 1 })
  const household = await find({ phone: shared })
  expect(household.map(({ subject, by }) => [subject, by]).sort()).toEqual([
    [`v:${anna.visitor}`, 'entered'],
    [`v:${ben.visitor}`, 'entered'],
  ])
  expect(await find({ visitor: 'N'.repeat(22) })).toEqual([])
})

test('the package of one person holds all that is hers and nothing of the other', async () => {
  const answer = await fetchFiles('export', { subjects: [`v:${anna.visitor}`] })
  const text = [...answer.values()].map(bytes => Buffer.from(bytes).toString('utf8')).join('\n')
  for (const own of [anna.visitor, anna.mail, anna.name, `call-of-${anna.name}`]) expect(text).toContain(own)
  // The call came from a number: that it is hers, nobody said.
  expect(text).not.toContain(anna.phone)
  for (const others of [ben.visitor, ben.mail, ben.name, ben.phone]) expect(text).not.toContain(others)
  const [, caller] = [...(await find({ phone: anna.phone }))].reverse().map(({ subject }) => subject)
  const whole = await fetchFiles('export', { subjects: [`v:${anna.visitor}`, caller] })
  expect([...whole.values()].map(bytes => Buffer.from(bytes).toString('utf8')).join()).toContain(anna.phone)
})

async function fetchFiles(what: string, body: object): Promise<Map<string, Uint8Array>> {
  const response = await fetch(`http://127.0.0.1:${run.system.adminPort}${path}/subjects/${what}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${officer.key}` },
    body: JSON.stringify(body),
  })
  expect(response.status).toBe(200)
  return unzipFiles(new Uint8Array(await response.arrayBuffer()))
}

test('an owner signs what its chain says was asked for, and nothing else that a gateway wants signed', async () => {
  const manifestIn = (files: ReadonlyMap<string, Uint8Array>) =>
    JSON.parse(Buffer.from(files.get('manifest.json') ?? []).toString()) as { request: string }
  const subjects = [`v:${anna.visitor}`]
  const { request } = manifestIn(await fetchFiles('export', { subjects }))
  const read = JSON.parse((await ask('access', { subjects, as: 'json' })).text) as { request: string }
  const link = await openLink(natsOptions(run.system))
  const signed = async (tenant: string, facts: object) => {
    const manifest = { purpose: 'portability', madeAt: 'now', manifestSha256: 'a'.repeat(64), ...facts }
    const asked = pack({ kind: 'sign-export', tenant, manifest })
    const reply = await link.request(subjectsOf.control(partitionOfTenant('acme', 0, 4)), asked, 5_000)
    return (unpack(reply) as { signed: object | null }).signed
  }
  expect(await signed('acme', { request })).toMatchObject({ tenant: 'acme', request })
  const refused: [string, object][] = [
    ['acme', { request: 'made-up' }],
    // Somebody was shown a report, and given no files.
    ['acme', { request: read.request }],
    ['acme', { request, purpose: 'return' }],
    ['acme', { request, manifestSha256: 'no hash' }],
    ['other', { request }],
  ]
  for (const [tenant, facts] of refused) expect(await signed(tenant, facts), JSON.stringify(facts)).toBeNull()
  await link.close()
})

test('the record of what was handed out says how much it was', async () => {
  const subjects = [`v:${anna.visitor}`, `v:${ben.visitor}`]
  const { text } = await ask('access', { subjects, as: 'json' })
  const { request, records } = JSON.parse(text) as { request: string; records: unknown[] }
  expect(records.length).toBeGreaterThan(2)
  const asked = { key: officer.key }
  const chain = await until(
    async () => (await askAdmin(run.system, 'GET', `${path}/audit/records`, asked)).text,
    said => said.includes(request),
  )
  const line = chain.split('\n').find(one => one.includes(request)) ?? ''
  expect(JSON.parse(line)).toMatchObject({
    ...{ action: 'subject-accessed', counts: { records: records.length, subjects: 2 } },
  })
})

test('the report is for people, in words', async () => {
  const { text } = await ask('access', { subjects: [`v:${anna.visitor}`], as: 'text' })
  expect(text).toContain(anna.mail)
  expect(text).not.toContain(ben.mail)
})

test('a caller is put right, and the record says so', async () => {
  const call = `call-of-${ben.name}`
  expect((await ask('rectify', { carrier: 'generic', call: 'nobodys', phone: '+4520304099' })).status).toBe(
    404,
  )
  const putRightAt = Date.now()
  expect((await ask('rectify', { carrier: 'generic', call, phone: '+4520304099' })).status).toBe(200)
  const found = await findUntil({ phone: '+4520304099' }, 2)
  expect(found[0]).toMatchObject({ calls: 1 })
  // It rang before; that it was put right is no moment of theirs.
  expect(Date.parse(String(found[0]?.firstAt))).toBeLessThan(putRightAt)
  expect(Date.parse(String(found[0]?.lastAt))).toBeLessThan(putRightAt)
})

test('a value that was entered wrong is put right, and the wrong one can be opened nowhere any more', async () => {
  const right = 'ben.right@canary.example'
  const body = { subject: `v:${ben.visitor}`, field: 'fields.mail', from: ben.mail, to: right }
  expect((await ask('rectify', body)).status).toBe(200)
  const files = await until(
    () => fetchFiles('export', { subjects: [`v:${ben.visitor}`] }),
    all => textOf(all).includes(right),
  )
  expect(textOf(files)).not.toContain(ben.mail)
  expect(textOf(files)).toContain(ben.name)
  expect(await find({ email: right })).toMatchObject([{ subject: `v:${ben.visitor}` }])
  expect(await find({ email: ben.mail })).toEqual([])
})

test('who was put right is found by the right value and not by the wrong one, whether or not the wrong one was named', async () => {
  const [wrong, later] = ['ben.right@canary.example', 'ben.later@canary.example']
  const ofBen = { subject: `v:${ben.visitor}`, field: 'fields.mail' }
  const foundBy = (email: string, count: number) => findUntil({ email }, count)
  expect((await ask('rectify', { ...ofBen, to: later })).status).toBe(200)
  expect(await foundBy(later, 1)).toMatchObject([{ subject: ofBen.subject, by: 'entered' }])
  expect(await find({ email: wrong })).toEqual([])
  expect((await ask('rectify', { ...ofBen, to: null })).status).toBe(200)
  expect(await foundBy(later, 0)).toEqual([])
  // By the number in the same form both of the household are found as before.
  expect(await find({ phone: shared })).toHaveLength(2)
})

const textOf = (files: ReadonlyMap<string, Uint8Array>) =>
  [...files.values()].map(bytes => Buffer.from(bytes).toString('utf8')).join('\n')

test('an erasure is in force when it is answered, its keys are gone soon, and its receipt is signed', async () => {
  const erased = await ask('erase', { subjects: [`v:${anna.visitor}`], purpose: 'ticket 1' })
  expect(erased.status).toBe(200)
  const { request } = JSON.parse(erased.text) as { request: string }
  expect(await find({ visitor: anna.visitor })).toEqual([])
  const call = await askAdmin(run.system, 'GET', `/v1/calls/call-of-${anna.name}?tenant=acme`, {
    key: officer.key,
  })
  expect(JSON.parse(call.text)).toMatchObject({ match: { kind: 'exact', session: null, visitor: null } })
  const receipt = await until(
    async () => askAdmin(run.system, 'GET', `${path}/erasures/${request}`, { key: officer.key }),
    ({ text }) => /"keysDestroyed":\["/.test(text),
  )
  const key = await askAdmin(run.system, 'GET', `${path}/audit/key`, { key: officer.key })
  const keys = readPublicKeys((JSON.parse(key.text) as { pem: string }).pem)
  const verdict = verifyReceipt(JSON.parse(receipt.text), keys)
  expect(verdict).toMatchObject({ signature: { kind: 'as-expected' }, trouble: null })
  const states = (JSON.parse(receipt.text) as { states: { store: string; state: string }[] }).states
  expect(states.find(({ store }) => store === 'keys')?.state).toBe('undecryptable')
  // The other person is as before.
  expect(await find({ visitor: ben.visitor })).toMatchObject([{ subject: `v:${ben.visitor}`, calls: 1 }])
})

/** As from the command line; what is printed. */
function onCommandLine(...command: string[]): string {
  const options = ['--admin', `127.0.0.1:${run.system.adminPort}`, '--tenant', 'acme']
  const all = ['gateway/main.ts', ...command, ...options]
  const env = { ...process.env, RINGTRAIL_KEY: officer.key }
  return spawnSync(process.execPath, all, { cwd: repository, env, encoding: 'utf8' }).stdout
}

test('that somebody is restricted, or has objected, is said by a search, on the command line and in the report', async () => {
  const subject = `v:${ben.visitor}`
  const words = { restricted: 'its use is restricted', objected: 'its use was objected to' }
  const report = async () => (await ask('access', { subjects: [subject], as: 'text' })).text
  for (const mode of ['restricted', 'objected'] as const) {
    const { text } = await ask('restrict', { subjects: [subject], mode })
    expect(JSON.parse(text)).toMatchObject({ nothingHeldUnder: [] })
    const since = expect.stringMatching(/^\d{4}-.*Z$/)
    expect(await find({ visitor: ben.visitor })).toMatchObject([{ subject, restriction: { mode, since } }])
    expect(await report()).toContain(`The data under ${subject}: ${words[mode]}`)
    const printed = onCommandLine('subjects', 'find', '--visitor', ben.visitor)
    expect(printed).toContain(mode === 'restricted' ? '; restricted since ' : '; has objected since ')
  }
  await ask('restrict', { subjects: [subject], mode: 'lifted' })
  expect(await find({ visitor: ben.visitor })).toMatchObject([{ subject, restriction: null }])
  expect(await report()).not.toContain('The data under')
})

test('where nothing is held under a handle, what was asked for is in force, and that is said', async () => {
  const nobody = `v:${'N'.repeat(22)}`
  const both = [`v:${ben.visitor}`, nobody]
  const bodies = [
    ['restrict', { subjects: both, mode: 'restricted' }],
    ['restrict', { subjects: both, mode: 'lifted' }],
    ['rectify', { subject: nobody, field: 'title', to: null }],
    ['erase', { subjects: [nobody] }],
    // Her rows may be there for a while.
    ['erase', { subjects: [`v:${anna.visitor}`, nobody] }],
  ] as const
  const said: unknown[] = []
  for (const [what, body] of bodies) said.push(JSON.parse((await ask(what, body)).text))
  const under = said.map(one => (one as { nothingHeldUnder: string[] }).nothingHeldUnder)
  expect(under).toEqual([[nobody], [nobody], [nobody], [nobody], [`v:${anna.visitor}`, nobody]])
  const ofBen = { subject: `v:${ben.visitor}`, field: 'title', to: null }
  expect(JSON.parse((await ask('rectify', ofBen)).text)).toMatchObject({ nothingHeldUnder: [] })
  const { request } = said[3] as { request: string }
  const erasure = `${path}/erasures/${request}`
  const { text } = await askAdmin(run.system, 'GET', erasure, { key: officer.key })
  expect(JSON.parse(text)).toMatchObject({ unheld: 1 })
  expect(onCommandLine('subjects', 'erase', '--subject', nobody)).toMatch(
    new RegExp(`^In force since .*\nNothing was held under ${nobody}\\. .*\n$`),
  )
})

test('everything that was read or changed has its record, and the chain is whole', async () => {
  const read = async () =>
    (await askAdmin(run.system, 'GET', `${path}/audit/records`, { key: officer.key })).text
  await until(read, text => text.includes('keys-destroyed'))
  // Heads first: a reading may be a record that its own answer does not hold yet.
  const heads = await askAdmin(run.system, 'GET', `${path}/audit/heads`, { key: officer.key })
  const records = await read()
  const key = await askAdmin(run.system, 'GET', `${path}/audit/key`, { key: officer.key })
  const keys = readPublicKeys((JSON.parse(key.text) as { pem: string }).pem)
  const lines = (text: string) => text.split('\n').filter(line => line !== '')
  const verdict = await examineChain({ records: lines(records), heads: lines(heads.text), publicKeys: keys })
  expect(verdict.trouble).toBeNull()
  const actions = lines(records).map(line => (JSON.parse(line) as { action: string }).action)
  for (const action of ['access-key-made', 'subject-found', 'subject-exported', 'subject-accessed'])
    expect(actions).toContain(action)
  expect(actions.filter(action => action === 'subject-erased')).toHaveLength(4)
  for (const value of [...Object.values(anna), ...Object.values(ben), shared])
    expect(records).not.toContain(value)
})
