/**
 * Every line that the log can have: what stands in its `msg`, and what it says to whoever runs it. Besides, a line holds
 * codes, counts, numbers of partitions, ids of machines, of tenants and of pools, and of an error its name, its code and where it came from.
 */
export const logLines = {
  started: 'The process runs: its ports, and its `role` where it is one alone.',
  stopped: 'It ended cleanly.',
  process_crashed:
    'The process ended by a fault of ours. Whatever supervises it starts it again; nothing acknowledged is lost.',
  handler_threw: 'A fault of ours met a request, which was answered 500. The process goes on.',
  message_passed_over:
    'A message over NATS could not be read. Somebody else writes to our subjects, or an older version does.',
  no_worker_answers: 'A gateway opened without a worker for one of its tenants; it goes on asking.',
  other_configuration_in_force:
    'The partition of a tenant applies another policy than this file: `ringtrail apply`, or an old file.',
  configuration_not_applied: '`ringtrail apply` could not put a tenant in force; `became` says why.',
  outbox_resent: 'Calls of an earlier life of this gateway went to the log.',
  nats_awaited: 'The nats-server of `nats.url` does not answer yet; the process waits.',
  nats_lost:
    'The connection to the nats-server of `nats.url` is gone. The process goes on, and tries again until it is back.',
  nats_back: 'It is connected again.',
  nats_mute: 'Our nats-server took connections and said nothing for 5 s: it was killed.',
  nats_died: 'It ended; `said` is the last that it said of itself.',
  nats_not_started:
    'It could not be started: `code` is the system’s reason (`ENOSPC`, `EACCES`), `said` its own. It is tried again.',
  nats_starts_slowly:
    'It has not listened for 15 s: it reads its store first. It is waited for up to 10 minutes.',
  nats_runs_again: 'It is back.',
  partition_stopped:
    'A partition met what it must not pass; `reason` says what. See RingtrailPartitionStopped.',
  keys_lost:
    'So many keys did not open, when an old key store was brought over or others beside them were destroyed: what they sealed cannot be read any more.',
  restored:
    'The data was put back from a copy: what was decided since is done again before anybody is answered, and every chain says so. See RingtrailRestored.',
  entries_held:
    'A stopped partition took what it did not apply into its own store, so that the log is trimmed for all others.',
  set_aside: 'An entry of the log could not be decoded or decided, and was put aside; `reason` says why.',
  commit_failed: 'A partition could not write its store, by the system’s `code`. It tries again.',
  pool_filling:
    'So many numbers of a pool are in use that its `warnAt` is reached; said again when it was clearly below in between. See RingtrailPoolFilling.',
  thread_crashed: 'A fault of ours ends a worker thread; it closes its stores first.',
  thread_died: 'The thread is gone, and is replaced.',
  reader_died:
    'The thread that answers questions about calls is gone, and is replaced. Calls are matched as before.',
  trim_failed: 'The log could not be asked or trimmed. It is tried again a minute later.',
  erasure_round_failed: 'The streams could not be asked how they stand. It is tried again a minute later.',
  erasure_at_risk:
    'Removed bytes may stay longer than promised; `what` says why. See RingtrailErasureAtRisk.',
  padding_failed: 'A stream that was due got no padding: `full` says what is, or the error why.',
  store_compacted:
    'A store was written anew: its rows, its bytes before and after, and for how long nothing could be committed.',
  compaction_failed:
    'A store could not be written anew, for want of room or a moment of calm. It is tried again.',
  return_not_removed:
    'A return package whose time is over could not be removed, or not be recorded as removed. It is tried again.',
  head_not_anchored:
    'A signed head of an audit chain could not be handed to the `place`; it waits for the next.',
} as const satisfies Record<string, string>

export type LogLine = keyof typeof logLines
