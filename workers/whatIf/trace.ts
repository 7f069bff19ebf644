import type { CallRecord, Match } from '../../core/outcome.ts'
import type { TenantPolicy } from '../../core/policy.ts'
import { createState, indexPolicy } from '../../core/state.ts'
import type { PhoneNumber } from '../../core/words.ts'
import type { Recorded } from './record.ts'

/**
 * Whose number a caller dialled, as far as the record tells. Under another policy the same visit is shown another number, and
 * who rings dials the one that they were shown: so what has to be known of a call is not its number, but who had it.
 */
export type Traced =
  /** The visit that was shown the number, and for which target. */
  | { readonly kind: 'shown'; readonly session: string; readonly target: string | null }
  /** A number of a pool, of which nobody on record was shown it. */
  | { readonly kind: 'nobody' }
  /** A static number, or one that is not the tenant's: it is what it is under every policy. */
  | { readonly kind: 'as-dialled' }

export type Trace = {
  of(record: CallRecord): Traced
  /** The target for which the policy on record lends a number; null: for none. */
  targetOf(number: PhoneNumber): string | null
}

/** Kinds that were concluded from the number alone. */
const byNumber: readonly Match['kind'][] = ['exact', 'tail', 'cooldown', 'shared']

export function createTrace({ tenant, policy, sessions }: Recorded): Trace {
  const targets = targetsOf(tenant, policy)
  const holders = holdersOf(sessions.values())
  const targetOf = (number: PhoneNumber) => targets.get(number) ?? null
  return {
    targetOf,
    of: ({ match, b, rangAt }) => {
      const named = byNumber.includes(match.kind) ? match.session : null
      const session = named ?? lastHolder(holders.get(b), rangAt)
      if (session !== null) return { kind: 'shown', session, target: targetOf(b) }
      return targets.has(b) ? { kind: 'nobody' } : { kind: 'as-dialled' }
    },
  }
}

function targetsOf(tenant: string, policy: TenantPolicy): Map<PhoneNumber, string | null> {
  const state = createState()
  indexPolicy(state, tenant, policy)
  const pools = state.tenants.get(tenant)?.poolOfNumber ?? new Map()
  return new Map([...pools].map(([number, { target }]) => [number, target?.id ?? null]))
}

type Holder = { readonly session: string; readonly startedAt: number }

/** Who was lent a number, in the order in which they came. */
function holdersOf(
  sessions: Iterable<{ session: string; startedAt: number; numbers: readonly PhoneNumber[] }>,
): Map<PhoneNumber, Holder[]> {
  const holders = new Map<PhoneNumber, Holder[]>()
  for (const { session, startedAt, numbers } of sessions) {
    for (const number of numbers) {
      const known = holders.get(number)
      if (known === undefined) holders.set(number, [{ session, startedAt }])
      else known.push({ session, startedAt })
    }
  }
  for (const list of holders.values()) list.sort((one, other) => one.startedAt - other.startedAt)
  return holders
}

/** Whoever was shown it last before a moment is the one who may have noted it down. */
function lastHolder(holders: readonly Holder[] | undefined, at: number): string | null {
  if (holders === undefined) return null
  let [low, high] = [0, holders.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((holders[middle] as Holder).startedAt <= at) low = middle + 1
    else high = middle
  }
  return holders[low - 1]?.session ?? null
}
