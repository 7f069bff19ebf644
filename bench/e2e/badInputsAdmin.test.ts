import { request as httpRequest } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { limits } from '../../core/limits.ts'
import type { System } from '../system.ts'
import { askAdmin, type GivenKey, inShort, machineToken, makeKey, type Run, startWith } from './adminWorld.ts'
import { metric } from './badInputsClient.ts'
import { rowsOf } from './badInputsTable.ts'

/** Every row of docs/bad-inputs.md about the admin API, sent to one started system. */
let run: Run
let system: System
let owner: GivenKey
let hundred: GivenKey[]

beforeAll(async () => {
  run = await startWith(['acme', 'other'])
  system = run.system
  hundred = await Promise.all(Array.from({ length: 100 }, () => makeKey(system, 'acme', 'analyst')))
  owner = await makeKey(system, 'acme', 'owner')
})

afterAll(() => run?.end())

const keys = '/v1/tenants/acme/keys'
const review = '/v1/tenants/acme/access-review'

type Sent = { method?: string; path?: string; headers?: Record<string, string>; body?: string; from?: string }

/** As a client of any kind may send it; with the owner's key, unless the headers say otherwise. */
function send({ method = 'GET', path = keys, headers = {}, body, from = '198.51.100.1' }: Sent) {
  const all = { authorization: `Bearer ${owner.key}`, 'x-forwarded-for': from, ...headers }
  return new Promise<string>((resolve, reject) => {
    const asked = httpRequest(
      { host: '127.0.0.1', port: system.adminPort, path, method, headers: all },
      async answer => {
        let text = ''
        for await (const chunk of answer) text += String(chunk)
        resolve(inShort({ status: answer.statusCode ?? 0, type: '', text }))
      },
    )
    asked.on('error', reject)
    asked.end(body)
  })
}
const make = (body: string) => send({ method: 'POST', body })

/** What all of them are answered, where it is the same. */
async function same(answers: readonly Promise<string>[]): Promise<string> {
  return [...new Set(await Promise.all(answers))].join(' or ')
}

const tooLong = JSON.stringify({ name: 'x'.repeat(limits.adminBodyBytesMax), role: 'analyst' })
const named = (more: object) => JSON.stringify({ name: 'x', role: 'analyst', ...more })

const acme = '/v1/tenants/acme'
const lacking = `v:${'A'.repeat(21)}`
const about = (body: object) => JSON.stringify(body)
const truncated: readonly (readonly [path: string, body: string])[] = [
  ...['access', 'export', 'erase'].map(what => [`subjects/${what}`, about({ subjects: [lacking] })] as const),
  ['subjects/erase', about({ subjects: [`${lacking}A`, 'c:short'] })],
  ['subjects/restrict', about({ subjects: [lacking], mode: 'objected' })],
  ['subjects/rectify', about({ subject: lacking, field: 'title', to: null })],
  ['subjects/find', about({ visitor: 'A'.repeat(21) })],
  ['subjects/find', about({ session: 'A'.repeat(23) })],
  ['audit/subject', about({ subject: lacking })],
]

const acts: Record<string, () => Promise<string>> = {
  'no key, once there are keys': async () =>
    inShort(await askAdmin(system, 'GET', '/v1/calls/x?tenant=acme')),
  'a header that is no bearer, a key with another’s tenant, half a key': () =>
    same(
      [
        '',
        'Bearer',
        `Basic ${owner.key}`,
        owner.key,
        `Bearer ${owner.key.replace('_acme_', '_other_')}`,
        `Bearer ${owner.key.slice(0, 40)}`,
      ].map(authorization => send({ headers: { authorization } })),
    ),
  'wrong keys without end, and then the right one': async () => {
    const from = '198.51.100.2'
    const wrong = { authorization: `Bearer ${owner.key.slice(0, -8)}AAAAAAAA` }
    const guesses: string[] = []
    for (let guess = 0; guess <= limits.failedProofsPerAddressPerMinuteMax; guess += 1)
      guesses.push(await send({ headers: wrong, from }))
    return [...new Set([...guesses, await send({ from })])].join('; then ')
  },
  'a foreign host with a key, as a proxy on this machine sends it': () =>
    send({ headers: { host: 'admin.acme.example' } }),
  'malformed JSON, or no JSON at all': () => same(['{bad', 'name=x', '\u0000'].map(make)),
  'a wrong type, a role that no key can have, a length of time that is none': () =>
    same(
      ['[]', 'null', '"x"', named({ name: 7 }), named({ role: 'machine' }), named({ role: 'operator' })]
        .concat(named({ expiresIn: 'soon' }), named({ expiresIn: '0s' }), named({ name: 'Anna Larsen' }))
        .map(make),
    ),
  'an unknown field': () => make(named({ secret: 'mine' })),
  'nothing where something has to be said': () => make(''),
  'larger than 64 KiB': () => make(tooLong),
  'another method': () => same(['PUT', 'DELETE', 'PATCH', 'OPTIONS'].map(method => send({ method }))),
  'a name or a purpose with a phone number in it': () =>
    same([named({ name: 'of-4520304050' }), named({ purpose: 'caller 20304050' })].map(make)),
  'a handle or an id with a character missing, to each route that takes one': () =>
    same(truncated.map(([path, body]) => send({ method: 'POST', path: `${acme}/${path}`, body }))),
  'a key that nobody has, and ids that are paths': () =>
    same(
      ['zzzzzzzzzzzz', '..%2F..%2Fx', '%00', '%zz', 'constructor', '__proto__'].map(id =>
        send({ method: 'POST', path: `${keys}/${id}/revoke` }),
      ),
    ),
  'tenants that are paths, in capitals, empty or very long': async () => {
    const tenants = ['..%2Fother', 'OTHER', '%20', '', 'x'.repeat(2_000), '__proto__', 'constructor']
    const answers = tenants.map(tenant => send({ path: `/v1/tenants/${tenant}/keys` }))
    return same(answers.map(async answer => (await answer).split(' ')[0] ?? ''))
  },
  'the feed from a page of somebody’s site that has a key': () =>
    send({
      path: '/v1/feed',
      headers: {
        ...{ connection: 'upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' },
        ...{ 'sec-websocket-key': `${'x'.repeat(22)}==`, origin: 'https://elsewhere.example' },
      },
    }),
  'the first key, made a hundred times at once': async () => {
    const ids = new Set(hundred.map(({ id }) => id))
    const asked = [...hundred].map(({ key }) => askAdmin(system, 'GET', '/v1/calls/x', { key }))
    const answered = await same(asked.map(async answer => inShort(await answer)))
    return `${ids.size} keys, ${answered === '404 unknown-call' ? 'each works' : answered}`
  },
}

const expected = rowsOf('To the admin API')

test.for(Object.keys(acts))('%s', async input => {
  expect(await acts[input]?.()).toBe(expected.get(input.replaceAll('’', "'")))
})

test('the table of the docs has exactly these rows', () => {
  expect([...expected.keys()]).toEqual(Object.keys(acts).map(input => input.replaceAll('’', "'")))
})

test('afterwards the key works, nothing was thrown, and nothing of it was said', async () => {
  expect(await send({ path: review })).toBe('200')
  expect(await metric(system, 'ringtrail_handlers_threw_total')).toBe(0)
  expect(await metric(system, 'ringtrail_refused_total{code="key-missing"}')).toBeGreaterThan(0)
  const said = JSON.stringify(system.lines())
  for (const text of [owner.key, machineToken(system), '20304050']) expect(said).not.toContain(text)
  expect(system.lines().filter(line => line.msg !== 'started')).toEqual([])
})
