import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Link, openLink } from '../../config/nats.ts'
import { unpack } from '../../config/pack.ts'
import { streams } from '../../core/wire/subjects.ts'
import { bearer, origin, siteKey, startSystem, type System, temporaryFolder } from '../system.ts'
import { openFeed } from './adminWorld.ts'
import { helloText, natsOptions, openSocket, until } from './badInputsClient.ts'

/** What we tell on our own, as somebody reads it who has nothing but config/asyncapi.json and docs/public-face.md. */

type Message = { readonly payload: object; readonly examples?: readonly { readonly payload: object }[] }
type AsyncApi = {
  readonly channels: Readonly<Record<string, { readonly address: string; readonly messages: object }>>
  readonly components: { readonly messages: Readonly<Record<string, Message>> }
}
const read = (file: string) => readFileSync(join(import.meta.dirname, '../..', file), 'utf8')
const document = JSON.parse(read('config/asyncapi.json')) as AsyncApi
const ajv = new Ajv({ strict: false })
formats.default(ajv)
const shapes = new Map<string, ValidateFunction>(
  Object.entries(document.components.messages).map(([name, { payload }]) => [name, ajv.compile(payload)]),
)
const addressOf = (channel: string, tenant: string, kind = '') =>
  (document.channels[channel]?.address ?? '').replace('{tenant}', tenant).replace('{kind}', kind)

function expectShape(name: string, value: unknown): void {
  const hasShape = shapes.get(name)
  hasShape?.(value)
  expect(hasShape?.errors, `${name}: ${JSON.stringify(value)}`).toBeNull()
}

let system: System
let link: Link
const folder = temporaryFolder()

beforeAll(async () => {
  system = await startSystem({ dataDir: join(folder.path, 'data') })
  link = await openLink(natsOptions(system))
})
afterAll(async () => {
  await link?.close()
  await system?.stop()
  folder.remove()
})

/** A visit whose call is answered and over, a signal that is refused, and a no, which ends the visit. */
async function somethingOfEach(): Promise<void> {
  const page = { url: 'https://www.acme.example/?utm_source=google&utm_medium=cpc&utm_campaign=spring' }
  const socket = await openSocket(system, origin, siteKey)
  const { visitor, numbers } = await socket.ask(helloText({ page }))
  const b = numbers?.[0]?.e164
  for (const state of ['ring', 'answer', 'end'])
    await signal({ call: 'c-1', state, a: '+4520304050', b, reason: 'completed' })
  await signal({ call: 'c-0', state: 'ring', b, at: '2020-01-01T00:00:00Z' })
  await socket.ask(helloText({ page, visitor, consent: 'denied' }))
  await socket.close()
}

async function signal(body: object): Promise<void> {
  await fetch(`http://127.0.0.1:${system.publicPort}/v1/calls/generic/bench`, {
    ...{ method: 'POST', headers: { authorization: `Bearer ${bearer}` }, body: JSON.stringify(body) },
  })
}

type Told = { readonly kind: string }
const kinds = Object.keys(document.channels.feed?.messages ?? {})
const hasAll = (told: readonly Told[]) => kinds.every(kind => told.some(one => one.kind === kind))
const keysOf = (value: object) => Object.keys(value).sort()

test('each frame of the feed and each message of RESULTS is as it is documented, and its examples too', async () => {
  const stored: { readonly subject: string; readonly message: unknown }[] = []
  const follower = link.follow({
    ...{ stream: streams.results, from: 1, trouble: () => undefined },
    subject: addressOf('results', 'bench', '*'),
    take: ({ data, subject }) => void stored.push({ subject, message: unpack(data) }),
  })
  const { socket, lines } = await openFeed(system)
  await somethingOfEach()
  const told = await until(async () => lines.map(line => JSON.parse(line) as Told), hasAll)
  for (const frame of told) {
    expectShape(frame.kind, frame)
    const [example] = document.components.messages[frame.kind]?.examples ?? []
    expect(keysOf(frame)).toEqual(keysOf(example?.payload ?? {}))
  }
  await until(
    async () => new Set(stored.map(({ subject }) => subject)),
    subjects => subjects.size === 2,
  )
  expect(stored.map(({ subject }) => subject)).toContain(addressOf('results', 'bench', 'session'))
  for (const { message } of stored) expectShape('results', message)
  for (const [name, { examples = [] }] of Object.entries(document.components.messages))
    for (const { payload } of examples) expectShape(name, payload)
  socket.close()
  await follower.stop()
})

test('a signal is a request of NATS too, and answered as over HTTP', async () => {
  const ask = async (tenant: string, body: object) => {
    const asked = Buffer.from(JSON.stringify(body))
    return JSON.parse(
      Buffer.from(await link.request(addressOf('signals', tenant), asked, 5_000)).toString(),
    ) as object
  }
  const ring = { call: 'c-2', state: 'ring', b: '+4570000001' }
  expectShape('signal', ring)
  expectShape('answer', await ask('bench', ring))
  expectShape('refusal', await ask('nobody', ring))
})

test('the example of the documents is the one of the specification', () => {
  const [, example = '{}'] = /```json feed\n(.*?)```/s.exec(read('docs/public-face.md')) ?? []
  const [documented] = document.components.messages['call-changed']?.examples ?? []
  expect(JSON.parse(example)).toEqual(documented?.payload)
})
