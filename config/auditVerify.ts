import type { AuditRecord } from '../core/audit.ts'
import { type ChainEnd, hashOf, noHash } from './auditChain.ts'
import { readCanonical } from './canonical.ts'
import { type HeadFound, HeadsInOrder, type Lines } from './headsInOrder.ts'
import type { SignedHead } from './signedHead.ts'
import { lostBy, type Restoration } from './restorations.ts'
import type { PublicKey } from './signing.ts'

/**
 * Verifies a chain from files and public keys alone. Records, heads and anchors are read side by side, a line of each
 * at a time, so a chain of any length takes the same memory.
 */
export type Trouble = {
  /** Of the first record that is not what it should be, or not there. */
  readonly index: number
  /** A sentence about that record. */
  readonly says: string
}

export type Verdict = {
  /** null: the chain is whole, as far as `head` and `anchor` go. */
  readonly trouble: Trouble | null
  readonly records: number
  /** The last head that a record was compared with, and the last anchor. */
  readonly head: SignedHead | null
  readonly anchor: SignedHead | null
  /** Lines of the anchor file that could not be read and were passed over. */
  readonly unreadableAnchors: number
  /** What the chain says of copies that were put back, and how many heads speak for what is not in it since. */
  readonly restored: readonly (Restoration & { readonly headsLost: number })[]
}

export type Chain = {
  /** One record a line, in order, from the first on. */
  readonly records: Lines
  readonly heads: Lines
  /** Heads that lie outside the writer’s reach. */
  readonly anchors?: Lines
  readonly publicKeys: readonly PublicKey[]
  /** What the records say of copies that were put back (`restorationsIn`); left out: nothing that counts. */
  readonly restorations?: readonly Restoration[]
}

/** null, or the first trouble. */
export async function verifyChain(
  records: Lines,
  heads: Lines,
  publicKeys: readonly PublicKey[],
  anchors: Lines = [],
): Promise<Trouble | null> {
  return (await examineChain({ records, heads, publicKeys, anchors })).trouble
}

/** The first trouble, and how far the chain was proven. */
export async function examineChain(chain: Chain): Promise<Verdict> {
  const { records, heads, anchors = [], publicKeys, restorations = [] } = chain
  const lost = new Map(restorations.map(one => [one, 0]))
  const isLost = (head: SignedHead) => {
    const by = lostBy(restorations, head)
    if (by !== null) lost.set(by, (lost.get(by) ?? 0) + 1)
    return by !== null
  }
  const examination: Examination = {
    heads: new HeadsInOrder('heads', heads, publicKeys, isLost),
    anchors: new HeadsInOrder('anchors', anchors, publicKeys, isLost),
    lost,
    seen: { heads: null, anchors: null },
    end: null,
    tenant: null,
  }
  const trouble = await firstTrouble(examination, records)
  for (const source of [examination.heads, examination.anchors]) await source.close()
  return {
    trouble,
    records: nextIndex(examination),
    head: examination.seen.heads,
    anchor: examination.seen.anchors,
    unreadableAnchors: examination.anchors.unreadable,
    restored: [...lost].map(([one, headsLost]) => ({ ...one, headsLost })),
  }
}

type Examination = {
  readonly heads: HeadsInOrder
  readonly anchors: HeadsInOrder
  /** The last head of each file that a record was compared with. */
  /** Heads that speak for what is not in the chain, by what says so. */
  readonly lost: ReadonlyMap<Restoration, number>
  readonly seen: { heads: SignedHead | null; anchors: SignedHead | null }
  end: ChainEnd | null
  tenant: string | null
}

function nextIndex({ end }: Examination): number {
  return end === null ? 0 : end.index + 1
}

async function firstTrouble(examination: Examination, records: Lines): Promise<Trouble | null> {
  // Whose chain it is is said by what is signed, where there is something: the first record may be the stranger.
  const first = await examination.heads.peek(null)
  if (first?.says === null) examination.tenant = first.head?.tenant ?? null
  for await (const line of records) {
    const read = readRecord(line, examination)
    if (typeof read === 'string') return { index: nextIndex(examination), says: read }
    examination.end = { tenant: read.tenant, index: read.index, hash: read.hash }
    examination.tenant ??= read.tenant
    const trouble = await headsUpTo(examination, examination.end)
    if (trouble !== null) return trouble
  }
  return afterTheLast(examination)
}

/** The record of a line, if it is the one that has to follow; otherwise a sentence. */
function readRecord(line: string, { end, tenant }: Examination): AuditRecord | string {
  const index = end === null ? 0 : end.index + 1
  const record = readCanonical(line)
  if (!isRecord(record)) return 'was changed: its line is no record in canonical form.'
  const { hash, ...unhashed } = record
  if (hashOf(unhashed) !== hash) return 'was changed: its hash is not its own.'
  if (tenant !== null && record.tenant !== tenant) return 'is a record of another tenant.'
  if (record.index < index) return `is missing: record ${record.index} stands in its place, a second time.`
  if (record.index > index) return `is missing: record ${record.index} stands in its place.`
  if (record.previous === (end?.hash ?? noHash)) return record
  return index === 0
    ? 'says that another one was before it.'
    : `does not follow record ${index - 1}: one of the two was written anew.`
}

function isRecord(value: unknown): value is AuditRecord {
  if (typeof value !== 'object' || value === null) return false
  const { tenant, index, previous, hash } = value as Record<string, unknown>
  return (
    typeof tenant === 'string' &&
    Number.isSafeInteger(index) &&
    typeof previous === 'string' &&
    typeof hash === 'string'
  )
}

async function headsUpTo(examination: Examination, end: ChainEnd): Promise<Trouble | null> {
  for (const heads of [examination.heads, examination.anchors]) {
    for (;;) {
      const found = await heads.peek(end.tenant)
      if (found === null || found.index > end.index) break
      const trouble = compared(found, heads, examination, end)
      if (trouble !== null) return trouble
      examination.seen[heads.kind] = found.head
      heads.drop()
    }
  }
  return null
}

/** What a head that was reached says about the record at hand. */
function compared(
  { head, says, line }: HeadFound,
  { kind }: HeadsInOrder,
  { seen }: Examination,
  end: ChainEnd,
): Trouble | null {
  const { index } = end
  const name = `the signed head in line ${line} of the ${kind}`
  if (head === null || says !== null)
    return { index: head?.index ?? index, says: `is unproven: ${name} ${says}.` }
  if (head.tenant !== end.tenant)
    return { index: head.index, says: `is unproven: ${name} is another tenant’s.` }
  if (head.index < index)
    return { index: head.index, says: `is unproven: ${name} stands behind one of a later record.` }
  if (head.hash === end.hash) return null
  const last = Math.max(seen.heads?.index ?? -1, seen.anchors?.index ?? -1)
  const from = last < 0 ? 'it or one before it' : `it or one after record ${last}`
  return {
    index,
    says: `is not the one that was signed (line ${line} of the ${kind}): ${from} was written anew.`,
  }
}

/** What was signed has to be there; and what is there has to be signed, at least up to some record. */
async function afterTheLast(examination: Examination): Promise<Trouble | null> {
  const { heads, anchors, seen, tenant } = examination
  const index = nextIndex(examination)
  for (const source of [heads, anchors]) {
    const found = await source.peek(tenant)
    if (found === null) continue
    const { line, says } = found
    if (says !== null) {
      const at = found.index < 0 ? Math.max(0, index - 1) : found.index
      return {
        index: at,
        says: `is unproven: the signed head in line ${line} of the ${source.kind} ${says}.`,
      }
    }
    return {
      index,
      says: `is missing: the records end, but line ${line} of the ${source.kind} is signed for record ${found.index}.`,
    }
  }
  if (seen.heads !== null || seen.anchors !== null) return unprovenRestoration(examination)
  return { index: 0, says: 'is unproven: no signed head was given.' }
}

/** What excuses heads has to be signed for itself, since. */
function unprovenRestoration({ lost, seen }: Examination): Trouble | null {
  const proven = Math.max(seen.heads?.index ?? -1, seen.anchors?.index ?? -1)
  for (const [{ index, from }, heads] of lost) {
    if (heads === 0 || index <= proven) continue
    const says = `is not the one that was signed: record ${index} says that a copy was put back, and no head that was given speaks for it. Give the heads that were signed since, and the earlier ones as anchors.`
    return { index: from, says }
  }
  return null
}
