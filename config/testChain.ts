import { type AuditRecord, type Note, noteForm } from '../core/audit.ts'
import { nextRecord, recordLine } from './auditChain.ts'
import { headLine, signHead } from './signedHead.ts'
import { createSigner, readPublicKeys } from './signing.ts'

/** For tests: a chain whose every part is known. */

export const signer = createSigner(Buffer.from('a root key that only the tests have, and everybody knows'))
export const otherSigner = createSigner(Buffer.from('another root key, of somebody who wants to be believed'))
export const publicKeys = readPublicKeys(signer.publicKey)

/** The first few of a chain are of the form that notes had at first, as where a deployment was upgraded. */
const notesOfFirstForm = 3

export function noteOf(number: number): Note {
  return {
    ...(number % 100 < notesOfFirstForm ? {} : { form: noteForm }),
    action: number % 3 === 0 ? 'subject-accessed' : 'access-listed',
    actor: `key${number % 5}`,
    role: 'privacy-officer',
    subjects: number % 3 === 0 ? [`ref-${number}`, `ref-${number * 7}`] : [],
    request: number % 2 === 0 ? `request-${number}` : null,
    purpose: number % 4 === 0 ? 'ticket-4711, æøå “…”' : null,
    counts: { records: number },
    detail: { form: 'json', whole: number % 2 === 0, share: number / 8, nothing: null },
  }
}

/** Records from index 0 on; `first` makes the notes of one chain differ from another's. */
export function chainOf(length: number, tenant = 'acme', first = 0): AuditRecord[] {
  return followed([], length, tenant, first)
}

export function followed(
  before: readonly AuditRecord[],
  more: number,
  tenant = 'acme',
  first = 0,
): AuditRecord[] {
  const records = [...before]
  for (let count = 0; count < more; count++) {
    const index = records.length
    const facts = { tenant, atMs: 1_790_000_000_000 + index * 250, partition: 3, sequence: 100 + index * 2 }
    records.push(nextRecord(records.at(-1) ?? null, { ...facts, note: noteOf(first + index) }))
  }
  return records
}

/** Every record after `from` with the hashes that the ones before it ask for. */
export function rehashed(records: readonly AuditRecord[], from: number): AuditRecord[] {
  const written = records.slice(0, from)
  for (const { tenant, atMs, partition, sequence, ...rest } of records.slice(from)) {
    const { index: _i, previous: _p, hash: _h, ...facts } = rest
    const note: Note = sequence === undefined ? { ...facts, form: noteForm } : facts
    const place = { tenant, atMs, partition, sequence: sequence ?? 0 }
    written.push(nextRecord(written.at(-1) ?? null, { ...place, note }))
  }
  return written
}

export const linesOfRecords = (records: readonly AuditRecord[]) => records.map(recordLine)

/** Heads of the records with these indexes, as lines. */
export function headsOf(records: readonly AuditRecord[], indexes: readonly number[], by = signer): string[] {
  return indexes.map(index =>
    headLine(signHead(by, records[index] as AuditRecord, 1_790_000_100_000 + index)),
  )
}
