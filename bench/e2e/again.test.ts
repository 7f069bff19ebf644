import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { benchSettings, startSystem, type System, temporaryFolder } from '../system.ts'
import { generic, helloText, openSocket, post } from './badInputsClient.ts'

const folder = temporaryFolder()
let system: System
let feed: WebSocket

beforeAll(async () => {
  const short = { idleTimeout: '1s', tail: '1s', coolDown: '1s', sticky: '1m' }
  system = await startSystem({ dataDir: `${folder.path}/data`, settings: benchSettings(short) })
  feed = new WebSocket(`ws://127.0.0.1:${system.adminPort}/v1/feed`)
  await once(feed, 'open')
})

afterAll(async () => {
  feed.close()
  await system.killTree()
  folder.remove()
})

/** Resolves when the feed says that the session is over: time passes by the system's own word. */
async function ended(session: string): Promise<void> {
  for (;;) {
    const [line] = (await once(feed, 'message')) as [Buffer]
    const result = JSON.parse(String(line)) as { kind: string; session?: string }
    if (result.kind === 'session-ended' && result.session === session) return
  }
}

test('a page that slept past its session goes on in a new one, which has the source of the open page', async () => {
  const socket = await openSocket(system)
  const page = { id: 1, url: 'http://localhost:8080/?utm_source=newsletter&utm_medium=email' }
  const first = await socket.ask(helloText({ page }))
  await ended(first.session as string)
  const again = await socket.ask(JSON.stringify({ type: 'beat' }))
  expect(again.type).toBe('welcome')
  expect(again.session).not.toBe(first.session)
  const b = again.numbers?.[0]?.e164
  const rung = await post(system, generic, JSON.stringify({ call: 'c', state: 'ring', a: '+4520304050', b }))
  expect(rung.body).toMatchObject({
    match: { kind: 'exact', session: again.session, source: { source: 'newsletter', medium: 'email' } },
  })
  await socket.close()
})
