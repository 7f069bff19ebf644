import { agreedKey, makeIntakePair } from '../../config/intakeKeys.ts'
import { wrap } from '../../config/keyWrap.ts'
import type { Input } from '../../core/input.ts'
import { policyOf } from '../../core/story.ts'
import type { Pseudonym, VisitorId } from '../../core/words.ts'
import { createPseudonyms } from '../../gateway/pseudonyms.ts'
import { createSealer, type OutgoingEvent } from '../../gateway/seal.ts'
import { createSealingKeys } from '../../gateway/sealingKeys.ts'
import type { Commit } from '../../workers/store.ts'
import type { HistoryRow } from '../../workers/history.ts'
import { type KeyStore, openKeyStore } from '../../workers/keys/keyStore.ts'
import { openStore, type Store } from '../../workers/store.ts'

/** A partition's store and key store without a log, and a gateway that seals for it. */
export type Owner = { readonly store: Store; readonly keys: KeyStore; close(): Promise<void> }

export const policy = policyOf(0)
export const tenant = policy.tenant
export const began = 1_800_000_000_000

export async function openOwner(dataDir: string): Promise<Owner> {
  const store = openStore(dataDir, 0)
  const keys = await openKeyStore({ directory: `${dataDir}/keys`, rootKey: Buffer.alloc(32, 5) })
  const close = async () => {
    await store.close()
    await keys.close()
  }
  return { store, keys, close }
}

export const pageOf = (visitor: string, id: number): Input => ({
  ...{ kind: 'page', tenant, site: 'k', visitor: visitor as VisitorId, freshSession: 's' as never, tab: 't' },
  ...{ targets: null, session: `s-${visitor}` as never },
  page: { id, source: { source: 'x', medium: 'y', campaign: null, content: null, keyword: null } },
})

export const ringOf = (a: string, call: string): Input => ({
  ...{
    kind: 'signal',
    tenant,
    carrier: 'generic',
    call,
    state: 'ring',
    a: a as Pseudonym,
    b: '+4570000001' as never,
  },
  ...{ c: null, statedAt: null, takenAt: 0, spooled: false, reason: null },
})

/** A gateway by itself: it seals, and says what an owner has to take in. */
export function openEdge(keys: KeyStore) {
  const pair = makeIntakePair()
  const sealingKeys = createSealingKeys(() => 0)
  const sealer = createSealer(sealingKeys, createPseudonyms(Buffer.alloc(32, 7)))
  const introduced = ({ needs = [] }: OutgoingEvent, atMs: number) => {
    const intake = keys.intake()
    const agreed = agreedKey(pair.privateHalf, intake.publicHalf)
    return needs.map(({ id, of, tenant: whose, name, lastsMs, secret }) => {
      const wraps = [{ intake: intake.id, from: pair.publicHalf, bytes: wrap(secret, agreed, id, id) }]
      return { key: { id, of, tenant: whose, name, lastsMs, wraps }, atMs }
    })
  }
  return { sealer, sealingKeys, introduced }
}

let sequence = 0

/** Takes events in as a commit does: keys first, then rows and position. */
export async function keep(
  { store, keys }: Owner,
  edge: ReturnType<typeof openEdge>,
  events: readonly (readonly [clear: Input, personal: Readonly<Record<string, unknown>>])[],
  more: Partial<Commit> = {},
): Promise<void> {
  const sealed = events.map(([clear, personal]) => edge.sealer.event(policy, clear, personal))
  await keys.take(sealed.flatMap(event => edge.introduced(event, began)))
  const expected = store.position()?.sequence ?? 0
  sequence = Math.max(sequence, expected) + 1
  const history: HistoryRow[] = sealed.map(({ clear, personal }, index) => ({
    ...{ tenant, atMs: began + sequence * 1_000 + index, sequence, index },
    event: { clear, personal, session: 'visitor' in clear ? `s-${clear.visitor}` : null },
  }))
  const position = { sequence, rules: 1, log: 'log', mark: null }
  const empty = { rows: [], access: [], erasures: [], rectifications: [], audit: [], breaches: [] }
  await store.commit({ ...empty, history, position, expected, ...more })
}
