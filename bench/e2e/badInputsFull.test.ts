import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { benchSettings, startSystem, type System, temporaryFolder } from '../system.ts'
import {
  type CallAnswer,
  callRecord,
  generic,
  helloText,
  limitFiles,
  metric,
  openSocket,
  post,
  readyz,
  type Socket,
  until,
} from './badInputsClient.ts'
import { rowsOf } from './badInputsTable.ts'

/** What is answered where there is no room, and that nothing acknowledged is lost with it. */
const folder = temporaryFolder()
const rows = rowsOf('Where there is no room')
const caller = '+4520304051'

afterAll(() => folder.remove())

type Guest = { readonly socket: Socket; readonly session: string; readonly b: string }

async function visit(system: System): Promise<Guest> {
  const socket = await openSocket(system)
  const { session, numbers } = await socket.ask(helloText())
  return { socket, session: String(session), b: String(numbers?.[0]?.e164) }
}

const ringText = (call: string, b: string, at?: string) =>
  JSON.stringify({ call, state: 'ring', a: caller, b, ...(at === undefined ? {} : { at }) })

async function ring(system: System, call: string, { b, session }: Guest): Promise<string> {
  const answer = (await post(system, generic, ringText(call, b))).body as CallAnswer
  return inWords(answer, session)
}

function inWords({ match }: CallAnswer, session: string): string {
  return `${match.kind}, ${match.session === session ? 'the right session' : match.session}`
}

async function view(guest: Guest, id: number): Promise<string> {
  const { type, code } = await guest.socket.ask(`{"type":"page","id":${id},"url":"http://localhost:8080/"}`)
  return code === undefined ? String(type) : `${type} ${code}`
}

/** The two first pages of an LMDB file, which say where the rest is: a commit needs more. */
const metaBytes = 8_192

test('stores that cannot grow: visits and calls go on, commits come when there is room again', async () => {
  const setup = { dataDir: join(folder.path, 'store'), settings: benchSettings() }
  let system = await startSystem(setup)
  try {
    const guest = await visit(system)
    expect(await ring(system, 'before', guest)).toBe('exact, the right session')
    limitFiles(system.pid, metaBytes)
    expect(await view(guest, 2)).toBe(rows.get('a store cannot grow: a page view'))
    expect(await ring(system, 'full', guest)).toBe(rows.get('a store cannot grow: a ring'))
    const { ready, notCommitting } = await until(
      () => readyz(system),
      one => one.notCommitting.length > 0,
    )
    const said = `ready ${ready}, notCommitting names ${notCommitting.length} partition`
    expect(said).toBe(rows.get('a store cannot grow: /readyz'))
    await until(
      () => metric(system, 'ringtrail_commit_failures_total'),
      count => count > 3,
    )
    limitFiles(system.pid, null)
    await until(
      () => readyz(system),
      one => one.notCommitting.length === 0,
    )
    expect(await metric(system, 'ringtrail_thread_restarts_total')).toBe(0)
    limitFiles(system.pid, metaBytes)
    expect(await view(guest, 3)).toBe('ack')
    expect(await ring(system, 'full again', guest)).toBe('exact, the right session')
    await system.killTree()
    system = await startSystem(setup)
    for (const call of ['before', 'full', 'full again'])
      expect(inWords(await callRecord(system, call), guest.session)).toBe('exact, the right session')
  } finally {
    await system.killTree()
  }
})
