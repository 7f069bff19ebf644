import type { TenantPolicy } from '../../core/policy.ts'

/**
 * When a personal value has to be there and when it has to be gone, said independently of the product.
 *
 * Under a policy a value has a lifetime: that of the field under whose name it was sealed, if the policy names it, and at
 * most `retention`. At a moment it is due if its age is its lifetime or more, under the policy in force at that moment.
 *
 * It has to be readable as long as it was never due, not for an instant, under any policy that was in force since it was
 * sealed. It has to be gone when it was due for an hour without a break. In between it may be either: a stretch of time has one key,
 * which goes when the last that it sealed is due; and when a longer retention comes into force in those minutes, what
 * still has its key stays for that one. What is gone does not come back.
 *
 * For the first, the age counts from when the gateway sealed it. For the second, from the log's time for it, which is later by
 * as long as the gateway did not reach the log.
 */
export type InForce = { readonly fromMs: number; readonly policy: TenantPolicy }

export type Due = {
  /** The first moment at which it was due; null: it never was. */
  readonly first: number | null
  /** Since when it is due without a break; null: it is not due now. */
  readonly since: number | null
}

/** `policies` of one tenant, in the order in which they came into force. `atMs`: when its age began. */
export function dueBy(policies: readonly InForce[], name: string, atMs: number, nowMs: number): Due {
  let [first, since]: (number | null)[] = [null, null]
  for (const [place, { fromMs, policy }] of policies.entries()) {
    const untilMs = Math.min(policies[place + 1]?.fromMs ?? Number.POSITIVE_INFINITY, nowMs + 1)
    if (untilMs <= atMs || fromMs > nowMs) continue
    const due = Math.max(fromMs, atMs + lifetimeOf(policy, name))
    if (due >= untilMs) since = null
    else {
      first ??= due
      if (since === null || due > fromMs) since = due
    }
  }
  return { first: first ?? null, since: since ?? null }
}

function lifetimeOf({ retentionMs, fieldRetentionMs }: TenantPolicy, name: string): number {
  const own = fieldRetentionMs?.[name]
  return own === undefined || own > retentionMs ? retentionMs : own
}
