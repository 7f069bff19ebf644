import { counted } from './counted.ts'
import { Compile } from 'typebox/compile'
import {
  deletionCertificate,
  type ErasureReceipt,
  erasureReceipt,
  promisedUnreadable,
  type Receipt,
  type StoreState,
} from '../core/receipt.ts'
import { headTrouble } from './signedHead.ts'
import { type DocumentVerdict, type Signed, signDocument, verifyDocument } from './signedDocument.ts'
import type { PublicKey, Signer } from './signing.ts'

/** Erasure receipts and deletion certificates: made, verified with a public key alone, and said in sentences. */

const checks = {
  'erasure-receipt': Compile(erasureReceipt),
  'deletion-certificate': Compile(deletionCertificate),
}

/** Throws where it says something that cannot be: what we sign is what we mean. */
export function signReceipt<Kind extends Receipt>(signer: Signer, receipt: Kind): Signed<Kind> {
  const trouble = checks[receipt.kind].Check(receipt) ? senselessness(receipt) : 'It has not the right form.'
  if (trouble !== null) throw new Error(`The ${receipt.kind} cannot be signed. ${trouble}`)
  return signDocument(signer, receipt)
}

export type ReceiptVerdict = {
  readonly signature: DocumentVerdict
  /** null: it is no receipt that this version knows, whoever signed it, or is broken. */
  readonly receipt: Receipt | null
  /** What it says that cannot be; null: nothing. */
  readonly trouble: string | null
}

/** From the parsed file and the keys that are expected, offline. */
export function verifyReceipt(value: unknown, expected: readonly PublicKey[]): ReceiptVerdict {
  const signature = verifyDocument(value, expected)
  if (signature.kind === 'broken') return { signature, receipt: null, trouble: null }
  const { signature: _, ...document } = value as Signed<object>
  if (!isReceipt(document)) return { signature, receipt: null, trouble: 'It is no receipt of a known form.' }
  const { auditHead } = document
  const head = auditHead === null ? null : headTrouble(auditHead, expected)
  const trouble = head === null ? senselessness(document) : `The audit head in it ${head}.`
  return { signature, receipt: document, trouble }
}

function isReceipt(value: object): value is Receipt {
  return Object.values(checks).some(check => check.Check(value))
}

function senselessness({ states, auditHead, tenant }: Receipt): string | null {
  const stores = states.map(({ store }) => store)
  if (new Set(stores).size < stores.length) return 'It names a store twice.'
  const odd = states.find(({ state, at }) => (state === 'pending') !== (at === null))
  if (odd !== undefined) return `It says no time, or one too many, of ${odd.store}.`
  const unpromised = states.find(({ store, due }) => due === null && !promisedUnreadable.includes(store))
  if (unpromised !== undefined) return `It promises nothing of ${unpromised.store}.`
  return auditHead === null || auditHead.tenant === tenant ? null : 'Its audit head is another tenant’s.'
}

/** What a receipt says, a line each, for people. */
export function receiptSentences(receipt: Receipt): readonly string[] {
  const { states, keysDestroyed, verification, auditHead, issuedAt } = receipt
  const search =
    verification === null
      ? 'No search of the raw bytes was made for it: where bytes are gone, that follows from files that were written anew, or removed, since.'
      : `A search of the raw bytes of ${counted(verification.files, 'file')} (${verification.bytes} bytes) at ${verification.at} found ${verification.found === 0 ? 'nothing' : counted(verification.found, 'place')}.`
  // Keys of a whole tenant are counted among what was deleted, not listed.
  const isCounted = receipt.kind === 'deletion-certificate' && keysDestroyed.length === 0
  return [
    ...opening(receipt),
    ...states.map(state => `  ${state.store}: ${stateWords(state, issuedAt)}`),
    ...(isCounted ? [] : [`${counted(keysDestroyed.length, 'key')} destroyed.`]),
    ...againWords(receipt),
    search,
    auditHead === null
      ? 'It names no record of the audit chain.'
      : `The audit chain went up to record ${auditHead.index} then.`,
  ]
}

function againWords({ doneAgain }: Receipt): readonly string[] {
  if (doneAgain === undefined) return []
  const { at, rows } = doneAgain
  return [
    `An older copy of the data was put back after it: it was done again at ${at}, on ${counted(rows, 'row')}. Since when bytes are gone is of that time.`,
  ]
}

function opening(receipt: Receipt): readonly string[] {
  const { tenant, request, requestedAt, issuedAt } = receipt
  if (receipt.kind === 'erasure-receipt') {
    const whose = counted(receipt.subjects.length, 'subject')
    return [
      `Erasure ${request} of ${whose} of ${tenant}, requested ${requestedAt}. As of ${issuedAt}:`,
      ...unheldWords(receipt),
    ]
  }
  const { returned, deleted } = receipt
  const counts = Object.entries(deleted).map(([what, count]) => `${count} ${what}`)
  return [
    `End of ${tenant} (${request}), requested ${requestedAt}.`,
    returned === null
      ? 'No return package had been finished.'
      : `A return package of ${counted(returned.records, 'record')} was finished at ${returned.at}; SHA-256 of its manifest ${returned.manifestSha256}.`,
    `Deleted: ${counts.join(', ') || 'nothing was there'}. As of ${issuedAt}:`,
  ]
}

function unheldWords({ unheld = 0, subjects }: ErasureReceipt): readonly string[] {
  if (unheld === 0) return []
  const whom = subjects.length === 1 ? 'the subject' : `${unheld} of the subjects`
  return [`  Nothing was held under ${whom} when it was asked for.`]
}

const words: Readonly<Record<StoreState['state'], string>> = {
  pending: 'nothing done yet',
  unused: 'no longer used',
  undecryptable: 'can no longer be read',
  'bytes-gone': 'the bytes themselves are gone',
}

function stateWords({ store, state, at, due }: StoreState, issuedAt: string): string {
  const since = at === null ? '' : ` since ${at}`
  if (state === 'bytes-gone') return `${words[state]}${since}`
  // Whatever an older receipt says of the bytes there.
  if (due === null || promisedUnreadable.includes(store))
    return `${words[state]}${since}${state === 'undecryptable' ? '' : '; when the bytes are gone is not promised'}`
  const isLate = Date.parse(due) < Date.parse(issuedAt)
  return `${words[state]}${since}; the bytes ${isLate ? 'were due to be gone' : 'will be gone'} by ${due}${isLate ? ': LATE' : ''}`
}
