import { signReceipt } from '../config/receipts.ts'
import type { Signed } from '../config/signedDocument.ts'
import { type ErasureReceipt, promisedUnreadable, type StoreState } from '../core/receipt.ts'
import { headNow } from './auditRows.ts'
import { type Erasure, erasureOf } from './erasures.ts'
import { answeredFor, doneAgain } from './given.ts'
import type { Partition } from './partition.ts'

/** By when the bytes themselves are gone. */
const bytesGoneWithinMs = 8 * 86_400_000

/** The receipt of an erasure as of now; null: there is no such request. Nothing in it claims more than was done. */
export function receiptOf(
  partition: Pick<Partition, 'erasures' | 'audit' | 'store' | 'keys'>,
  tenant: string,
  request: string,
  nowMs: number,
): Signed<ErasureReceipt> | null {
  const { erasures, audit } = partition
  const found = erasureOf(erasures, tenant, request)
  if (found === null) return null
  const erasure = answeredFor(found)
  return signReceipt(audit.signer, {
    kind: 'erasure-receipt',
    version: 1,
    tenant,
    request,
    requestedAt: iso(erasure.atMs),
    issuedAt: iso(nowMs),
    subjects: [...erasure.subjects],
    ...(erasure.unheld === undefined ? {} : { unheld: erasure.unheld }),
    states: statesOf(found, partition.store.madeAt(), partition.keys.madeAt()),
    keysDestroyed: [...erasure.keyIds],
    ...doneAgain(found),
    verification: null,
    auditHead: headNow(audit, tenant, nowMs),
  })
}

const iso = (at: number) => new Date(at).toISOString()

export function statesOf(erasure: Erasure, storeMadeAt: number, keysMadeAt: number): StoreState[] {
  const { atMs, rowsGoneAt, outboxGoneAt, bytesGoneAt, returnsGoneAt } = erasure
  const { atMs: unusedAt, keysGoneAt, intakeGoneAt } = answeredFor(erasure)
  const state = (store: StoreState['store'], reached: Reached): StoreState => ({
    store,
    due: promisedUnreadable.includes(store) ? null : iso(atMs + bytesGoneWithinMs),
    ...latest(reached),
  })
  // A file that was written anew after its rows had gone holds nothing of them.
  const anew = (madeAt: number, goneAt: number | null) =>
    bytesGoneAt ?? (goneAt !== null && madeAt > goneAt ? madeAt : null)
  const dataGoneAt = anew(storeMadeAt, rowsGoneAt)
  // The log, and with it a backup, has copies of the keys. Until the half that opens those is destroyed, they open what the
  // history holds, too.
  return [
    state('state', { unusedAt, bytesGoneAt: dataGoneAt }),
    state('index', { unusedAt, undecryptableAt: intakeGoneAt, bytesGoneAt: dataGoneAt }),
    state('keys', { unusedAt, undecryptableAt: keysGoneAt, bytesGoneAt: anew(keysMadeAt, keysGoneAt) }),
    state('intake keys', { undecryptableAt: intakeGoneAt, bytesGoneAt: anew(keysMadeAt, intakeGoneAt) }),
    state('log', { unusedAt, undecryptableAt: intakeGoneAt, bytesGoneAt }),
    state('results', { unusedAt, bytesGoneAt }),
    // Of ends, and of erasures that an older version carried out, nothing was done there.
    ...(returnsGoneAt === undefined ? [] : [state('returns', { bytesGoneAt: returnsGoneAt })]),
    state('outbox', { unusedAt, undecryptableAt: intakeGoneAt, bytesGoneAt: outboxGoneAt }),
    state('backups', { undecryptableAt: intakeGoneAt }),
  ]
}

type Reached = {
  readonly unusedAt?: number | null
  readonly undecryptableAt?: number | null
  readonly bytesGoneAt?: number | null
}

function latest({ unusedAt = null, undecryptableAt = null, bytesGoneAt = null }: Reached) {
  if (bytesGoneAt !== null) return { state: 'bytes-gone', at: iso(bytesGoneAt) } as const
  if (undecryptableAt !== null) return { state: 'undecryptable', at: iso(undecryptableAt) } as const
  if (unusedAt !== null) return { state: 'unused', at: iso(unusedAt) } as const
  return { state: 'pending', at: null } as const
}
