import { type ChainEnd, nextRecord } from '../config/auditChain.ts'
import { unpack } from '../config/pack.ts'
import { type SignedHead, signHead } from '../config/signedHead.ts'
import type { Signer } from '../config/signing.ts'
import type { AuditRecord } from '../core/audit.ts'
import type { Outcome } from '../core/outcome.ts'
import type { Note } from '../core/wire/note.ts'
import type { Turn } from './group.ts'
import type { Store } from './store.ts'

/**
 * The audit chains of a partition's tenants. A record is made of every note of the log, and of what an entry changes of
 * retention, in the log's order and with its time, so that each owner has the same chain; it is stored with the commit that
 * moves the position past the note.
 */
export type Audit = {
  readonly signer: Signer
  /** The end of each chain in memory, and on disk. */
  readonly ends: Map<string, ChainEnd>
  readonly stored: Map<string, ChainEnd>
  /** Up to which record the last signed head of a chain speaks. */
  readonly signedUpTo: Map<string, number>
}

type Ends = {
  readonly auditEnds: () => Iterable<{ readonly bytes: Buffer }>
  readonly lastHead: (tenant: string) => SignedHead | null
}

export function loadAudit(store: Ends, signer: Signer): Audit {
  const audit: Audit = { signer, ends: new Map(), stored: new Map(), signedUpTo: new Map() }
  for (const { bytes } of store.auditEnds()) {
    const end = unpack(bytes) as ChainEnd
    audit.ends.set(end.tenant, end)
    audit.stored.set(end.tenant, end)
    audit.signedUpTo.set(end.tenant, store.lastHead(end.tenant)?.index ?? -1)
  }
  return audit
}

/** The records of one turn. A repeated message left its notes before; what was refused did not happen. */
export function recordsOf(audit: Audit, partition: number, { sequence, at, applied }: Turn): AuditRecord[] {
  const records: AuditRecord[] = []
  for (const { event, outcomes, alsoNoted } of applied) {
    const { clear } = event
    const notes = [event.note, alsoNoted].filter(note => note != null)
    if (notes.length === 0 || !('tenant' in clear)) continue
    if (outcomes.some(one => one.kind === 'refused' || (one.kind === 'repeated' && one.what === 'message')))
      continue
    if (event.note !== undefined && isStrangersNo(event.note, outcomes)) continue
    const { tenant } = clear
    for (const note of notes) {
      const facts = { tenant, atMs: at, partition, sequence, note }
      const record = nextRecord(audit.ends.get(tenant) ?? null, facts)
      audit.ends.set(tenant, { tenant, index: record.index, hash: record.hash })
      records.push(record)
    }
  }
  return records
}

/** Anybody can take back the consent of an id that never was: a chain does not grow by it. */
function isStrangersNo(note: Note, outcomes: readonly Outcome[]): boolean {
  return note.action === 'consent-withdrawn' && outcomes.some(one => one.kind === 'repeated')
}

/** The commit is through: from now on these records are shown, and heads speak for them. */
export function storedUpTo(audit: Audit, records: readonly AuditRecord[]): void {
  for (const { tenant, index, hash } of records) audit.stored.set(tenant, { tenant, index, hash })
}

/** Signs the head of every chain that has grown since, and gives the new heads. */
export async function signHeads(
  audit: Audit,
  store: Pick<Store, 'putHead'>,
  atMs: number,
): Promise<SignedHead[]> {
  const grown = [...audit.stored.values()].filter(
    ({ tenant, index }) => index > (audit.signedUpTo.get(tenant) ?? -1),
  )
  const heads: SignedHead[] = []
  for (const end of grown) heads.push(await signOne(audit, store, end, atMs))
  return heads
}

async function signOne(
  audit: Audit,
  store: Pick<Store, 'putHead'>,
  end: ChainEnd,
  atMs: number,
): Promise<SignedHead> {
  const head = signHead(audit.signer, end, atMs)
  await store.putHead(head)
  audit.signedUpTo.set(head.tenant, head.index)
  return head
}

/** The head of a chain as it is on disk, signed now; null: the chain has no record. */
export function headNow(audit: Audit, tenant: string, atMs: number): SignedHead | null {
  const end = audit.stored.get(tenant)
  return end === undefined ? null : signHead(audit.signer, end, atMs)
}
