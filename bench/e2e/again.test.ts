import type { Socket } from 'node:net'
import { once } from 'node:events'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { benchSettings, origin, siteKey, startSystem, type System, temporaryFolder } from '../system.ts'
import { type Answered, generic, helloText, metric, openSocket, post } from './badInputsClient.ts'

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

test('a no that overtakes the welcome of a yes counts: no id, no session, no number, also later', async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${system.publicPort}/v1/visit?site=${siteKey}`, {
    headers: { origin },
  })
  await once(socket, 'open')
  const heard: Answered[] = []
  socket.on('message', data => void heard.push(JSON.parse(String(data)) as Answered))
  const opened = await metric(system, 'ringtrail_outcomes_total{kind="session-opened"}')
  const over = sessionEnded()
  // In one write: the gateway reads the no before it can have heard of the yes.
  const { _socket: stream } = socket as unknown as { _socket: Socket }
  stream.cork()
  socket.send(helloText({ consent: 'granted' }))
  socket.send(helloText({ consent: 'denied' }))
  stream.uncork()
  expect(await over).toMatchObject({ because: 'consent-withdrawn' })
  for (let beat = 0; beat < 3; beat += 1) {
    socket.send(JSON.stringify({ type: 'beat' }))
    socket.send(JSON.stringify({ type: 'page', id: beat + 2, url: 'http://localhost:8080/' }))
    await once(socket, 'message')
  }
  const welcomes = heard.filter(frame => frame.type === 'welcome')
  expect(welcomes.map(({ session }) => session)).toEqual([null])
  expect(await metric(system, 'ringtrail_outcomes_total{kind="session-opened"}')).toBe(opened + 1)
  socket.close()
})

/** The next end of a session that the feed tells of; what it says of the call before comes when it is stored. */
async function sessionEnded(): Promise<{ kind: string }> {
  for (;;) {
    const [line] = (await once(feed, 'message')) as [Buffer]
    const told = JSON.parse(String(line)) as { kind: string }
    if (told.kind === 'session-ended') return told
  }
}

function filesBelow(path: string): string[] {
  return readdirSync(path, { recursive: true, encoding: 'utf8' }).map(name => join(path, name))
}

test('nobody else on the machine can read what is kept', () => {
  const open = filesBelow(system.dataDir).filter(path => (statSync(path).mode & 0o077) !== 0)
  expect(filesBelow(system.dataDir).length).toBeGreaterThan(10)
  expect(open).toEqual([])
})
