import type { Measure } from './measures.ts'

/** What an owner counts of keys, erasures and the audit chain. */
export const rightsMeasures = {
  ringtrail_keys_taken_total: {
    type: 'counter',
    help: 'Keys that came with messages: taken, unreadable for this owner, or of somebody erased.',
    labels: ['became'],
  },
  ringtrail_period_keys_destroyed_total: {
    type: 'counter',
    help: 'Keys of stretches of time that were destroyed because retention is over.',
    labels: [],
  },
  ringtrail_heads_anchored: {
    type: 'gauge',
    help: 'Signed heads of audit chains that were handed to the anchor since the thread began.',
    labels: [],
  },
  ringtrail_heads_anchor_failures: {
    type: 'gauge',
    help: 'Deliveries of signed heads that failed since the thread began; each waits for the next.',
    labels: [],
  },
  ringtrail_heads_anchor_waiting: {
    type: 'gauge',
    help: 'Signed heads that wait for the anchor.',
    labels: [],
  },
  ringtrail_return_oldest_seconds: {
    type: 'gauge',
    help: 'For how long the oldest return package lies in the clear on the disk of this worker; 0: none does.',
    labels: [],
  },
  ringtrail_return_overdue_seconds: {
    type: 'gauge',
    help: 'For how long a return package lies there past its time (`returnsKept`); 0: none does.',
    labels: [],
  },
  ringtrail_notes_failed_total: {
    type: 'counter',
    help: 'Notes of the owner for the audit chain that the log did not take.',
    labels: [],
  },
  ringtrail_rights_failed_total: {
    type: 'counter',
    help: 'Rounds in which an erasure or the destruction of keys did not come through; it is tried again.',
    labels: [],
  },
} as const satisfies Record<string, Measure>
