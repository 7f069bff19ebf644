import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { personalFields } from '../../core/privacy.ts'
import { type OpenedEvent, recordsOf } from './assemble.ts'
import { csvCell } from '../csv.ts'
import { dataDictionary, schemaDocument } from './dictionary.ts'
import { annasHistory, annasSubjects } from './goldenHistory.ts'
import { packageFiles, reportAlone, reportRecordsMax, writePackage } from './makePackage.ts'
import { importRecords, openPackage, packageIn, verifyPackage } from './readPackage.ts'
import { type OpenedRecord } from './records.ts'
import { htmlReport } from './reportHtml.ts'
import { textReport } from './reportText.ts'
import { fieldLabels } from './reportWords.ts'
import { signManifest } from './signature.ts'
import { head } from './testHead.ts'
import { signer } from '../testChain.ts'
import { unzipFiles, zipFiles } from './zip.ts'

const folders: string[] = []
const folder = () => {
  const path = mkdtempSync(join(tmpdir(), 'ringtrail-export-'))
  folders.push(path)
  return path
}
afterEach(() => {
  for (const path of folders.splice(0)) rmSync(path, { recursive: true })
})

const annas = recordsOf(annasHistory, annasSubjects)
const golden = join(import.meta.dirname, '../../bench/fixtures/export-package')

async function gathered(records: AsyncIterable<OpenedRecord>): Promise<OpenedRecord[]> {
  const all: OpenedRecord[] = []
  for await (const record of records) all.push(record)
  return all
}

const troublesIn = async (files: ReadonlyMap<string, Uint8Array>) =>
  (await verifyPackage(packageIn(files), null)).troubles

test('the recorded package is made from the recorded history, and is whole', async () => {
  for (const [name, bytes] of await packageFiles(head, annas))
    await expect(Buffer.from(bytes).toString()).toMatchFileSnapshot(join(golden, name))
  const { troubles, manifest } = await verifyPackage(await openPackage(golden), null)
  expect(troubles).toEqual([])
  expect(manifest?.counts).toEqual({ session: 2, 'page-view': 3, engagement: 2, call: 1 })
  expect(await gathered(importRecords(await openPackage(golden)))).toEqual(annas)
})

test('sha256sum alone verifies a package', async () => {
  const directory = join(folder(), 'package')
  await writePackage(directory, head, annas)
  const said = execFileSync('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: directory })
  expect(said.toString().trim().split('\n')).toHaveLength(readdirSync(directory).length - 1)
})

test('the same records give the same ZIP, and a directory has the same bytes', async () => {
  const files = await packageFiles(head, annas)
  const zip = zipFiles(files)
  expect(Buffer.compare(zip, zipFiles(new Map([...files].reverse())))).toBe(0)
  const directory = join(folder(), 'package')
  await writePackage(directory, head, annas)
  for (const [name, bytes] of files)
    expect(Buffer.compare(readFileSync(join(directory, name)), bytes), name).toBe(0)
  await expect(writePackage(directory, head, annas)).rejects.toThrow('is not empty')
  writeFileSync(`${directory}.zip`, zip)
  expect((await verifyPackage(await openPackage(`${directory}.zip`), null)).troubles).toEqual([])
})

test('where the records break off, nothing of the package stays', async () => {
  const directory = join(folder(), 'package')
  const breaking = async function* () {
    yield* annas
    throw new Error('the store is gone')
  }
  await expect(writePackage(directory, head, breaking())).rejects.toThrow('the store is gone')
  expect(readdirSync(directory)).toEqual([])
})

test('a byte that was changed, a file that is gone or came along, and a record too many are named', async () => {
  const files = await packageFiles(head, annas)
  for (const [name, bytes] of files) {
    const changed = Buffer.from(bytes)
    changed[changed.length >> 1] = (changed[changed.length >> 1] ?? 0) ^ 1
    const named = (await troublesIn(new Map([...files, [name, changed]]))).map(({ file }) => file)
    expect(
      named.some(file => file === name || name === 'manifest.json'),
      name,
    ).toBe(true)
    expect(await troublesIn(new Map([...files].filter(([other]) => other !== name))), name).toContainEqual(
      expect.objectContaining({ file: name, says: expect.stringContaining('is missing') }),
    )
  }
  expect(await troublesIn(new Map([...files, ['extra.html', new Uint8Array()]]))).toEqual([
    { file: 'extra.html', says: 'is not in the manifest' },
  ])
})

test('a ZIP that is none, or names what it should not, is refused in a sentence', async () => {
  expect(() => unzipFiles(Buffer.from('PK no'))).toThrow('This is no ZIP that can be read.')
  const files = new Map([...(await packageFiles(head, annas)), ['../../etc/passwd', Buffer.from('x')]])
  expect(await troublesIn(unzipFiles(zipFiles(files)))).toEqual([
    { file: '../../etc/passwd', says: 'is not in the manifest' },
  ])
})

const hostile = [
  '</style><script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "'`alert(1)`&lt;&#x3c;",
  'javascript:alert(1)',
  '=HYPERLINK("https://evil.example","x")',
  '+4520304050',
  "'quoted",
  '-1+1',
  '@SUM(A1)',
  '\t=1',
  '＝1',
  'a,"b"\r\nc\nd\re',
  'line\u2028paragraph\u2029end',
  '\u202eright to left\u0000\u001b[31m',
  '\ud800 alone',
  '',
  'null',
]

/** What the report is made of: no tag that loads, leads anywhere or runs, and no attribute of a stranger's. */
const plainTag =
  /^<(?:\/?(?:html|body|header|main|section|article|h[123]|p|ul|ol|li|dl|div|dt|dd|bdi|b|time|table|thead|tbody|tr)|\/t[hd]|ul class="figures"|th scope="col"|td data-head="[\w ]+")>$/

function hostileRecords(): OpenedRecord[] {
  const events = annasHistory.events.map((event, index): OpenedEvent => {
    const text = (offset: number) => hostile[(index * 5 + offset) % hostile.length]
    const fields = Object.fromEntries(hostile.map(value => [value, value]).concat([['__proto__', '=x']]))
    const personal = {
      ...event.personal,
      url: text(0),
      title: text(1),
      userAgent: text(2),
      ipAddress: text(3),
    }
    return {
      ...event,
      personal: { ...personal, ids: fields, fields, element: text(4), unheard: { of: text(5) } },
    }
  })
  return recordsOf({ ...annasHistory, events }, annasSubjects)
}

test('hostile values come back as they were, and are nothing but text in the report', async () => {
  const records = hostileRecords()
  const files = await packageFiles(head, records)
  expect(await troublesIn(files)).toEqual([])
  expect(await gathered(importRecords(packageIn(files)))).toEqual(records)
  const html = Buffer.from(files.get('report.html') ?? []).toString()
  const tags = new Set(html.slice(html.indexOf('<body>')).match(/<[^>]*>?/g))
  expect([...tags].filter(tag => !plainTag.test(tag))).toEqual([])
  expect(html.match(/<\/style>/g)).toHaveLength(1)
  for (const name of ['report.html', 'report.txt'])
    for (const unseen of ['\u202e', '\u0000', '\u001b', '\r'])
      expect(Buffer.from(files.get(name) ?? []).includes(unseen), name).toBe(false)
})

/** RFC 4180, read the slow way; text that was not quoted and is empty is null. */
function readCsv(text: string): (string | null)[][] {
  const rows: (string | null)[][] = [[]]
  let rest = text
  while (rest !== '') {
    const [whole, quoted, plain, end] = /^(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/.exec(rest) ?? [
      '',
      '',
      '',
      '',
    ]
    if (whole === '') throw new Error('This is no CSV.')
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? (plain === '' ? null : (plain ?? null)))
    if (end === '\r\n') rows.push([])
    rest = rest.slice(whole.length)
  }
  return rows.slice(0, -1)
}

test('the tables hold what the lines hold: RFC 4180 without a mark at the start, no formula, reversible', async () => {
  const records = hostileRecords()
  const files = await packageFiles(head, records)
  const table = Buffer.from(files.get('page-views.csv') ?? [])
  expect(table.subarray(0, 5).toString()).toBe('"kind')
  const [names, ...rows] = readCsv(table.toString())
  for (const cell of rows.flat()) expect(cell ?? '').not.toMatch(/^[=+\-@\t\r\n＝＋－＠]/)
  const column = names?.indexOf('personal.url') ?? -1
  const undone = rows.map(row => row[column]?.replace(/^'/, ''))
  const views = records.filter(record => record.kind === 'page-view')
  expect(undone).toEqual(views.map(view => view.personal?.url?.toWellFormed()))
})

test.each(hostile)('a cell of %j is text, and the text again without one apostrophe', text => {
  expect(csvCell(text)).not.toMatch(/^[=+\-@\t\r\n＝＋－＠]/)
  expect(csvCell(text).replace(/^'/, '')).toBe(text)
})

test('whatever the records call a pseudonym is a personal field', () => {
  const described = [
    ...JSON.stringify(schemaDocument()).matchAll(/"description":"[^"]*pseudonym[^"]*"[^{}]*/gi),
  ]
  const fields = described.map(([said]) => /"personal":"([^"]+)"/.exec(said)?.[1])
  expect(fields.sort()).toEqual(['call.aPseudonym', 'call.cPseudonym', 'engagement.contacts'])
})

test('a report that is given by itself speaks of no files beside it, and one in a package of each of them', async () => {
  for (const records of [
    annas,
    Array.from({ length: reportRecordsMax + 1 }, () => annas[0] as OpenedRecord),
  ]) {
    const input = reportAlone(head, records)
    for (const text of [htmlReport(input), textReport(input)])
      expect(text).not.toMatch(/this package|\.jsonl|manifest|SHA256SUMS/)
  }
  const files = await packageFiles(head, annas, facts => signManifest(signer, facts))
  const text = Buffer.from(files.get('report.txt') ?? []).toString()
  const others = [...files.keys()].filter(name => !/^report|\.(jsonl|csv)$/.test(name))
  for (const name of others) expect(text).toContain(`${name}: `)
  const unsigned = await packageFiles(head, annas)
  expect(Buffer.from(unsigned.get('report.txt') ?? []).toString()).not.toContain('signature')
})

test('every personal field has its place in the records, its words in the report, and the other way round', () => {
  const said = [...JSON.stringify(schemaDocument()).matchAll(/"personal":"([^"]+)"/g)].map(found => found[1])
  const listed = personalFields.map(({ field }) => field)
  expect([...new Set(said)].sort()).toEqual([...listed].sort())
  expect(Object.keys(fieldLabels).sort()).toEqual([...listed].sort())
  expect(dataDictionary(head.terms).map(({ field }) => field)).toEqual(listed)
})
