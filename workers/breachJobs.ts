import type { AccountReply, AccountRequest } from '../core/wire/account.ts'
import type { BreachCounts } from '../core/breach.ts'
import { countBreach } from './breachCount.ts'
import { caughtUp, type Partition } from './partition.ts'

/** Counts take longer than a question may: each is begun by the first question, and given to the one that finds it done. */
type Job = { read: number; counts: BreachCounts | null; readonly beganAt: number }

const jobsMax = 64
const keptMs = 10 * 60_000

export function createBreachJobs(partition: Partition) {
  const jobs = new Map<string, Job>()
  const begin = (request: Extract<AccountRequest, { kind: 'breach-count' }>): Job => {
    for (const [name, { beganAt }] of jobs)
      if (Date.now() - beganAt > keptMs || jobs.size >= jobsMax) jobs.delete(name)
    const job: Job = { read: 0, counts: null, beganAt: Date.now() }
    jobs.set(request.job, job)
    const said = (rows: number) => {
      job.read = rows
    }
    const counting = caughtUp(partition).then(() => countBreach(partition.store, request, said))
    counting.then(
      counts => {
        job.counts = counts
      },
      // Whoever asks again begins it anew.
      () => jobs.delete(request.job),
    )
    return job
  }
  return (request: Extract<AccountRequest, { kind: 'breach-count' }>, current: boolean): AccountReply => {
    const { read, counts } = jobs.get(request.job) ?? begin(request)
    return { kind: 'breach-count', current, read, counts }
  }
}
