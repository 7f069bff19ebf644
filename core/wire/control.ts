import type { CallRecord } from '../outcome.ts'

/** What a gateway may ask the owner of a partition (`control.<partition>`), and what it is told. */
export type ControlRequest =
  | { readonly kind: 'status' }
  | { readonly kind: 'call'; readonly tenant: string; readonly call: string }

export type PartitionStatus = {
  readonly partition: number
  readonly applied: number
  readonly committed: number
  readonly stopped: string | null
  /** The version of every tenant's policy that is in force here. */
  readonly policies: Readonly<Record<string, string>>
}

export type ControlReply =
  | { readonly kind: 'status'; readonly status: PartitionStatus }
  | { readonly kind: 'calls'; readonly calls: readonly CallRecord[] }
