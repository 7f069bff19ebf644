import type { AuditRecord } from '../core/audit.ts'
import type { DeletionCertificate, ErasureReceipt } from '../core/receipt.ts'
import { signHead } from './signedHead.ts'
import { chainOf, signer } from './testChain.ts'

/** For tests: a receipt and a certificate whose every value is known. */

const bytesDue = '2026-09-29T10:00:00.000Z'

export const receipt: ErasureReceipt = {
  kind: 'erasure-receipt',
  version: 1,
  tenant: 'acme',
  request: 'request-7',
  requestedAt: '2026-09-21T10:00:00.000Z',
  issuedAt: '2026-09-22T10:00:00.000Z',
  subjects: ['ref-1', 'ref-2'],
  states: [
    { store: 'state', state: 'bytes-gone', at: '2026-09-21T10:00:00.412Z', due: bytesDue },
    { store: 'keys', state: 'undecryptable', at: '2026-09-21T10:00:31.000Z', due: bytesDue },
    { store: 'log', state: 'pending', at: null, due: '2026-09-22T09:00:00.000Z' },
    { store: 'outbox', state: 'unused', at: '2026-09-21T10:00:00.412Z', due: null },
    { store: 'backups', state: 'pending', at: null, due: null },
  ],
  keysDestroyed: ['0011223344556677aabbccdd', '8899aabbccddeeff00112233'],
  verification: { at: '2026-09-21T10:01:00.000Z', files: 12, bytes: 48_211, found: 0 },
  auditHead: signHead(signer, chainOf(1)[0] as AuditRecord, 1_790_000_060_000),
}

export const certificate: DeletionCertificate = {
  kind: 'deletion-certificate',
  version: 1,
  tenant: 'acme',
  request: 'end-1',
  requestedAt: '2026-09-21T10:00:00.000Z',
  issuedAt: '2026-09-30T10:00:00.000Z',
  deleted: { sessions: 3, calls: 4 },
  returned: { at: '2026-09-20T10:00:00.000Z', manifestSha256: 'ab'.repeat(32), records: 7 },
  states: [{ store: 'log', state: 'bytes-gone', at: '2026-09-29T02:00:00Z', due: bytesDue }],
  keysDestroyed: ['0011223344556677aabbccdd'],
  verification: null,
  auditHead: null,
}
