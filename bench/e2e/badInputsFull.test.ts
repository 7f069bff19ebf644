import { join } from 'node:path'
import twilioPackage from 'twilio'
import { afterAll, expect, test } from 'vitest'
import { benchSettings, origin, startSystem, type System, temporaryFolder } from '../system.ts'
import {
  type CallAnswer,
  callRecord,
  generic,
  helloText,
  limitFiles,
  metric,
  natsPid,
  openSocket,
  post,
  readyz,
  signalAnswer,
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
    expect(await system.stop()).toBe(0)
    system = await startSystem(setup)
    for (const call of ['before', 'full', 'full again'])
      expect(inWords(await callRecord(system, call), guest.session)).toBe('exact, the right session')
  } finally {
    await system.killTree()
  }
})

const authToken = 'auth-token-of-this-test'

/** A call rings at Twilio; in short what it is told to do. */
async function twilioRing(system: System, call: string, b: string): Promise<string> {
  const fields = { CallSid: call, CallStatus: 'ringing', From: caller, To: b }
  const path = '/v1/calls/twilio/bench'
  const response = await fetch(`http://127.0.0.1:${system.publicPort}${path}`, {
    method: 'POST',
    headers: {
      'x-twilio-signature': twilioPackage.getExpectedTwilioSignature(authToken, `${origin}${path}`, fields),
    },
    body: new URLSearchParams(fields),
  })
  return `${response.status} dial ${/>(\+\d+)<\/Number>/.exec(await response.text())?.[1]}`
}

test('neither log nor outbox: nothing is promised, Twilio’s caller is put through, both work again by themselves', async () => {
  const settings = benchSettings({}, { publicUrl: origin }) as { tenants: { carriers: object }[] }
  Object.assign(settings.tenants[0]?.carriers ?? {}, { twilio: { authToken } })
  const system = await startSystem({ dataDir: join(folder.path, 'outbox'), settings })
  try {
    const guest = await visit(system)
    const nats = natsPid(system)
    limitFiles(system.pid, metaBytes)
    process.kill(nats, 'SIGSTOP')
    const [refused, dialled] = await Promise.all([
      signalAnswer(system, ringText('lost', guest.b)),
      twilioRing(system, 'CA1', guest.b),
    ])
    expect(refused).toBe(rows.get('the outbox cannot grow, and the log is away: a ring'))
    expect(dialled).toBe(rows.get('the outbox cannot grow, and the log is away: a ring at Twilio'))
    expect(await metric(system, 'ringtrail_outbox_failed_total')).toBeGreaterThan(0)
    limitFiles(system.pid, null)
    const kept = await signalAnswer(system, ringText('kept', guest.b))
    expect(kept).toBe(rows.get('the outbox has room again, and the log is away: a ring'))
    process.kill(nats, 'SIGCONT')
    const record = await until(
      () => callRecord(system, 'kept'),
      one => one.match !== undefined,
    )
    expect(inWords(record, guest.session)).toBe('exact, the right session')
    expect(await ring(system, 'after', guest)).toBe('exact, the right session')
  } finally {
    await system.killTree()
  }
})
