import { createHash } from 'node:crypto'
import type { AuditRecord, Note } from '../core/audit.ts'
import { canonical } from './canonical.ts'

/**
 * The chain of a tenant's audit records: each holds the hash of the one before, so none can be changed, taken out or
 * put in without every later one being written anew. That this was not done is what signed heads show (`signing.ts`).
 */

/** `previous` of the first record. */
export const noHash = '0'.repeat(64)

/** The end of a chain as the next record needs it; null: there is none yet. */
export type ChainEnd = Pick<AuditRecord, 'tenant' | 'index' | 'hash'>

/** What a record is made of: when and by which entry of the log, and the note that rode with it. */
export type RecordFacts = Required<Pick<AuditRecord, 'tenant' | 'atMs' | 'partition' | 'sequence'>> & {
  readonly note: Note
}

/** The record that follows. The same end and facts give the same record, so a replay repeats the chain. */
export function nextRecord(end: ChainEnd | null, facts: RecordFacts): AuditRecord {
  if (end !== null && end.tenant !== facts.tenant)
    throw new Error('An audit record would follow one of another tenant.')
  const { note, tenant, atMs, partition, sequence } = facts
  const unhashed = {
    ...{ tenant, index: end === null ? 0 : end.index + 1, atMs, partition },
    ...(note.form === undefined ? { sequence } : {}),
    ...{ action: note.action, actor: note.actor, role: note.role, subjects: note.subjects },
    ...{ request: note.request, purpose: note.purpose, counts: note.counts, detail: note.detail },
    previous: end === null ? noHash : end.hash,
  }
  return { ...unhashed, hash: hashOf(unhashed) }
}

/** SHA-256 over the canonical form, in hex. A record is hashed without its own `hash`. */
export function hashOf(unhashed: object): string {
  return createHash('sha256').update(canonical(unhashed)).digest('hex')
}

/** A record as it stands in a file of records: one line, exactly the canonical form. */
export function recordLine(record: AuditRecord): string {
  return canonical(record)
}
