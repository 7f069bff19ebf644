import type { Input } from '../../core/input.ts'
import type { CallRecord } from '../../core/outcome.ts'
import type { TenantPolicy } from '../../core/policy.ts'
import type { Session } from '../../core/records.ts'

/**
 * What is on record of a tenant, as `simulate` and `replay` take it. Only what the core reads of events is in it: the sealed
 * parts stay in the store, and nobody whose data is erased or restricted is in it.
 */
export type Recorded = {
  readonly tenant: string
  /** What is in force, and since when what was in force before is not: before that the record was made under others. */
  readonly policy: TenantPolicy
  readonly policyVersion: string
  readonly policyChanges: readonly number[]
  /** The rules by which the last of it was made. */
  readonly rules: number
  /** In the order of the log. */
  readonly events: readonly RecordedEvent[]
  readonly sessions: ReadonlyMap<string, RecordedSession>
  /** By carrier and call. */
  readonly calls: ReadonlyMap<string, CallRecord>
  /** Whose data may not be used, or is not there any more: what they did is left out. */
  readonly leftOut: { readonly events: number; readonly calls: number }
  /** The time that was asked for, within what there is; what lies before `fromMs` leads up to it. */
  readonly fromMs: number
  readonly toMs: number
}

export type RecordedEvent = {
  readonly atMs: number
  readonly clear: Kept
  /** The session that it belonged to; null: a signal's. */
  readonly session: string | null
}

/** The events that are kept. */
export type Kept = Extract<Input, { kind: 'hello' | 'page' | 'engagement' | 'signal' | 'call-rectified' }>

export type RecordedSession = Pick<
  Session,
  'site' | 'session' | 'visitor' | 'startedAt' | 'spans' | 'numbers' | 'withdrawnAt'
>

/** Something that whoever asked has to know, in a sentence: it ends the command. */
export class CannotAsk extends Error {}
