import { createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openLink } from '../../config/nats.ts'
import { limits } from '../../core/limits.ts'
import { subjects } from '../../core/wire/subjects.ts'
import {
  bearer,
  benchSettings,
  origin,
  siteKey,
  startSystem,
  type System,
  temporaryFolder,
} from '../system.ts'
import {
  authorized,
  type CallAnswer,
  frameAnswer,
  generic,
  helloText,
  inShort,
  metric,
  metricsText,
  natsOptions,
  openSocket,
  post,
  secret,
  signalAnswer,
  signed,
  type Socket,
  until,
} from './badInputsClient.ts'
import { rowsOf } from './badInputsTable.ts'

/** Every row of docs/bad-inputs.md, sent to one started system; at the end nothing of before is lost. */
const folder = temporaryFolder()
const canaries = {
  caller: '+4520304051',
  stranger: '+4520304062',
  address: '198.51.100.77',
  other: '198.51.100.78',
  guesser: '198.51.100.79',
  visitor: 'canaryVisitor-000000_0',
}
const forwarded = '+4578792222'
let system: System
let socket: Socket
let session: string
let lent: string

beforeAll(async () => {
  const settings = benchSettings({}, { trustedProxies: ['127.0.0.0/8'] }) as {
    tenants: { carriers: object }[]
  }
  Object.assign(settings.tenants[0] as object, { carriers: { generic: { bearer, secrets: [secret] } } })
  system = await startSystem({ dataDir: join(folder.path, 'data'), settings })
  socket = await openSocket(system)
  const welcome = await socket.ask(helloText({ visitor: canaries.visitor }))
  session = String(welcome.session)
  lent = String(welcome.numbers?.[0]?.e164)
  await ring('early', {})
})

afterAll(async () => {
  await socket?.close()
  await system?.killTree()
  folder.remove()
})

const signalText = (call: string, more: object = {}) =>
  JSON.stringify({ call, state: 'ring', a: canaries.caller, b: lent, ...more })

async function ring(call: string, more: object): Promise<CallAnswer> {
  return (await post(system, generic, signalText(call, more))).body as CallAnswer
}

async function helloAnswer(more: object): Promise<string> {
  const fresh = await openSocket(system)
  const { type, session: given, resumed } = await fresh.ask(helloText(more))
  await fresh.close()
  return `${type}, ${given === 'A'.repeat(22) ? 'that session' : 'a new session'}, resumed ${resumed}`
}

async function upgradeAnswer(from: string, site: string): Promise<string> {
  return openSocket(system, from, site).then(
    () => 'opened',
    (error: Error) => error.message,
  )
}

/** The beacon's answer in short. */
async function beaconAnswer(body: string, from = origin, site = siteKey): Promise<string> {
  const answer = await post(system, `/v1/visit?site=${site}`, body, { origin: from })
  return `${answer.status} ${inShort(answer.body)}`
}

const day = 86_400_000
const iso = (offsetMs: number) => new Date(Date.now() + offsetMs).toISOString()
const signedRing = (call: string) => signalText(call)

const acts: Record<string, () => Promise<string>> = {
  'frame: malformed JSON': () => frameAnswer(system, '{bad'),
  'frame: wrong type of a field': () => frameAnswer(system, '{"type":"page","id":"2","url":"http://a/"}'),
  'frame: unknown field': () => frameAnswer(system, '{"type":"beat","extra":1}'),
  'frame: unknown type': () => frameAnswer(system, '{"type":"constructor"}'),
  'frame: another before hello': async () => {
    const fresh = await openSocket(system)
    const { type, code } = await fresh.ask('{"type":"page","id":1,"url":"http://a/"}')
    await fresh.close()
    return `${type} ${code}`
  },
  'frame: larger than 16 KiB': () => frameAnswer(system, 'x'.repeat(limits.frameBytesMax + 1)),
  'frame: larger than 64 KiB': () => frameAnswer(system, 'x'.repeat(4 * limits.frameBytesMax + 1)),
  'frame: binary': () => frameAnswer(system, Buffer.from(helloText())),
  'socket: unknown site key': () => upgradeAnswer(origin, 'pk_nobody'),
  'socket: foreign origin': () => upgradeAnswer('https://elsewhere.example', siteKey),
  'hello: foreign session id': () => helloAnswer({ session: 'A'.repeat(22) }),
  'hello: the session id of another visitor': () => helloAnswer({ session, visitor: 'B'.repeat(22) }),
  'beacon: unknown site key': () => beaconAnswer(`[${helloText()}]`, origin, 'pk_nobody'),
  'beacon: foreign origin': () => beaconAnswer(`[${helloText()}]`, 'https://elsewhere.example'),
  'beacon: empty body': () => beaconAnswer(''),
  'beacon: empty array': () => beaconAnswer('[]'),
  'beacon: malformed JSON': () => beaconAnswer('[{'),
  'beacon: one bad element': () => beaconAnswer(`[${helloText()},{"type":"page"}]`),
  'signal: malformed JSON': () => signalAnswer(system, '{'),
  'signal: wrong type of a field': () => signalAnswer(system, signalText('w', { b: 45 })),
  'signal: unknown field': () => signalAnswer(system, signalText('u', { colour: 'red' })),
  'signal: a dialled number that is no number': () => signalAnswer(system, signalText('n', { b: 'abc' })),
  'signal: a caller that is no number': async () => short(await ring('letters', { a: 'abc' })),
  'signal: withheld caller': async () => short(await ring('withheld', { a: 'withheld' })),
  'signal: a dialled number that nobody knows': () =>
    signalAnswer(system, signalText('stray', { a: canaries.stranger, b: '+4599999999' })),
  'signal: from the future': () => signalAnswer(system, signalText('future', { at: iso(day) })),
  'signal: from before retention': () => signalAnswer(system, signalText('past', { at: iso(-4_000 * day) })),
  'signal: a known call with different facts': () =>
    signalAnswer(system, signalText('early', { b: '+4570004000' })),
  'signal: no bearer': () => signalAnswer(system, signedRing('nobody'), {}),
  'signal: bad signature': () =>
    signalAnswer(system, signedRing('bad'), signed('something else', Date.now(), 'msg-1')),
  'signal: stale signature': () =>
    signalAnswer(system, signedRing('stale'), signed(signedRing('stale'), Date.now() - day, 'msg-2')),
  'signal: empty body': () => signalAnswer(system, ''),
  'signal: empty array': () => signalAnswer(system, '[]'),
  'signal: array with one bad element': () =>
    signalAnswer(system, `[${signalText('array-1')},{"call":1},${signalText('array-2')}]`),
  'signal: larger than 256 KiB': () => signalAnswer(system, 'x'.repeat(limits.bodyBytesMax + 1)),
  'signal: wrong bearers without end, and then the right one': wrongBearers,
  'signal: unknown carrier': async () => statusAnswer('/v1/calls/nobody/bench'),
  'signal: unknown tenant': async () => statusAnswer('/v1/calls/generic/nobody'),
  'log: an entry that cannot be read': poison,
  'proxy: one address connects too often': floodThroughProxy,
}

/** From an address of its own, as a trusted proxy names it. */
async function wrongBearers(): Promise<string> {
  const from = { 'x-forwarded-for': canaries.guesser }
  const wrong = { ...from, authorization: 'Bearer wrong' }
  const answers = new Set<string>()
  for (let count = 0; count <= limits.failedProofsPerAddressPerMinuteMax; count += 1)
    answers.add(await signalAnswer(system, signalText('guess'), wrong))
  answers.add(await signalAnswer(system, signalText('guess'), { ...authorized, ...from }))
  return [...answers].join('; then ')
}

function short(answer: CallAnswer): string {
  const whose = answer.match.session === session ? 'the right session' : String(answer.match.session)
  return `${answer.match.kind}, ${whose}`
}

async function statusAnswer(path: string): Promise<string> {
  const answer = await post(system, path, '{}', authorized)
  return `${answer.status} ${inShort(answer.body)}`
}

/** Bytes that nobody wrote, put into every partition's log by hand; the next ring is answered as before. */
async function poison(): Promise<string> {
  const link = await openLink(natsOptions(system))
  for (const partition of [0, 1, 2, 3])
    await link.store(subjects.log(partition), Buffer.from([0xc1]), `poison-${partition}`, 5_000)
  await link.drain()
  const aside = await until(
    () => metric(system, 'ringtrail_set_aside_total{'),
    count => count >= 4,
  )
  return `${aside} set aside and counted; then ${short(await ring('after-poison', {}))}`
}

/** A real proxy in front: it says whose request it is. What the client wrote there before it is not believed. */
async function floodThroughProxy(): Promise<string> {
  const proxy = createServer((incoming, outgoing) => {
    const client = String(incoming.headers['x-client'])
    const forged = incoming.headers['x-forwarded-for']
    const headers = { ...incoming.headers, 'x-forwarded-for': `${forged}, ${client}` }
    const options = {
      port: system.publicPort,
      host: '127.0.0.1',
      path: incoming.url,
      method: 'POST',
      headers,
    }
    const onward = httpRequest(options, answer => {
      outgoing.writeHead(answer.statusCode ?? 500)
      answer.pipe(outgoing)
    })
    incoming.pipe(onward)
  })
  await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/v1/visit?site=${siteKey}`
  const send = async (client: string, forged: number) => {
    const headers = { origin, 'x-client': client, 'x-forwarded-for': `203.0.113.${forged % 250}` }
    const answer = await fetch(url, {
      method: 'POST',
      headers,
      body: `[${helloText({ consent: 'denied' })}]`,
    })
    await answer.text()
    return answer.status
  }
  let last = 200
  for (let count = 0; count <= limits.connectsPerAddressPerMinuteMax; count += 1)
    last = await send(canaries.address, count)
  const other = await send(canaries.other, 1)
  proxy.closeAllConnections()
  proxy.close()
  return `${last} for it, ${other} for another address`
}

const expected = rowsOf('To a running system')

test.for(Object.keys(acts))('%s', async input => {
  const answered = await acts[input]?.()
  expect(answered).toBe(expected.get(input))
})

test('the table of the docs has exactly these rows', () => {
  expect([...expected.keys()]).toEqual(Object.keys(acts))
})

test('nothing is lost: the visitor has the same session and number, the early call is as it was', async () => {
  const page = await socket.ask('{"type":"page","id":9,"url":"http://localhost:8080/later"}')
  expect(page).toEqual({ type: 'ack', id: 9 })
  expect(short(await ring('late', {}))).toBe('exact, the right session')
  const early = await (await fetch(`http://127.0.0.1:${system.adminPort}/v1/calls/early`)).json()
  expect(early).toMatchObject({ call: 'early', b: lent, match: { kind: 'exact', session } })
})

test('the output and the metrics name no caller, no address and no visitor', async () => {
  const said = JSON.stringify(system.lines()) + (await metricsText(system))
  expect(said).toContain('ringtrail_refused_total')
  for (const canary of Object.values(canaries)) expect(said).not.toContain(canary.replace('+', ''))
})

test('the caller is put through in every answer to a call that is not refused', () => {
  const answers = [...expected.values()].filter(answer => answer.includes('forward'))
  expect(answers.length).toBeGreaterThan(1)
  for (const answer of answers) expect(answer).toContain(`forward ${forwarded}`)
})
