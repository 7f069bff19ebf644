import { type Static, Type } from 'typebox'

/**
 * What a controller is given as proof that data is gone. It says for each place how far it has come, and by when the
 * rest is due: nothing in it claims more than was done and looked at. It names nobody; subjects are keyed references.
 */

const strict = { additionalProperties: false } as const
const moment = Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,3})?Z$' })
const reference = Type.String({ minLength: 1, maxLength: 200, pattern: '^[\\x21-\\x7e]+$' })
const count = Type.Integer({ minimum: 0 })

/** Every place where a subject’s data may lie. */
export const storeNames = [
  'state',
  'index',
  'keys',
  'log',
  'results',
  'returns',
  'outbox',
  'intake keys',
  'backups',
] as const

/** Each includes those before it, but for `pending`: nothing has happened there yet. */
export const storeStates = ['pending', 'unused', 'undecryptable', 'bytes-gone'] as const

/**
 * Where the promise ends before the bytes: backups are not ours to write anew, and an outbox may be that of a gateway
 * elsewhere. What can be read by nobody is all that is promised there.
 */
export const promisedUnreadable: readonly (typeof storeNames)[number][] = ['backups', 'outbox']

const storeState = Type.Object(
  {
    store: Type.Enum([...storeNames]),
    state: Type.Enum([...storeStates]),
    /** Since when; null while it is pending. */
    at: Type.Union([moment, Type.Null()]),
    /** By when the bytes are promised to be gone; null: they are not (`promisedUnreadable`; older receipts had a time there too). */
    due: Type.Union([moment, Type.Null()]),
  },
  strict,
)

/** A search of the raw bytes of every file for what must not be there. */
const verification = Type.Union([
  Type.Null(),
  Type.Object({ at: moment, files: count, bytes: count, found: count }, strict),
])

const auditHead = Type.Union([
  Type.Null(),
  Type.Object(
    {
      ...{ tenant: reference, index: count, hash: Type.String(), atMs: count },
      ...{ keyId: Type.String(), signature: Type.String() },
    },
    strict,
  ),
])

/** Ids of keys, in hex. */
const keysDestroyed = Type.Array(Type.String({ pattern: '^[0-9a-f]{8,64}$' }))

const common = {
  version: Type.Literal(1),
  tenant: reference,
  request: reference,
  requestedAt: moment,
  issuedAt: moment,
  states: Type.Array(storeState, { minItems: 1 }),
  keysDestroyed,
  verification,
  auditHead,
  /** An older copy of the data was put back, and it was done again: since when, and on how many rows. */
  doneAgain: Type.Optional(Type.Object({ at: moment, rows: count }, strict)),
}

/**
 * Of one erasure. Issued again, with later states, as often as it is asked for. `unheld`: of how many of the subjects
 * nothing was held when it was asked for; left out where that is not known.
 */
export const erasureReceipt = Type.Object(
  {
    kind: Type.Literal('erasure-receipt'),
    ...common,
    subjects: Type.Array(reference),
    unheld: Type.Optional(count),
  },
  strict,
)

/** Of the end of a tenant. `returned`: the package that was finished before, by its hash; null: none was. */
export const deletionCertificate = Type.Object(
  {
    kind: Type.Literal('deletion-certificate'),
    ...common,
    deleted: Type.Record(Type.String({ pattern: '^[a-z][a-z -]{0,40}$' }), count),
    returned: Type.Union([
      Type.Null(),
      Type.Object(
        { at: moment, manifestSha256: Type.String({ pattern: '^[0-9a-f]{64}$' }), records: count },
        strict,
      ),
    ]),
  },
  strict,
)

/** Where something sealed lies: the state and the results hold nothing that would have to be opened. */
const sealedStores: readonly string[] = ['index', 'keys', 'intake keys', 'log', 'outbox', 'backups']

export type Standing = 'under-way' | 'undecryptable' | 'bytes-gone'

/** How far it has come in all places together. */
export function standingOf(states: readonly StoreState[]): Standing {
  const isAt = ({ store, state }: StoreState, wanted: Standing) =>
    state === 'bytes-gone' ||
    (state === 'undecryptable' && (wanted === 'undecryptable' || promisedUnreadable.includes(store)))
  if (states.every(one => isAt(one, 'bytes-gone'))) return 'bytes-gone'
  const sealed = states.filter(({ store }) => sealedStores.includes(store))
  return sealed.every(one => isAt(one, 'undecryptable')) ? 'undecryptable' : 'under-way'
}

export type StoreState = Static<typeof storeState>
export type ErasureReceipt = Static<typeof erasureReceipt>
export type DeletionCertificate = Static<typeof deletionCertificate>
export type Receipt = ErasureReceipt | DeletionCertificate
