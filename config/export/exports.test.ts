import { expect, test } from 'vitest'
import { type SubjectSet, selectHistory } from '../../core/belongs.ts'
import type { Input } from '../../core/input.ts'
import type { CallRecord } from '../../core/outcome.ts'
import { recordsOf } from './assemble.ts'
import { annasHistory, annasSubjects } from './goldenHistory.ts'
import { packageFiles } from './makePackage.ts'
import { isRecordOf, type OpenedRecord } from './records.ts'
import { importRecords, packageIn, verifyPackage } from './readPackage.ts'
import { chanceOf, head } from './testHead.ts'
import { marksIn, randomWorld } from './testHistory.ts'
import { unzipFiles, zipFiles } from './zip.ts'

const worlds = 10_000

async function imported(files: ReadonlyMap<string, Uint8Array>): Promise<OpenedRecord[]> {
  const records: OpenedRecord[] = []
  for await (const record of importRecords(packageIn(files))) records.push(record)
  return records
}

const sorted = (texts: Iterable<string>) => [...texts].sort()

async function tellsTheTruth(seed: number): Promise<void> {
  const { history, subjects, truth } = randomWorld(seed)
  const records = recordsOf(history, subjects)
  const files = await packageFiles(head, records)
  const found = new Set([...files.values()].flatMap(bytes => [...marksIn(bytes)]))
  expect(sorted(records.map(record => record.id)), `seed ${seed}`).toEqual(sorted(truth.ids))
  expect(sorted(found), `seed ${seed}`).toEqual(sorted(truth.marks))
  expect(await imported(files), `seed ${seed}`).toEqual(records)
  if (seed % 100 !== 0) return
  const zip = unzipFiles(zipFiles(files))
  expect((await verifyPackage(packageIn(zip), null)).troubles, `seed ${seed}`).toEqual([])
}

test(`an export shows what the generator knows of its subjects and no mark of another, ${worlds} histories`, async () => {
  for (let seed = 1; seed <= worlds; seed++) await tellsTheTruth(seed)
}, 300_000)

test('the order of the history, and where it is repeated, change nothing', () => {
  for (let seed = 1; seed <= 200; seed++) {
    const { history, subjects } = randomWorld(seed)
    const chance = chanceOf(seed)
    const events = [...history.events, ...history.events].sort(() => chance(3) - 1)
    const calls = [...history.calls].reverse()
    expect(recordsOf({ ...history, events, calls }, subjects)).toEqual(recordsOf(history, subjects))
  }
})

test('what was selected is selected again whole: the filter takes nothing away from what it let through', () => {
  for (let seed = 1; seed <= 200; seed++) {
    const { history, subjects } = randomWorld(seed)
    const { events } = selectHistory(history.events, history.calls, subjects)
    expect(selectHistory(events, history.calls, subjects).events).toEqual(events)
    expect(recordsOf({ ...history, events }, subjects)).toEqual(recordsOf(history, subjects))
  }
})

test('an entered number chooses nobody, and names who has to be decided about', () => {
  let decided = 0
  for (let seed = 1; seed <= 100; seed++) {
    const { history, subjects } = randomWorld(seed)
    const nobody = {
      ...subjects,
      visitors: new Set<string>(),
      sessions: new Set<string>(),
      callers: new Set<string>(),
    }
    expect(recordsOf(history, nobody)).toEqual([])
    decided += selectHistory(history.events, history.calls, nobody).undecided.length
  }
  expect(decided).toBeGreaterThan(100)
})

const callsIn = (records: readonly OpenedRecord[]) => records.filter(record => record.kind === 'call')

test('a call whose record is gone is told from its signals, to its caller alone', () => {
  const history = { ...annasHistory, calls: [] }
  const [call] = callsIn(recordsOf(history, annasSubjects))
  expect(call).toMatchObject({ id: 'call:generic/call-1', session: null, personal: { a: '+4520304050' } })
  expect(callsIn(recordsOf(history, { ...(annasSubjects as SubjectSet), callers: new Set() }))).toEqual([])
})

test('a call that was corrected shows the number that it is now said to be of, and not the one before', () => {
  const [record] = annasHistory.calls as [CallRecord]
  const corrected = { ...record, a: 'pOther0000000000000000' as CallRecord['a'] }
  const said = {
    kind: 'call-rectified',
    tenant: 'acme',
    request: 'r',
    carrier: 'generic',
    call: 'call-1',
    a: corrected.a,
  }
  const correction = {
    atMs: record.rangAt + 1,
    sequence: 90,
    index: 0,
    session: null,
    personal: { a: '+4599999999' },
  }
  const events = [...annasHistory.events, { ...correction, clear: said as unknown as Input }]
  for (const calls of [[corrected], []]) {
    const [call] = callsIn(recordsOf({ ...annasHistory, events, calls }, 'everyone'))
    expect(call?.clear).toMatchObject({ aPseudonym: corrected.a })
    expect(call?.personal).toMatchObject({ a: '+4599999999' })
  }
  const [seen] = callsIn(recordsOf({ ...annasHistory, events, calls: [corrected] }, annasSubjects))
  expect(seen).toMatchObject({ clear: { side: 'visitor', aPseudonym: null }, personal: null })
})

test('a record from before there were paths is exported as one without, and a package of then is still read', async () => {
  const [call] = annasHistory.calls
  const { totalMs, duplicateOf, shownMs, touches, history, ...old } = call as CallRecord
  const [record] = callsIn(recordsOf({ ...annasHistory, calls: [old as CallRecord] }, annasSubjects))
  expect(record?.clear).toMatchObject({ duplicateOf: null, shownMs: null, touches: [], history: [] })
  const later = ['totalMs', 'duplicateOf', 'shownMs', 'touches', 'history']
  const said = Object.entries(record?.clear ?? {}).filter(([name]) => !later.includes(name))
  const clear = Object.fromEntries(said)
  expect(isRecordOf('call', { ...record, clear })).toBe(true)
})
