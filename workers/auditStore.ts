import { type Changes, type Environment, transact } from '../config/lmdb.ts'
import { pack, unpack } from '../config/pack.ts'
import type { SignedHead } from '../config/signedHead.ts'
import type { AuditRecord } from '../core/audit.ts'

/** Where audit chains lie: their records, where each ends, and the heads that were signed. */

type Key = (string | number)[]
type Root = Environment<Key>

export function putAudit(changes: Changes<Key>, records: readonly AuditRecord[]): void {
  for (const record of records) {
    const { tenant, index, hash } = record
    changes.put(['audit', tenant, index], pack(record))
    changes.put(['audit-end', tenant], pack({ tenant, index, hash }))
  }
}

/** What a store does with chains. */
export function auditStore(root: Root) {
  return {
    auditEnds: () => auditEnds(root),
    audit: (tenant: string, from: number, most: number) => readAudit(root, tenant, from, most),
    /** The latest first. */
    auditBackwards: (tenant: string, most: number) => readAuditBackwards(root, tenant, most),
    heads: (tenant: string, from: number, most: number) => readHeads(root, tenant, from, most),
    lastHead: (tenant: string) => lastHead(root, tenant),
    putHead: (head: SignedHead) =>
      transact(root, changes => changes.put(['head', head.tenant, head.index], pack(head))),
  }
}

function* auditEnds(root: Root): Generator<{ bytes: Buffer }> {
  for (const { value } of root.getRange({ start: ['audit-end'], end: ['audit-end', '\uffff'] }))
    yield { bytes: value }
}

function readAudit(root: Root, tenant: string, from: number, most: number): AuditRecord[] {
  const range = root.getRange({ start: ['audit', tenant, from], end: ['audit', tenant, after], limit: most })
  return [...range].map(({ value }) => unpack(value) as AuditRecord)
}

function* readAuditBackwards(root: Root, tenant: string, most: number): Generator<AuditRecord> {
  const range = { start: ['audit', tenant, after], end: ['audit', tenant], reverse: true, limit: most }
  for (const { value } of root.getRange(range)) yield unpack(value) as AuditRecord
}

const after = Number.MAX_SAFE_INTEGER

function readHeads(root: Root, tenant: string, from: number, most: number): SignedHead[] {
  const range = root.getRange({ start: ['head', tenant, from], end: ['head', tenant, after], limit: most })
  return [...range].map(({ value }) => unpack(value) as SignedHead)
}

function lastHead(root: Root, tenant: string): SignedHead | null {
  const range = root.getRange({
    ...{ start: ['head', tenant, after], end: ['head', tenant], reverse: true, limit: 1 },
  })
  for (const { value } of range) return unpack(value) as SignedHead
  return null
}
