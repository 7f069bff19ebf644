import { poolMeasures } from './poolMeasures.ts'
import { rightsMeasures } from './rightsMeasures.ts'

/**
 * Every metric, as data: name, type, what it says, its labels and buckets. Docs, alert rules and the dashboard are
 * checked against this list. No label ever holds anything personal, nor anything without a bound.
 */
export type Measure = {
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels: readonly string[]
  readonly buckets?: readonly number[]
}

const subMillisecond = [
  0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1,
]
const path = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5]

/** Counted by the gateway, or by the process around both. */
export const gatewayMeasures = {
  ringtrail_events_total: { type: 'counter', help: 'Events taken in, by kind.', labels: ['kind'] },
  ringtrail_refused_total: {
    type: 'counter',
    help: 'Frames and requests refused, by problem code.',
    labels: ['code'],
  },
  ringtrail_unfollowed_total: {
    type: 'counter',
    help: 'Hellos that were answered without an id, by why: denied, tcf (the TC string says no), gpc, unknown, bot, or preview (fetched ahead).',
    labels: ['because'],
  },
  ringtrail_restricted_total: {
    type: 'counter',
    help: 'What was not taken in because the data of its person is restricted, or the person objected, by kind. `in-flight`: the log had it already, and it was not used.',
    labels: ['kind'],
  },
  ringtrail_handlers_threw_total: {
    type: 'counter',
    help: 'Requests that met a fault of ours and were answered 500.',
    labels: [],
  },
  ringtrail_shed_total: {
    type: 'counter',
    help: 'Events refused because a queue, the log or a disk was full, by kind.',
    labels: ['kind'],
  },
  ringtrail_answers_total: {
    type: 'counter',
    help: 'Answers given to carriers, by match kind.',
    labels: ['kind'],
  },
  ringtrail_sockets: { type: 'gauge', help: 'Open sockets, by kind.', labels: ['kind'] },
  ringtrail_sockets_closed_total: {
    type: 'counter',
    help: 'Sockets closed: left, lost, refused, restarting or other.',
    labels: ['reason'],
  },
  ringtrail_feed_dropped_total: {
    type: 'counter',
    help: 'Listeners of the feed that read so slowly that 1 MB waited for them: each was let go, and comes again.',
    labels: [],
  },
  ringtrail_socket_dropped_frames_total: {
    type: 'counter',
    help: 'Frames not sent because a visitor reads too slowly.',
    labels: [],
  },
  ringtrail_visits_resumed_total: {
    type: 'counter',
    help: 'Welcomes that continued an earlier session.',
    labels: [],
  },
  ringtrail_answer_seconds: {
    type: 'histogram',
    help: 'From a call signal taken to its answer given.',
    labels: [],
    buckets: path,
  },
  ringtrail_welcome_seconds: {
    type: 'histogram',
    help: 'From a hello taken to its welcome given.',
    labels: [],
    buckets: path,
  },
  ringtrail_lane_waiting: { type: 'gauge', help: 'Events that wait for the log, by lane.', labels: ['lane'] },
  ringtrail_outbox_entries: {
    type: 'gauge',
    help: 'Call messages kept on disk until the log has them.',
    labels: [],
  },
  ringtrail_outbox_spooled_total: {
    type: 'counter',
    help: 'Call messages that had to be kept on disk.',
    labels: [],
  },
  ringtrail_outbox_failed_total: {
    type: 'counter',
    help: 'Call messages that the disk under the outbox did not take, or did not let go.',
    labels: [],
  },
  ringtrail_log_connected: { type: 'gauge', help: '1 while NATS is connected.', labels: [] },
  ringtrail_log_reconnects_total: {
    type: 'counter',
    help: 'Times the connection to NATS was made again.',
    labels: [],
  },
  ringtrail_log_refused_total: {
    type: 'counter',
    help: 'Messages that the log did not take, because it or its disk is full.',
    labels: [],
  },
  ringtrail_log_bytes: { type: 'gauge', help: 'Bytes held by stream LOG.', labels: [] },
  ringtrail_nats_restarts_total: {
    type: 'counter',
    help: 'Times the supervised nats-server was started again.',
    labels: [],
  },
  ringtrail_nats_mute_total: {
    type: 'counter',
    help: 'Times the supervised nats-server did not answer and was killed.',
    labels: [],
  },
  ringtrail_disk_used_ratio: {
    type: 'gauge',
    help: 'The used share of the disk under the data directory and under the streams, 0 to 1.',
    labels: ['folder'],
  },
  ringtrail_no_room: {
    type: 'gauge',
    help: '1 while visits are refused because a disk or the log is full, by which.',
    labels: ['what'],
  },
  ringtrail_durable: {
    type: 'gauge',
    help: '1: acknowledged events survive a power cut; 0: a crash of the process only.',
    labels: [],
  },
  ringtrail_event_loop_delay_seconds: {
    type: 'gauge',
    help: 'Delay of the gateway event loop since the last scrape, by quantile.',
    labels: ['quantile'],
  },
  ringtrail_thread_restarts_total: {
    type: 'counter',
    help: 'Times a worker thread was replaced.',
    labels: [],
  },
  ringtrail_scrape_missing_threads: {
    type: 'gauge',
    help: 'Worker threads that did not answer this scrape.',
    labels: [],
  },
  ringtrail_build_info: {
    type: 'gauge',
    help: 'Always 1; the versions are in the labels.',
    labels: ['version', 'node', 'rules', 'store'],
  },
} as const satisfies Record<string, Measure>

/** Counted by worker threads. */
export const workerMeasures = {
  ...rightsMeasures,
  ...poolMeasures,
  ringtrail_entries_total: { type: 'counter', help: 'Log entries applied, by input kind.', labels: ['kind'] },
  ringtrail_outcomes_total: {
    type: 'counter',
    help: 'What followed from entries, by outcome kind.',
    labels: ['kind'],
  },
  ringtrail_forgotten_total: {
    type: 'counter',
    help: 'Sessions, calls, callers and producers that left memory, because of retention or a bound.',
    labels: ['what', 'because'],
  },
  ringtrail_matches_total: { type: 'counter', help: 'Calls matched, by match kind.', labels: ['kind'] },
  ringtrail_apply_seconds: {
    type: 'histogram',
    help: 'Entry in hand to outcome decided, for call signals.',
    labels: [],
    buckets: subMillisecond,
  },
  ringtrail_log_to_applied_seconds: {
    type: 'histogram',
    help: 'From the time the log gave an entry to the moment it was applied.',
    labels: [],
    buckets: path,
  },
  ringtrail_commit_seconds: {
    type: 'histogram',
    help: 'One commit of a partition to its store.',
    labels: [],
    buckets: path,
  },
  ringtrail_commit_failures_total: {
    type: 'counter',
    help: 'Commits that failed and are tried again.',
    labels: [],
  },
  ringtrail_results_stored_total: { type: 'counter', help: 'Messages stored in stream RESULTS.', labels: [] },
  ringtrail_set_aside_total: {
    type: 'counter',
    help: 'Log entries set aside as poisoned, by reason.',
    labels: ['reason'],
  },
  ringtrail_restored_total: {
    type: 'counter',
    help: 'Partitions whose data was found to be put back from a copy.',
    labels: [],
  },
  ringtrail_pulses_total: { type: 'counter', help: 'Pulses appended.', labels: [] },
  ringtrail_pulses_failed_total: {
    type: 'counter',
    help: 'Pulses that the log did not take; the next one says the same.',
    labels: [],
  },
  ringtrail_log_follow_troubles_total: {
    type: 'counter',
    help: 'Times a follower of the log had to start anew.',
    labels: [],
  },
  ringtrail_replies_failed_total: {
    type: 'counter',
    help: 'Replies that could not be sent. Whoever waited asks again.',
    labels: [],
  },
  ringtrail_partition_position: {
    type: 'gauge',
    help: 'Sequence of the log up to which a partition is committed.',
    labels: ['partition'],
  },
  ringtrail_partition_stopped: {
    type: 'gauge',
    help: '1 where a partition is stopped, by reason.',
    labels: ['partition', 'reason'],
  },
  ringtrail_sessions: { type: 'gauge', help: 'Sessions in memory.', labels: ['partition'] },
  ringtrail_store_used_bytes: {
    type: 'gauge',
    help: 'Bytes of the LMDB file of a partition that are in use.',
    labels: ['partition'],
  },
  ringtrail_store_map_bytes: {
    type: 'gauge',
    help: 'Bytes that the LMDB file of a partition may grow to before it is enlarged.',
    labels: ['partition'],
  },
  ringtrail_store_age_seconds: {
    type: 'gauge',
    help: 'Since the file of a partition was written anew, without what was removed before.',
    labels: ['partition'],
  },
  ringtrail_compactions_total: { type: 'counter', help: 'Stores written anew.', labels: [] },
  ringtrail_compaction_failures_total: {
    type: 'counter',
    help: 'Stores that could not be written anew, for want of room or a moment of calm; tried again.',
    labels: [],
  },
  ringtrail_padding_bytes_total: {
    type: 'counter',
    help: 'Bytes of padding that closed a block of a stream.',
    labels: ['stream'],
  },
  ringtrail_padding_failures_total: {
    type: 'counter',
    help: 'Times a stream that was due got no padding, because it or the disk was too full or away.',
    labels: ['stream'],
  },
  ringtrail_erasure_at_risk: {
    type: 'gauge',
    help: '1 where removed bytes may stay longer than 8 days: entries that LOG holds too long, or no padding.',
    labels: ['what'],
  },
  ringtrail_held_entries: {
    type: 'gauge',
    labels: ['partition'],
    help: 'Entries of the log that a stopped partition keeps in its own store until it goes on.',
  },
  ringtrail_breach_clock_seconds: {
    type: 'gauge',
    help: 'For how long a breach is known of which no controller was told; 0: there is none. Due within 24 hours.',
    labels: ['partition'],
  },
  ringtrail_store_readers: {
    type: 'gauge',
    help: 'Open LMDB readers of a partition.',
    labels: ['partition'],
  },
} as const satisfies Record<string, Measure>

export const measures = { ...gatewayMeasures, ...workerMeasures }

export type MeasureName = keyof typeof measures
