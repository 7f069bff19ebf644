import type { RestrictionFacts } from '../../core/wire/rights.ts'
import { csvHead, csvOf } from './csv.ts'
import { dataDictionary, schemaDocument, type Terms } from './dictionary.ts'
import {
  formatName,
  formatVersion,
  fileText,
  type Manifest,
  manifestName,
  signatureName,
  sumsName,
  sumsText,
} from './manifest.ts'
import { type OpenedRecord, type RecordKind, recordKinds } from './records.ts'
import type { ReportInput } from './report.ts'
import { htmlReport } from './reportHtml.ts'
import { textReport } from './reportText.ts'
import { manifestFacts, type Sign } from './signature.ts'
import { directoryTarget, type FileEntry, memoryTarget, type Sink, type Target } from './target.ts'

export type PackageHead = {
  readonly tenant: string
  /** The id of the request that it answers. */
  readonly request: string
  readonly purpose: Manifest['purpose']
  readonly madeAtMs: number
  readonly terms: Terms
  /** What is in force for the subjects of the request, by their handles. */
  readonly restrictions?: Readonly<Record<string, RestrictionFacts>>
}

/** The names of a kind's files, without their endings. */
export const fileNames: Readonly<Record<RecordKind, string>> = {
  session: 'sessions',
  'page-view': 'page-views',
  engagement: 'engagements',
  call: 'calls',
}

/** So many records are told one by one in the readable report; of more it gives the figures and names the files. */
export const reportRecordsMax = 20_000
/** A fraction of a millisecond of work: whoever writes a large package has more to do than that. */
const rowsAtOnce = 16

type Records = Iterable<OpenedRecord> | AsyncIterable<OpenedRecord>

/** What a report that is given by itself tells, for either of its forms. */
export function reportAlone(head: PackageHead, records: readonly OpenedRecord[]): ReportInput {
  const counted = recordKinds.map(kind => [kind, records.filter(one => one.kind === kind).length] as const)
  return {
    head,
    counts: Object.fromEntries(counted) as Record<RecordKind, number>,
    records: records.length > reportRecordsMax ? null : records,
    inPackage: null,
  }
}

/** One subject's package as files in memory, name → bytes. */
export async function packageFiles(
  head: PackageHead,
  records: Records,
  sign?: Sign,
): Promise<Map<string, Uint8Array>> {
  const target = memoryTarget()
  await makePackage(target, head, records, sign)
  return target.files
}

/**
 * A package of any size as a directory, which has to be new or empty. Memory does not grow with the
 * records. Where it fails, nothing of it stays.
 */
export async function writePackage(
  directory: string,
  head: PackageHead,
  records: Records,
  sign?: Sign,
): Promise<Manifest> {
  const target = await directoryTarget(directory)
  try {
    return await makePackage(target, head, records, sign)
  } catch (error) {
    await target.abandon()
    throw error
  }
}

/** The manifest comes after what it speaks of: a package that was cut short has none. */
async function makePackage(
  target: Target,
  head: PackageHead,
  records: Records,
  sign: Sign | undefined,
): Promise<Manifest> {
  const { files, counts, told } = await writeRecords(target, records)
  const report = { head, counts, records: told, inPackage: { isSigned: sign !== undefined } }
  files.push(await writeFile(target, 'schema.json', fileText(schemaDocument())))
  files.push(await writeFile(target, 'data-dictionary.json', fileText(dataDictionary(head.terms))))
  files.push(await writeFile(target, 'report.html', htmlReport(report)))
  files.push(await writeFile(target, 'report.txt', textReport(report)))
  files.sort((one, other) => (one.name < other.name ? -1 : 1))
  const manifest: Manifest = {
    format: formatName,
    version: formatVersion,
    purpose: head.purpose,
    tenant: head.tenant,
    request: head.request,
    madeAt: new Date(head.madeAtMs).toISOString(),
    counts,
    files,
  }
  const bytes = Buffer.from(fileText(manifest))
  const sums = [...files, await writeFile(target, manifestName, bytes)]
  if (sign !== undefined) {
    const signed = await sign(manifestFacts(manifest, bytes))
    sums.push(await writeFile(target, signatureName, fileText(signed)))
  }
  await writeFile(target, sumsName, sumsText(sums))
  return manifest
}

async function writeFile(target: Target, name: string, content: string | Uint8Array): Promise<FileEntry> {
  const sink = await target.create(name)
  await sink.write(content)
  return sink.close()
}

type Written = {
  readonly files: FileEntry[]
  readonly counts: Record<RecordKind, number>
  /** null: too many to be told one by one. */
  readonly told: readonly OpenedRecord[] | null
}

async function writeRecords(target: Target, records: Records): Promise<Written> {
  const lanes = new Map<RecordKind, Lane>()
  for (const kind of recordKinds) lanes.set(kind, await Lane.open(target, kind))
  // As texts: thousands of objects that are kept for a while are moved about in memory again and again.
  let told: string[] | null = []
  for await (const record of records) {
    const full = (lanes.get(record.kind) as Lane).add(record)
    if (full !== undefined) await full
    if (told !== null && told.push(JSON.stringify(record)) > reportRecordsMax) told = null
  }
  const files: FileEntry[] = []
  for (const lane of lanes.values()) files.push(...(await lane.close()))
  const counted = [...lanes].map(([kind, lane]) => [kind, lane.count] as const)
  return {
    files,
    counts: Object.fromEntries(counted) as Record<RecordKind, number>,
    told: told?.map(text => JSON.parse(text) as OpenedRecord) ?? null,
  }
}

/** The two files of a kind, written side by side in groups of rows. */
class Lane {
  readonly #kind: RecordKind
  readonly #lines: Sink
  readonly #table: Sink
  #waiting: OpenedRecord[] = []
  count = 0

  static async open(target: Target, kind: RecordKind): Promise<Lane> {
    const lines = await target.create(`${fileNames[kind]}.jsonl`)
    const table = await target.create(`${fileNames[kind]}.csv`)
    await table.write(csvHead(kind))
    return new Lane(kind, lines, table)
  }

  private constructor(kind: RecordKind, lines: Sink, table: Sink) {
    this.#kind = kind
    this.#lines = lines
    this.#table = table
  }

  add(record: OpenedRecord): Promise<void> | undefined {
    this.count++
    return this.#waiting.push(record) >= rowsAtOnce ? this.#flush() : undefined
  }

  async close(): Promise<FileEntry[]> {
    await this.#flush()
    return [await this.#lines.close(), await this.#table.close()]
  }

  async #flush(): Promise<void> {
    const rows = this.#waiting
    if (rows.length === 0) return
    this.#waiting = []
    await this.#lines.write(rows.map(row => `${JSON.stringify(row)}\n`).join(''))
    await this.#table.write(csvOf(this.#kind, rows))
  }
}
