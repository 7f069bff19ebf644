import { request as httpRequest } from 'node:http'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
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
  frameAnswer,
  generic,
  helloText,
  inShort,
  metric,
  openSocket,
  post,
  secret,
  signalAnswer,
  signed,
} from './badInputsClient.ts'
import { authToken, type Guest, ring, ringText, twilioRing, view, visit } from './badInputsGuest.ts'
import { rowsOf } from './badInputsTable.ts'
import { abort, closedAfter, frameOf, host, statusAfter } from './rawSocket.ts'

/** What no honest client sends; each row holds for every one of its examples. */
const folder = temporaryFolder()
let system: System
let guest: Guest

beforeAll(async () => {
  const settings = benchSettings({}, { publicUrl: origin }) as { tenants: object[] }
  Object.assign(settings.tenants[0] as object, {
    carriers: { twilio: { authToken }, generic: { bearer, secrets: [secret] } },
  })
  system = await startSystem({ dataDir: join(folder.path, 'data'), settings })
  guest = await visit(system)
})

afterAll(async () => {
  await guest?.socket.close()
  await system?.killTree()
  folder.remove()
})

/** The one answer to all of them; several, with semicolons between, where they differ. */
async function same(answers: readonly Promise<string>[]): Promise<string> {
  return [...new Set(await Promise.all(answers))].join('; ')
}

const statuses = (...requests: string[]) => same(requests.map(bytes => statusAfter(system, bytes)))
const closes = (...attempts: Buffer[][]) => same(attempts.map(frames => closedAfter(system, ...frames)))
const answersToFrames = (...texts: string[]) => same(texts.map(text => frameAnswer(system, text)))
const refusedOrigin = (from: string) =>
  openSocket(system, from).then(
    () => 'opened',
    (error: Error) => error.message,
  )

let calls = 0
const name = () => `strange-${++calls}`
const signalText = (more: object) => JSON.stringify({ ...JSON.parse(ringText(name(), guest.b)), ...more })
const answersToSignals = (...more: object[]) => same(more.map(one => signalAnswer(system, signalText(one))))

function answersToHeaders(...wrong: Record<string, string>[]): Promise<string> {
  const text = signalText({})
  return same(
    wrong.map(headers => signalAnswer(system, text, { ...signed(text, Date.now(), name()), ...headers })),
  )
}

const pageText = (more: object) => JSON.stringify({ type: 'page', id: 9, url: 'http://a/', ...more })
const helloAnswer = async (visitor: string) => {
  const socket = await openSocket(system)
  const { type, code } = await socket.ask(helloText({ visitor }))
  await socket.close()
  return `${type} ${code}`
}
const json = Buffer.from('{}')
const deep = `${'['.repeat(8_000)}${']'.repeat(8_000)}`

const notValid = 'ringtrail_refused_total{code="not-valid"}'

const acts: Record<string, () => Promise<string>> = {
  'wire: no HTTP, or HTTP/1.0': () =>
    statuses('\u0000\u0016\u0003garbage\r\n\r\n', `GET /healthz HTTP/1.0\r\n${host}\r\n`),
  'wire: headers of 5,000 bytes, or 200 of them': () =>
    statuses(
      `GET /healthz HTTP/1.1\r\n${host}X: ${'a'.repeat(5_000)}\r\n\r\n`,
      `GET /healthz HTTP/1.1\r\n${host}${Array.from({ length: 200 }, (_, at) => `X${at}: 1\r\n`).join('')}\r\n`,
    ),
  'wire: a length that is negative, or beside chunks': () =>
    statuses(
      `POST ${generic} HTTP/1.1\r\n${host}Content-Length: -5\r\n\r\nabc`,
      `POST ${generic} HTTP/1.1\r\n${host}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ),
  'socket: reserved bits, unknown opcodes': () =>
    closes(
      ...[0x40, 0x20, 0x10].map(reserved => [frameOf(json, { reserved })]),
      ...[3, 7, 11, 15].map(opcode => [frameOf(json, { opcode })]),
    ),
  'socket: control frames in parts or too long, a close of one byte': () =>
    closes(
      [frameOf(Buffer.from('x'), { opcode: 9, final: false })],
      [frameOf(Buffer.alloc(126), { opcode: 9 })],
      [frameOf(Buffer.from([3]), { opcode: 8 })],
    ),
  'socket: a part without a beginning, a beginning within a part': () =>
    closes([frameOf(json, { opcode: 0 })], [frameOf(Buffer.from('{'), { final: false }), frameOf(json)]),
  'socket: text that is no UTF-8, a length of 2^63': () =>
    closes(
      [frameOf(Buffer.from([0xc0, 0xaf]))],
      [frameOf(Buffer.from([0xed, 0xa0, 0x80]))],
      [Buffer.from([0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4])],
    ),
  'socket: an origin that only looks like ours, or none': () =>
    same(
      [
        '',
        'null',
        'file://',
        `${origin}.evil.example`,
        'http://localhost:8081',
        origin.toUpperCase(),
        `${origin}/`,
        'http://localhost.:8080',
        'https://localhost:8080',
        `${origin}, http://evil.example`,
      ].map(refusedOrigin),
    ),
  'frame: JSON 8,000 deep, no object, __proto__': () =>
    answersToFrames(
      deep,
      'null',
      '1e999',
      '[]',
      '"x"',
      '{"__proto__":{"type":"bye"}}',
      '{"type":"__proto__"}',
    ),
  'frame: ids that are no whole number from 1': () =>
    answersToFrames(
      ...['-0', '0', '1.5', '1e999', '9007199254740993', '"7"'].map(
        id => `{"type":"page","id":${id},"url":"http://a/"}`,
      ),
    ),
  'frame: a page view with any text for address and title': () =>
    same(
      [
        { url: 'javascript:alert(1)' },
        { url: 'http://user:word@a/%zz' },
        { url: 'nowhere' },
        { title: 'a\u0000\r\n\u202e=HYPERLINK("x")' },
      ].map(async more => String((await frameAnswer(system, pageText(more))).split(' ')[0])),
    ),
  'hello: visitor ids of another form': () =>
    same(
      ['x', '__proto__', 'a\u0000b', '\u202e', '😀'.repeat(11), 'A'.repeat(23), `${'A'.repeat(21)}!`].map(
        helloAnswer,
      ),
    ),
  'signal: callers in every spelling, and none': () =>
    answersToSignals(
      ...[
        'anonymous',
        '+',
        '0045',
        '123',
        '+1234567890123456',
        'sip:x@y',
        '+45２０３０４０５１',
        '٤٥',
        '',
      ].map(a => ({ a })),
      { a: '+4520304051;ext=12' },
      { a: 'x'.repeat(10_000) },
      { a: guest.b, c: guest.b },
    ),
  'signal: dialled numbers in other scripts, or too short': () =>
    answersToSignals(...['', '+', '45', `sip:${guest.b}@x`, '４５70000001'].map(b => ({ b }))),
  'signal: times that are none, states and names that are none': () =>
    answersToSignals(
      ...['yesterday', '', '2026-02-30T00:00:00Z', 0].map(at => ({ at })),
      { state: 'hold' },
      { call: '' },
      { call: 'x'.repeat(200) },
    ),
  'signal: the end before the ring, the ring twice': async () => {
    const call = name()
    const states = ['end', 'ring', 'ring', 'answer', 'end']
    const answers: string[] = []
    for (const state of states) answers.push(await signalAnswer(system, signalText({ call, state })))
    return [...new Set(answers)].join('; ')
  },
  'signal: signatures of another length or kind, and without their parts': () =>
    answersToHeaders(
      { 'webhook-signature': 'v1,AAAA' },
      { 'webhook-signature': '' },
      { 'webhook-signature': `v2,${'A'.repeat(44)}` },
      { 'webhook-id': '' },
      ...['abc', '0', '-1', '', '9007199254740992'].map(time => ({ 'webhook-timestamp': time })),
    ),
  'signal: one webhook-id twice at once': async () => {
    const text = signalText({})
    const headers = signed(text, Date.now(), 'twice.with.dots')
    return same([signalAnswer(system, text, headers), signalAnswer(system, text, headers)])
  },
  'signal: packed, or JSON null': async () => {
    const packed = await fetch(`http://127.0.0.1:${system.publicPort}${generic}`, {
      method: 'POST',
      headers: { ...authorized, 'content-encoding': 'gzip' },
      body: gzipSync(signalText({})),
    })
    return `${packed.status} ${inShort(await packed.json())}; ${await signalAnswer(system, 'null')}`
  },
  'signal: 257 in one body': () => signalAnswer(system, JSON.stringify(new Array(257).fill({}))),
  'signal: another method': async () => {
    const response = await fetch(`http://127.0.0.1:${system.publicPort}${generic}`, {
      method: 'PUT',
      headers: authorized,
      body: '{}',
    })
    return `${response.status} ${inShort(await response.json())}`
  },
  'signal: a tenant that is a path': () =>
    same(
      ['bench%2f..%2fbench', '%00', '%zz', '__proto__'].map(async tenant => {
        const answer = await post(system, `/v1/calls/generic/${tenant}`, '{}')
        return `${answer.status} ${inShort(answer.body)}`
      }),
    ),
  'twilio: a ring whose CallSid has 5,000 characters': async () => {
    const before = await metric(system, notValid)
    const answered = await twilioRing(system, 'C'.repeat(5_000), guest.b)
    return `${answered}, ${(await metric(system, notValid)) - before} refused as not-valid`
  },
  'admin: a call whose name was never encoded': async () => {
    const response = await fetch(`http://127.0.0.1:${system.adminPort}/v1/calls/%zz`)
    return `${response.status} ${inShort(await response.json())}`
  },
  'admin: a host that does not name this machine, by HTTP or for the feed': () =>
    same(
      ['/metrics', '/readyz', '/v1/calls/x', '/v1/feed', '/nothing'].flatMap(path =>
        ['evil.example', `evil.example:${system.adminPort}`].map(name => adminAnswer(path, name)),
      ),
    ),
  'clients that are gone before, within and after 300 requests': async () => {
    const body = signalText({})
    const paths = [generic, `/v1/visit?site=${siteKey}`]
    const head = (path: string) =>
      `POST ${path} HTTP/1.1\r\n${host}Authorization: Bearer ${bearer}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`
    await Promise.all(
      Array.from({ length: 300 }, (_, at) =>
        abort(system, `${head(paths[at % 2] ?? '')}${at % 3 === 0 ? body.slice(0, 20) : body}`, at % 7),
      ),
    )
    return signalAnswer(system, signalText({}))
  },
}

/** As a browser asks on behalf of a page whose name was pointed to this machine. */
function adminAnswer(path: string, name: string): Promise<string> {
  const upgrade = { connection: 'upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' }
  const headers = {
    host: name,
    ...(path === '/v1/feed' ? { ...upgrade, 'sec-websocket-key': 'x'.repeat(24) } : {}),
  }
  return new Promise((resolve, reject) => {
    const asked = httpRequest(
      { host: '127.0.0.1', port: system.adminPort, path, headers },
      async response => {
        let body = ''
        for await (const chunk of response) body += String(chunk)
        resolve(`${response.statusCode} ${inShort(JSON.parse(body))}`)
      },
    )
    asked.on('upgrade', () => resolve('upgraded'))
    asked.on('error', reject)
    asked.end()
  })
}

const expected = rowsOf('Stranger still')

test.for(Object.keys(acts))('%s', async input => {
  const answered = await acts[input]?.()
  expect(answered).toBe(expected.get(input))
})

test('the table of the docs has exactly these rows', () => {
  expect([...expected.keys()]).toEqual(Object.keys(acts))
})

test('afterwards the visitor of before has session and number, and nothing was set aside or thrown', async () => {
  expect(await view(guest, 2)).toBe('ack')
  expect(await ring(system, 'afterwards', guest)).toBe('exact, the right session')
  expect(await metric(system, 'ringtrail_set_aside_total')).toBe(0)
  expect(await metric(system, 'ringtrail_handlers_threw_total')).toBe(0)
  for (const code of ['foreign-origin', 'not-valid', 'not-json', 'too-large', 'signature-mismatch'])
    expect(await metric(system, `ringtrail_refused_total{code="${code}"}`), code).toBeGreaterThan(0)
  expect(system.lines().filter(line => line.msg !== 'started')).toEqual([])
})
