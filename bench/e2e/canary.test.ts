import { randomBytes } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { decryptAll, type Loot, readAll } from '../canary/decryptAll.ts'
import { createMarkers, type Marker, sealedFields, unmatchedFields } from '../canary/markers.ts'
import { callByStream, callByWebhook, visitByBeacon, visitBySocket } from '../canary/occasions.ts'
import { searchFiles } from '../canary/search.ts'
import { callerOf, openWorld, receiptWhen, tenant, type World } from '../canary/world.ts'
import { letBytesGo } from '../canary/letBytesGo.ts'
import { openStore } from '../../workers/store.ts'
import { natsPid, until } from './badInputsClient.ts'

/**
 * Two people bring a random marker in every personal field, on every way into the system. Every file that the system owns
 * is searched, and opened with every key that can be got at, before one of the two is erased and at each bound after it.
 */

let world: World
const markers = createMarkers()
const [anna, ben] = ['anna', 'ben'].map(name => ({
  name,
  visitor: randomBytes(16).toString('base64url'),
  sessions: [] as string[],
  callers: [] as string[],
})) as [Person, Person]
type Person = { readonly name: string; readonly visitor: string; sessions: string[]; callers: string[] }
const handles = ({ visitor, callers }: Person) => [`v:${visitor}`, ...callers]
const figures: Record<string, unknown> = {}
/** What was Anna's before the erasure, in files and in the key store, and the erasure's own id. */
const before = {
  request: '',
  secrets: [] as Buffer[],
  /** Nonces and the first bytes behind them. */
  ciphertexts: [] as Buffer[],
  keys: new Set<string>(),
}

beforeAll(async () => {
  world = await openWorld()
})
afterAll(async () => {
  await world?.end()
  process.stdout.write(`${JSON.stringify(figures)}\n`)
})

const texts = (all: readonly Marker[]) => [...new Set(all.map(one => one.text))]

/** No marker of a sealed field stands in any file as it is, however it is written. */
function nothingInClear(when: string): void {
  const files = readAll([world.path])
  const bytes = files.reduce((sum, file) => sum + file.bytes.length, 0)
  const hits = searchFiles([world.path], texts(markers.all))
  figures[`in clear, ${when}`] = {
    files: files.length,
    bytes,
    markers: markers.all.length,
    hits: hits.length,
  }
  expect(hits, when).toEqual([])
}

/** All that somebody with every file and every key can open now. */
function loot(when: string): Loot {
  const began = performance.now()
  const folders = [world.at('data'), world.at('keys'), world.at('output')]
  const loot = decryptAll(readAll(folders), world.at('keys'), world.rootKey, tenant)
  const [annas, bens] = [anna, ben].map(({ name }) => foundIn(loot, markers.of(name)).length)
  figures[`opened, ${when}`] = {
    ...{ parts: loot.parts.length, secrets: loot.secrets.size, annas, bens },
    ms: Math.round(performance.now() - began),
  }
  return loot
}

function foundIn({ opened }: Pick<Loot, 'opened'>, wanted: readonly Marker[]): Marker[] {
  return wanted.filter(({ text }) => opened.some(one => one.text.includes(text)))
}

/** What of it stands below a folder. */
const below = ({ opened }: Loot, folder: string) => ({
  opened: opened.filter(({ path }) => path.startsWith(world.at(folder))),
})

test('every sealed field of the list of personal fields has a marker, and nothing else has', () => {
  expect(unmatchedFields()).toEqual([])
})

test('(a) what people bring is sealed in every file, also in the outbox of an outage, and the keys open all of it', async () => {
  const system = await world.start()
  for (const person of [anna, ben]) {
    const on = (occasion: string) => markers.on(person.name, occasion)
    const one = await visitBySocket(system, on('socket'), person.visitor)
    const other = await visitByBeacon(system, on('beacon'), person.visitor)
    person.sessions = [...new Set([one.session, other.session])]
    const pseudonyms = world.pseudonyms()
    for (const ring of [callByWebhook, callByStream]) {
      const { a, text } = await ring(system, on(ring.name), `${ring.name}-of-${person.name}`, one.number)
      expect(text).toContain(person.visitor)
      person.callers.push(callerOf(pseudonyms, a))
    }
    nothingInClear(`after the calls of ${person.name}`)
  }
  process.kill(natsPid(system), 'SIGSTOP')
  for (const person of [anna, ben]) {
    const mark = markers.on(person.name, 'outage')
    const { a, text } = await callByWebhook(system, mark, `outage-of-${person.name}`, '+4570000001')
    expect(text).toContain('deferred')
    person.callers.push(callerOf(world.pseudonyms(), a))
  }
  nothingInClear('during the outage')
  await world.kill()
  const spooled = below(loot('killed in the outage'), 'data/outbox')
  const outages = markers.all.filter(({ occasion }) => occasion === 'outage')
  expect(foundIn(spooled, outages)).toEqual(outages)

  await world.start()
  for (const person of [anna, ben]) for (const caller of person.callers) await isFound(person, caller)
  await world.kill()
  nothingInClear('killed')
  const all = loot('before the erasure')
  for (const folder of ['data/nats', 'data/partitions'])
    expect(foundIn(below(all, folder), markers.all), folder).toEqual(markers.all)
  expect(new Set(markers.all.map(({ field }) => field))).toEqual(new Set(sealedFields))
  rememberAnnas(all)
  world.backUp()
})

/** What was acknowledged is found when its commit is through. */
async function isFound(person: Person, caller: string): Promise<void> {
  await until(
    async () => world.access([`v:${person.visitor}`, caller]),
    text => text.includes(caller.slice(2)) && text.includes(person.visitor),
  )
}

function rememberAnnas({ parts, opened }: Loot): void {
  const hers = opened.filter(({ text }) => markers.of(anna.name).some(one => text.includes(one.text)))
  for (const { key } of hers) before.keys.add(key)
  before.secrets = [...new Set(hers.map(({ secret }) => secret))].map(one => Buffer.from(one, 'hex'))
  before.ciphertexts = partsOf(parts).map(({ bytes }) => bytes.subarray(25, 61))
  expect(before.secrets.length).toBeGreaterThan(3)
}

const partsOf = (parts: Loot['parts']) => parts.filter(({ key }) => before.keys.has(key))

test('the search finds what is planted, and random ids and pseudonyms where the design has them', () => {
  const planted = world.at('output/planted')
  writeFileSync(planted, gzipSync(texts(markers.all).join(' ')))
  const hits = searchFiles([planted], texts(markers.all))
  expect(new Set(hits.map(({ needle }) => needle))).toEqual(new Set(texts(markers.all)))
  rmSync(planted)
  const streams = 'data/nats/jetstream/$G/streams'
  for (const { visitor, sessions, callers } of [anna, ben]) {
    for (const id of [visitor, ...sessions, ...callers.map(one => one.slice(2))])
      for (const folder of ['data/partitions', `${streams}/LOG`, `${streams}/RESULTS`])
        expect(searchFiles([world.at(folder)], [id]).length, `${folder} ${id}`).toBeGreaterThan(0)
  }
})

/** Nothing shows Anna, and Ben is as before. */
async function onlyBenIsShown(): Promise<void> {
  const asked = [{ visitor: anna.visitor }, { session: anna.sessions[0] }]
  const numbers = markers.of(anna.name).filter(({ field }) => field === 'call.a')
  const mails = markers.of(anna.name).filter(({ text }) => text.includes('@'))
  for (const body of [
    ...asked,
    ...numbers.map(one => ({ phone: one.text })),
    ...mails.map(one => ({ email: one.text })),
  ])
    expect(await world.find(body)).toEqual([])
  const annas = await world.access(handles(anna))
  expect(JSON.parse(annas)).toMatchObject({ records: [] })
  for (const call of ['callByWebhook', 'callByStream']) {
    const { text } = await world.ask('GET', '', undefined, `/v1/calls/${call}-of-anna?tenant=${tenant}`)
    for (const id of [anna.visitor, ...anna.sessions]) expect(text).not.toContain(id)
    expect(text).toContain('"visitor":null')
  }
  const bens = await world.access(handles(ben))
  expect(markers.of(ben.name).filter(({ text }) => !bens.includes(text))).toEqual([])
}

/** With every file and every key nobody reads anything of hers, and everything of his. */
function onlyBenIsReadable(when: string): Loot {
  nothingInClear(when)
  const all = loot(when)
  expect(foundIn(all, markers.of(anna.name)), when).toEqual([])
  expect(foundIn(below(all, 'data/partitions'), markers.of(ben.name)), when).toEqual(markers.of(ben.name))
  for (const secret of before.secrets) expect(all.secrets).not.toContain(secret.toString('hex'))
  return all
}

test('(b) E1: when an erasure is answered nothing shows the person any more; killed at once, it is carried out all the same', async () => {
  await world.start()
  const asked = { subjects: handles(anna), purpose: 'ticket-1' }
  const answer = await world.ask('POST', '/subjects/erase', asked)
  expect(answer.status).toBe(200)
  before.request = (JSON.parse(answer.text) as { request: string }).request
  const began = performance.now()
  await onlyBenIsShown()
  figures['E1, ms for all questions after the answer'] = Math.round(performance.now() - began)
  await world.kill()
  loot('E1, killed after the answer')
})

test('(b) E2: within a minute no key of hers is to be had from any file, and nothing of hers is opened', async () => {
  await world.start()
  await onlyBenIsShown()
  const { requestedAt, states } = await receiptWhen(world, before.request, said =>
    ['index', 'log', 'outbox', 'intake keys', 'backups'].every(store => said.get(store) === 'undecryptable'),
  )
  const tookMs = Math.max(...states.map(({ at }) => Date.parse(at ?? ''))) - Date.parse(requestedAt)
  figures['E2, ms from the entry, with a kill and a start in between'] = tookMs
  expect(tookMs).toBeLessThan(60_000)
  await world.kill()
  const { parts } = onlyBenIsReadable('E2')
  // Her bytes are still there: it is the keys that are not.
  expect(partsOf(parts).length).toBeGreaterThan(5)
})

test('(c) a store that is made anew from the log does not bring her back', async () => {
  world.dropStores()
  await world.start()
  await onlyBenIsShown()
  await world.kill()
  onlyBenIsReadable('rebuilt from the log')
})

test('(c) yesterday’s backup, put back, is erased again before it answers', async () => {
  world.restore()
  const restored = await world.start()
  await onlyBenIsShown()
  const carl = { name: 'carl', visitor: randomBytes(16).toString('base64url') }
  await visitBySocket(restored, markers.on(carl.name, 'restored'), carl.visitor)
  await until(
    () => world.access([`v:${carl.visitor}`]),
    text => markers.of(carl.name).every(one => text.includes(one.text)),
  )
  await receiptWhen(world, before.request, said => said.get('log') === 'undecryptable')
  await onlyBenIsShown()
  await world.kill()
  onlyBenIsReadable('restored')
  const store = openStore(world.at('data'), 0)
  const state = JSON.stringify([...store.rows()])
  const history = [anna, ben].map(({ visitor }) => store.find(tenant, `v:${visitor}`, null, 99).length)
  await store.close()
  for (const id of annasIds()) expect(state).not.toContain(id)
  expect(state).toContain(ben.visitor)
  expect(history).toEqual([0, 6])
})

/** Everything in the clear part that is only hers: random ids, and keyed hashes of her numbers and addresses. */
function annasIds(): string[] {
  const pseudonyms = world.pseudonyms()
  const entered = markers
    .of(anna.name)
    .filter(({ field }) => field === 'engagement.fields.*')
    .map(({ text }) => text)
  return [
    ...[anna.visitor, ...anna.sessions, ...anna.callers.map(one => one.slice(2))],
    ...entered.filter(text => text.includes('@')).map(text => pseudonyms.ofEmail(tenant, text)),
    ...entered.filter(text => text.startsWith('+')).map(text => callerOf(pseudonyms, text).slice(2)),
  ]
}

/** Where bytes of hers stand: ids in any encoding, ciphertexts and secrets as they are. */
function annasBytes() {
  const folders = [world.at('data'), world.at('keys'), world.at('output')]
  const needles = [...before.ciphertexts, ...before.secrets]
  const raw = readAll(folders).filter(({ bytes }) => needles.some(one => bytes.includes(one)))
  return { ids: searchFiles(folders, annasIds()), raw: raw.map(({ path }) => path) }
}

test('(d) E3: when streams were padded and trimmed and stores written anew, no byte of hers is left', async () => {
  const [ids, raw] = [annasIds().length, before.ciphertexts.length + before.secrets.length]
  const was = annasBytes()
  expect(was.ids.length).toBeGreaterThan(ids)
  expect(was.raw.length).toBeGreaterThan(0)
  await letBytesGo(world)
  const is = annasBytes()
  figures['E3, hers'] = {
    needles: { ids, raw },
    ...{ idsBefore: was.ids.length, filesBefore: was.raw.length, after: is.ids.length + is.raw.length },
  }
  expect(is).toEqual({ ids: [], raw: [] })
  nothingInClear('E3')
  expect(searchFiles([world.at('data')], [ben.visitor]).length).toBeGreaterThan(0)

  await world.start()
  await onlyBenIsShown()
  const { states } = await receiptWhen(world, before.request, said => said.get('log') === 'bytes-gone')
  expect(states.filter(({ state }) => state !== 'bytes-gone').map(({ store }) => store)).toEqual(['backups'])
  const audit = await world.ask('GET', '/audit/records')
  expect(audit.text).toContain('"bytes-gone"')
  await world.kill()
  onlyBenIsReadable('E3')
})
