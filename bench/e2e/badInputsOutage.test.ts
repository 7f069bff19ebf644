import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { benchSettings, isAlive, startRefused, startSystem, temporaryFolder } from '../system.ts'
import {
  type CallAnswer,
  callRecord,
  generic,
  helloText,
  metric,
  natsPid,
  openSocket,
  post,
  signalAnswer,
  until,
} from './badInputsClient.ts'
import { inWords, ring, ringText, view, visit } from './badInputsGuest.ts'
import { rowsOf } from './badInputsTable.ts'

const folder = temporaryFolder()
const atStart = rowsOf('At the start')
const running = rowsOf('While it runs')
const repository = join(import.meta.dirname, '../..')

afterAll(() => folder.remove())

/** `1, one sentence`: the exit code and how much was said. A stack or a second line would be more than a sentence. */
function sentence({ code, text }: { code: number | null; text: string }): string {
  const lines = text.split('\n').filter(line => !/^(\{|warning: |$)/.test(line))
  return `${code}, ${lines.length === 1 && /\.$/.test(lines[0] ?? '') ? 'one sentence' : text}`
}

test('three mistakes in the configuration are all reported with line and column', () => {
  const file = join(folder.path, 'mistakes.yaml')
  writeFileSync(file, 'partitions: many\ntenantz: []\ndataDir: 7\n')
  const command = ['gateway/main.ts', 'check', '--config', file]
  const { status, stderr } = spawnSync(process.execPath, command, { cwd: repository, encoding: 'utf8' })
  const places = stderr.split('\n').flatMap(line => /mistakes\.yaml:(\d+:\d+) /.exec(line)?.[1] ?? [])
  expect(places.map(place => place.split(':')[0])).toEqual(expect.arrayContaining(['1', '2', '3']))
  const said = places.length === 3 ? 'three lines, each with line and column' : stderr
  expect(`${status}, ${said}`).toBe(atStart.get('three mistakes in the configuration'))
})

test('a data directory that cannot be made', async () => {
  const blocker = join(folder.path, 'file')
  writeFileSync(blocker, '')
  const settings = benchSettings({}, {})
  const file = join(folder.path, 'unwritable.yaml')
  writeFileSync(file, JSON.stringify({ ...settings, dataDir: join(blocker, 'data') }))
  const command = ['gateway/main.ts', 'start', '--config', file]
  const { status, stderr, stdout } = spawnSync(process.execPath, command, {
    cwd: repository,
    encoding: 'utf8',
  })
  expect(sentence({ code: status, text: stdout + stderr })).toBe(
    atStart.get('the data directory cannot be made'),
  )
})

test('a data directory without room', () => {
  const file = join(folder.path, 'full.yaml')
  writeFileSync(file, JSON.stringify({ ...benchSettings(), dataDir: join(folder.path, 'full') }))
  const start = [process.execPath, 'gateway/main.ts', 'start', '--config', file]
  const { status, stderr, stdout } = spawnSync('prlimit', ['--fsize=8192', ...start], {
    cwd: repository,
    encoding: 'utf8',
  })
  expect(sentence({ code: status, text: stdout + stderr })).toBe(
    atStart.get('the data directory has no room'),
  )
})

test('a port that is taken', async () => {
  const holder = createServer()
  await new Promise<void>(resolve => holder.listen(0, '127.0.0.1', resolve))
  const { port } = holder.address() as AddressInfo
  const listen = { public: `127.0.0.1:${port}`, admin: '127.0.0.1:0' }
  const dataDir = join(folder.path, 'port')
  const refused = await startRefused({ dataDir, settings: benchSettings({}, { listen }) })
  holder.close()
  expect(sentence(refused)).toBe(atStart.get('the port is taken'))
})

test('nats-server is killed: callers are put through, nothing taken is lost, an expired session is not resumed', async () => {
  const times = { idleTimeout: '4s', tail: '1s', coolDown: '1s' }
  const system = await startSystem({
    dataDir: join(folder.path, 'killed'),
    settings: benchSettings(times),
  })
  try {
    const socket = await openSocket(system)
    const { session, visitor, numbers } = await socket.ask(helloText())
    const b = String(numbers?.[0]?.e164)
    const pid = Number(readFileSync(join(system.dataDir, 'nats/server.pid'), 'utf8'))
    process.kill(pid, 'SIGKILL')
    const rung = signalAnswer(
      system,
      JSON.stringify({ call: 'dark', state: 'ring', a: '+4520304051', b, at: new Date().toISOString() }),
    )
    const acked = socket.ask('{"type":"page","id":5,"url":"http://localhost:8080/dark"}')
    expect(await rung).toBe(running.get('nats-server is killed: a ring'))
    const { type, id } = await acked
    expect(`${type} ${id}`).toBe(running.get('nats-server is killed: a page view'))
    const record = await until(
      async () =>
        (await (await fetch(`http://127.0.0.1:${system.adminPort}/v1/calls/dark`)).json()) as CallAnswer,
      answer => answer.match !== undefined,
    )
    const whose = record.match.session === session ? 'the session of before' : String(record.match.session)
    expect(`${record.match.kind}, ${whose}`).toBe(running.get("afterwards: the deferred call's record"))
    expect(await metric(system, 'ringtrail_nats_restarts_total')).toBe(1)
    await socket.close()
    expect(await expired(system, { session, visitor }, b)).toBe(running.get('a session id that has expired'))
  } finally {
    await system.killTree()
  }
})

test('a nats-server that has fallen mute is killed and started again, and nothing is lost', async () => {
  const system = await startSystem({ dataDir: join(folder.path, 'mute'), settings: benchSettings() })
  try {
    const guest = await visit(system)
    const mute = natsPid(system)
    process.kill(mute, 'SIGSTOP')
    const rung = await signalAnswer(system, ringText('mute', guest.b))
    expect(rung).toBe(running.get('nats-server is mute: a ring'))
    expect(await view(guest, 2)).toBe(running.get('nats-server is mute: a page view, after its restart'))
    expect(isAlive(mute)).toBe(false)
    expect(await metric(system, 'ringtrail_nats_mute_total')).toBe(1)
    const record = await until(
      () => callRecord(system, 'mute'),
      one => one.match !== undefined,
    )
    expect(inWords(record, guest.session)).toBe('exact, the right session')
  } finally {
    await system.killTree()
  }
})

test('calls during an outage, then a SIGKILL of everything: each is there, matched as of its ring', async () => {
  const brief = { idleTimeout: '1s', tail: '1s', coolDown: '1s' }
  const setup = { dataDir: join(folder.path, 'dark'), settings: benchSettings(brief) }
  let system = await startSystem(setup)
  try {
    const guest = await visit(system)
    process.kill(natsPid(system), 'SIGSTOP')
    const calls = Array.from({ length: 12 }, (_, index) => `dark ${index}`)
    const answers = await Promise.all(calls.map(call => signalAnswer(system, ringText(call, guest.b))))
    expect(new Set(answers)).toEqual(new Set([running.get('nats-server is killed: a ring')]))
    const rang = Date.now()
    await system.killTree()
    await until(
      async () => Date.now() - rang,
      passed => passed > 3_500,
    )
    system = await startSystem(setup)
    for (const call of calls)
      expect(inWords(await callRecord(system, call), guest.session)).toBe('exact, the right session')
    // By now the number is nobody's: only the caller is known.
    expect(await ring(system, 'now', guest)).toBe('returning, the right session')
  } finally {
    await system.killTree()
  }
})

/** Asks for the session when its number has come to nobody any more. */
async function expired(system: Parameters<typeof openSocket>[0], known: object, b: string): Promise<string> {
  const before = JSON.stringify({ call: 'x', state: 'ring', b })
  await until(
    async () =>
      JSON.stringify((await post(system, generic, before.replace('"x"', `"${Math.random()}"`))).body),
    answer => answer.includes('cooldown:lent-to-nobody-since'),
  )
  const socket = await openSocket(system)
  const { type, session, resumed } = await socket.ask(helloText(known))
  await socket.close()
  const same = (known as { session?: string }).session === session
  return `${type}, ${same ? 'that session' : 'a new session'}, resumed ${resumed}`
}
