import type { AuditRecord } from '../../core/audit.ts'
import {
  type EvidenceFacts,
  type EvidenceKind,
  evidenceKindNames,
  evidenceKinds,
  notOurs,
  processorsOfAll,
} from '../../core/evidence.ts'
import { recordLine } from '../auditChain.ts'
import { canonical } from '../canonical.ts'
import { sumsText } from '../export/manifest.ts'
import { directoryTarget, type FileEntry, type Target } from '../export/target.ts'
import { signDocument } from '../signedDocument.ts'
import type { Signer } from '../signing.ts'
import { type ChainsRead, chainsOf, type EvidenceSource } from './source.ts'

/** Collects evidence into a directory: a file for each kind, a manifest with hashes, and what `sha256sum -c` reads. */
export type Collecting = {
  readonly source: EvidenceSource
  /** Kinds that are made now: name of the file and its text, or why it cannot be made. */
  readonly made: Partial<Record<EvidenceKind, Made>>
  readonly fromMs: number
  readonly toMs: number
  readonly nowMs: number
  /** null: this process may not sign; the manifest's hash goes into the signed audit chain. */
  readonly signer: Signer | null
}

export type Made =
  | { readonly name: string; readonly text: string; readonly records: number }
  | { readonly because: string }

export type EvidenceManifest = {
  readonly format: 'ringtrail-evidence'
  readonly version: 1
  readonly from: string
  readonly to: string
  readonly madeAt: string
  readonly tenants: readonly string[]
  readonly kinds: readonly KindEntry[]
  readonly notRecordedHere: typeof notOurs
}

type KindEntry = {
  readonly kind: EvidenceKind
  readonly title: string
  readonly controls: readonly string[]
  readonly file: FileEntry
  readonly records: number
  /** null: there are records. */
  readonly missing: string | null
}

export const evidenceManifestName = 'manifest.json'

/** The directory has to be new or empty. Where it fails, nothing of it stays. */
export async function collectEvidence(directory: string, collecting: Collecting): Promise<EvidenceManifest> {
  const target = await directoryTarget(directory)
  try {
    return await writeEvidence(target, collecting)
  } catch (error) {
    await target.abandon()
    throw error
  }
}

export async function writeEvidence(target: Target, collecting: Collecting): Promise<EvidenceManifest> {
  const { fromMs, toMs, nowMs, source, signer } = collecting
  const lanes = await openLanes(target)
  const chain = await readChains(collecting, lanes)
  const kinds: KindEntry[] = []
  for (const kind of evidenceKindNames)
    kinds.push(await entryOf(target, collecting, kind, lanes.get(kind), chain))
  const manifest: EvidenceManifest = {
    format: 'ringtrail-evidence',
    version: 1,
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    madeAt: new Date(nowMs).toISOString(),
    tenants: source.tenants,
    kinds,
    notRecordedHere: notOurs,
  }
  const whole = signer === null ? manifest : signDocument(signer, manifest)
  const sums = kinds.map(({ file }) => file)
  sums.push(await oneFile(target, evidenceManifestName, `${canonical(whole)}\n`))
  sums.push(await oneFile(target, 'index.md', indexText(manifest)))
  await oneFile(target, 'SHA256SUMS', sumsText(sums))
  return manifest
}

type Lane = {
  readonly kind: EvidenceKind
  readonly sink: Awaited<ReturnType<Target['create']>>
  readonly name: string
  records: number
}

async function openLanes(target: Target): Promise<Map<EvidenceKind, Lane>> {
  const lanes = new Map<EvidenceKind, Lane>()
  for (const kind of evidenceKindNames) {
    if (factsOf(kind).from.kind !== 'audit') continue
    const name = `${kind}.jsonl`
    lanes.set(kind, { kind, name, sink: await target.create(name), records: 0 })
  }
  return lanes
}

/** Every chain is read once; a record goes to each kind that its action belongs to. */
async function readChains(
  { source, fromMs, toMs }: Collecting,
  lanes: ReadonlyMap<EvidenceKind, Lane>,
): Promise<ChainsRead> {
  const byAction = new Map<string, Lane[]>()
  for (const lane of lanes.values()) {
    const { from } = factsOf(lane.kind)
    for (const action of from.kind === 'audit' ? from.actions : [])
      byAction.set(action, [...(byAction.get(action) ?? []), lane])
  }
  const take = async (record: AuditRecord) => {
    const { tenant, action, atMs } = record
    if (atMs < fromMs || atMs >= toMs) return
    if (!source.tenants.includes(tenant) && !processorsOfAll.includes(action)) return
    for (const lane of byAction.get(action) ?? []) {
      await lane.sink.write(`${recordLine(record)}\n`)
      lane.records += 1
    }
  }
  return chainsOf(source, take)
}

async function entryOf(
  target: Target,
  collecting: Collecting,
  kind: EvidenceKind,
  lane: Lane | undefined,
  chain: ChainsRead,
): Promise<KindEntry> {
  const { title, controls, from } = factsOf(kind)
  const entry = (file: FileEntry, records: number, missing: string | null): KindEntry => ({
    ...{ kind, title, controls, file, records, missing },
  })
  if (lane !== undefined) {
    const missing = lane.records > 0 ? null : missingLine(collecting, kind, absence(collecting, kind, chain))
    if (missing !== null) await lane.sink.write(`${missing}\n`)
    return entry(await lane.sink.close(), lane.records, missing)
  }
  const { states } = chain
  const made: Made | undefined =
    from.kind === 'chain' && states.length > 0
      ? { name: `${kind}.jsonl`, text: states.map(line => `${line}\n`).join(''), records: states.length }
      : collecting.made[kind]
  if (made !== undefined && 'text' in made)
    return entry(await oneFile(target, made.name, made.text), made.records, null)
  const missing = missingLine(collecting, kind, made?.because ?? absence(collecting, kind, chain))
  return entry(await oneFile(target, `${kind}.txt`, `${missing}\n`), 0, missing)
}

/** Why records of a kind could not be read; undefined: all chains were that could hold some. */
function absence({ source }: Collecting, kind: EvidenceKind, { absent }: ChainsRead): string | undefined {
  const own = source.tenants.find(tenant => absent.has(tenant))
  if (own !== undefined) return absent.get(own)
  const { from } = factsOf(kind)
  const isOfAll = from.kind === 'audit' && from.actions.some(action => processorsOfAll.includes(action))
  return isOfAll && absent.has('') ? `the processor’s own chain was not read: ${absent.get('')}` : undefined
}

/** Never blank. `because`: what is known better than what is usual. */
function missingLine({ fromMs, toMs }: Collecting, kind: EvidenceKind, because: string | undefined): string {
  const [from, to] = [fromMs, toMs].map(at => new Date(at).toISOString())
  return `missing: nothing recorded between ${from} and ${to}, because ${because ?? factsOf(kind).absentBecause}`
}

async function oneFile(target: Target, name: string, text: string): Promise<FileEntry> {
  const sink = await target.create(name)
  await sink.write(text)
  return sink.close()
}

export const recordsWords = (count: number) => `${count} record${count === 1 ? '' : 's'}`

/** For people: what there is, about which control, and what is missing. */
function indexText({ from, to, madeAt, tenants, kinds }: EvidenceManifest): string {
  const rows = kinds.map(({ title, controls, file, records, missing }) => {
    const what = missing ?? recordsWords(records)
    return `| ${title} | ${controls.join(', ')} | ${file.name} | ${what} |`
  })
  const others = notOurs.map(({ what, controls }) => `- ${what} (${controls.join(', ')})`)
  return [
    `# Evidence, ${from} to ${to}`,
    '',
    `Collected ${madeAt} for ${tenants.map(tenant => tenant || 'the processor').join(', ')}${tenants.includes('') ? '' : ', with the restore tests and drills that the processor recorded for all'}.`,
    '',
    '| what | ISO/IEC 27001:2022 Annex A | file | holds |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    'The software does not record, and whoever runs it adds:',
    '',
    ...others,
    '',
  ].join('\n')
}

function factsOf(kind: EvidenceKind): EvidenceFacts {
  return evidenceKinds[kind]
}
