import { existsSync, mkdtempSync, readdirSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openLink } from '../../config/nats.ts'
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
  callRecord,
  helloText,
  limitFiles,
  metric,
  natsOptions,
  natsPid,
  openSocket,
  post,
  readyz,
  secret,
  signed,
  signalAnswer,
  until,
} from './badInputsClient.ts'
import { authToken, inWords, ring, ringText, twilioRing, view, visit } from './badInputsGuest.ts'
import { rowsOf } from './badInputsTable.ts'

/** What is answered where there is no room, and that nothing acknowledged is lost with it. */
const folder = temporaryFolder()
const rows = rowsOf('Where there is no room')

afterAll(() => folder.remove())

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

test('neither log nor outbox: nothing is promised, Twilio’s caller is put through, both work again by themselves', async () => {
  const settings = benchSettings({}, { publicUrl: origin }) as { tenants: { carriers: object }[] }
  Object.assign(settings.tenants[0] as object, {
    carriers: { twilio: { authToken }, generic: { bearer, secrets: [secret] } },
  })
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
    const text = ringText('again', guest.b)
    const signedOnce = signed(text, Date.now(), 'msg-again')
    expect(await signalAnswer(system, text, signedOnce)).toBe(refused)
    expect(refused).toBe(rows.get('the outbox cannot grow, and the log is away: a ring'))
    expect(dialled).toBe(rows.get('the outbox cannot grow, and the log is away: a ring at Twilio'))
    expect(await metric(system, 'ringtrail_outbox_failed_total')).toBeGreaterThan(0)
    limitFiles(system.pid, null)
    const kept = await signalAnswer(system, ringText('kept', guest.b))
    expect(kept).toBe(rows.get('the outbox has room again, and the log is away: a ring'))
    expect(await signalAnswer(system, text, signedOnce)).toBe(kept)
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

/** A folder on a disk that nobody else fills while we look, where there is one. */
function quietFolder(): string {
  return mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'ringtrail-disk-'))
}

/** The used share that is a little above the present one, and how many bytes go beyond it. */
function boundAbove(place: string): { stopAt: number; ballastBytes: number } {
  const { blocks, bfree, bavail, bsize } = statfsSync(place)
  const used = blocks - bfree
  const marginBytes = Math.min((bavail * bsize) / 4, 64 * 1024 * 1024)
  return { stopAt: (used + marginBytes / bsize) / (used + bavail), ballastBytes: Math.ceil(marginBytes) }
}

test('a disk at its bound: visits are refused, calls are not, and all is taken again when there is room', async () => {
  const place = quietFolder()
  const { stopAt, ballastBytes } = boundAbove(place)
  const ballast = join(place, 'ballast')
  const system = await startSystem({
    dataDir: join(place, 'data'),
    settings: benchSettings({}, { disk: { stopAt } }),
  })
  try {
    const guest = await visit(system)
    expect(await view(guest, 2)).toBe('ack')
    writeFileSync(ballast, Buffer.alloc(ballastBytes, 1))
    await until(
      () => metric(system, 'ringtrail_no_room{what="disk"}'),
      value => value === 1,
    )
    expect(await view(guest, 3)).toBe(rows.get('a disk at its bound: a page view'))
    const other = await openSocket(system)
    const { type, code } = await other.ask(helloText())
    expect(`${type} ${code}`).toBe(rows.get('a disk at its bound: a hello'))
    const beacon = await post(system, `/v1/visit?site=${siteKey}`, `[${helloText()}]`, { origin })
    const [first] = beacon.body as { type: string; code: string }[]
    expect(`${beacon.status} ${first?.type} ${first?.code}`).toBe(rows.get('a disk at its bound: a beacon'))
    expect(await ring(system, 'disk', guest)).toBe(rows.get('a disk at its bound: a ring'))
    const { ready, full } = await readyz(system)
    expect(`ready ${ready}, full: ${full}`).toBe(rows.get('a disk at its bound: /readyz'))
    expect(await metric(system, 'ringtrail_refused_total{code="no-room"}')).toBe(3)
    rmSync(ballast)
    const again = await until(
      () => view(guest, 3),
      answer => answer === 'ack',
    )
    expect(again).toBe(rows.get('a disk with room again: the same page view'))
  } finally {
    await system.killTree()
    rmSync(place, { recursive: true, force: true })
  }
})

/** Fills the log with what belongs to no partition, until it refuses; resolves to the way to take it out again. */
async function fillLog(system: System): Promise<() => Promise<void>> {
  const link = await openLink(natsOptions(system))
  for (let bytes = 32 * 1024; bytes >= 16; bytes /= 2) {
    let refused = false
    for (let count = 0; !refused && count < 1_000; count += 1) {
      refused = await link
        .store(subjects.log(999), Buffer.alloc(bytes), `filler-${bytes}-${count}`, 5_000)
        .then(
          () => false,
          () => true,
        )
    }
  }
  // What fills it goes, and nothing else: a log without its first entries is one with a gap for who has not come so far.
  return async () => {
    const filter = Buffer.from(JSON.stringify({ filter: subjects.log(999) }))
    await link.request('$JS.API.STREAM.PURGE.LOG', filter, 5_000)
    await link.close()
  }
}

test('a log that is full: visits are refused, calls wait in the outbox, both go on when it is trimmed', async () => {
  const system = await startSystem({
    dataDir: join(folder.path, 'log'),
    settings: benchSettings({}, { nats: { logSize: '1MiB' } }),
  })
  try {
    const [guest, unlucky] = [await visit(system), await visit(system)]
    const trim = await fillLog(system)
    const waiting = view(unlucky, 2)
    await until(
      () => metric(system, 'ringtrail_no_room{what="log"}'),
      value => value === 1,
    )
    expect(await view(guest, 2)).toBe(rows.get('the log is full: a page view'))
    expect(await signalAnswer(system, ringText('full', guest.b))).toBe(rows.get('the log is full: a ring'))
    const { ready, full } = await readyz(system)
    expect(`ready ${ready}, full: ${full}`).toBe(rows.get('the log is full: /readyz'))
    expect(await metric(system, 'ringtrail_log_refused_total')).toBeGreaterThan(0)
    expect(await metric(system, 'ringtrail_outbox_entries')).toBe(1)
    await trim()
    expect(await waiting).toBe(rows.get('the log has room again: the page view that waited'))
    const again = await until(
      () => view(guest, 2),
      answer => answer === 'ack',
    )
    expect(again).toBe(rows.get('the log has room again: the page view that was refused'))
    const record = await until(
      () => callRecord(system, 'full'),
      one => one.match !== undefined,
    )
    expect(inWords(record, guest.session)).toBe('exact, the right session')
    expect((await readyz(system)).full).toEqual([])
    expect(await metric(system, 'ringtrail_outbox_entries')).toBe(0)
  } finally {
    await system.killTree()
  }
})

/** The file to which nats-server appends the log at present, by its size. */
function logBlockBytes(dataDir: string): number {
  const messages = join(dataDir, 'nats/jetstream/$G/streams/LOG/msgs')
  const blocks = readdirSync(messages).filter(name => name.endsWith('.blk'))
  return Math.max(...blocks.map(name => statSync(join(messages, name)).size))
}

test('a disk that is full under the log, in the middle of an entry: nothing acknowledged is lost, by a replay from the start too', async () => {
  const setup = { dataDir: join(folder.path, 'torn'), settings: benchSettings() }
  let system = await startSystem(setup)
  try {
    const [guest, unlucky] = [await visit(system), await visit(system)]
    const exact = 'exact, the right session'
    expect(await ring(system, 'before', guest)).toBe(exact)
    limitFiles(natsPid(system), logBlockBytes(setup.dataDir) + 100)
    const waiting = view(unlucky, 2)
    await until(
      () => metric(system, 'ringtrail_no_room{what="log"}'),
      value => value === 1,
    )
    expect(await view(guest, 2)).toBe(rows.get('the disk under the log is full: a page view'))
    const deferred = await signalAnswer(system, ringText('full', guest.b))
    expect(deferred).toBe(rows.get('the disk under the log is full: a ring'))
    limitFiles(natsPid(system), null)
    expect(await waiting).toBe('ack')
    await until(
      () => ring(system, 'after', guest),
      answer => answer === exact,
    )
    for (const loss of ['nothing', 'the stores']) {
      await system.killTree()
      if (loss === 'the stores') rmSync(join(setup.dataDir, 'partitions'), { recursive: true })
      system = await startSystem(setup)
      for (const call of ['before', 'full', 'after'])
        expect(inWords(await callRecord(system, call), guest.session), `${call} after ${loss}`).toBe(exact)
    }
  } finally {
    await system.killTree()
  }
})
