import { pack } from '../config/pack.ts'
import type { TenantPolicy } from '../core/policy.ts'
import { policiesOf, type State } from '../core/state.ts'
import type { TermsSaid } from '../core/wire/control.ts'
import { subjects } from '../core/wire/subjects.ts'
import type { Applied } from './group.ts'
import type { Partition } from './partition.ts'

/**
 * Tells every gateway by which terms it seals from here on: when they change, and whoever asks. One that does not hear of
 * it asks again soon; what it seals meanwhile is made good here, because the names of its keys say what is in them.
 */
export function tellTerms({ link, number, state }: Partition, applied: readonly Applied[]): void {
  for (const { event, outcomes } of applied) {
    const { clear } = event
    if (clear.kind !== 'configured' || !outcomes.some(one => one.kind === 'configured')) continue
    const said: TermsSaid = { tenants: [ofTenant(clear.policy)], at: state.now }
    link.publish(subjects.terms(number), pack(said))
  }
}

/** What is in force for every tenant of the partition. */
export function termsOf(state: State): TermsSaid {
  return { tenants: policiesOf(state).map(ofTenant), at: state.now }
}

function ofTenant({
  tenant,
  retentionMs,
  fieldRetentionMs = {},
}: TenantPolicy): TermsSaid['tenants'][number] {
  return { tenant, retentionMs, fieldRetentionMs }
}
