import { randomBytes } from 'node:crypto'
import { agreedKey, makeIntakePair } from '../config/intakeKeys.ts'
import { wrap } from '../config/keyWrap.ts'
import { pack } from '../config/pack.ts'
import { limits } from '../core/limits.ts'
import { type PhraseRow, phrasesBound, type VisitReply, type VisitRequest } from '../core/wire/visits.ts'
import type { Partition } from './partition.ts'
import { type Asked, isCounted, type Phrases, readPhrases } from './phraseCount.ts'
import { createRests } from './rounds.ts'

/**
 * Reports by search phrase take longer than a question may: each is begun by the first question, and given to the one that
 * finds it done. What was erased or restricted meanwhile is left out when it is given. Phrases lie open in memory for
 * ten minutes after they were read, whoever asks or not.
 */
type Job = {
  readonly asked: Asked
  readonly over: NodeJS.Timeout
  read: number
  isEnded: boolean
  phrases: Phrases | null
  counted: { readonly at: number; readonly rows: readonly PhraseRow[]; readonly more: number } | null
  isCounting: boolean
}

type Request = Extract<VisitRequest, { kind: 'phrases' }>

const jobsMax = 4
const usuallyKeptMs = 10 * 60_000
/** So long a count is given out: what was erased since is in it. */
const countedForMs = 500
const countedAtOnce = 512

export function createPhraseJobs(partition: Partition, keptMs = usuallyKeptMs) {
  const jobs = new Map<string, Job>()
  const forget = (name: string) => {
    const job = jobs.get(name)
    if (job === undefined) return
    job.isEnded = true
    clearTimeout(job.over)
    jobs.delete(name)
  }
  const begin = (name: string, asked: Asked): Job | null => {
    if (jobs.size >= jobsMax) return null
    const job: Job = {
      ...{
        asked,
        over: setTimeout(forget, keptMs, name).unref(),
        read: 0,
        isEnded: false,
        phrases: null,
        counted: null,
        isCounting: false,
      },
    }
    jobs.set(name, job)
    const goesOn = (read: number) => {
      job.read = read
      job.over.refresh()
      return !job.isEnded && partition.stopped === null
    }
    readPhrases(partition, asked, limits.phraseCallsMax, goesOn).then(
      phrases => {
        job.phrases = phrases
      },
      // Whoever asks again begins it anew.
      () => forget(name),
    )
    return job
  }
  return (request: Request, current: boolean): VisitReply => {
    const { tenant, fromMs, toMs } = request
    const name = `${tenant} ${fromMs} ${toMs}`
    const of = partition.state.tenants.get(tenant)?.calls.size ?? 0
    const about = { kind: 'phrases', current, of } as const
    if (request.cancel) {
      forget(name)
      return { ...about, read: 0, isFull: false, found: null }
    }
    const job = jobs.get(name) ?? begin(name, { tenant, fromMs, toMs })
    if (job === null) return { ...about, read: 0, isFull: true, found: null }
    const rows = countedNow(partition, job, request.most)
    return {
      ...about,
      read: job.read,
      isFull: false,
      found: rows === null ? null : sealed(rows, request.for),
    }
  }
}

/** null: it is not read, or not counted lately; that is begun then. */
function countedNow(
  partition: Partition,
  job: Job,
  most: number,
): { readonly rows: readonly PhraseRow[]; readonly more: number } | null {
  const { phrases, counted } = job
  if (phrases === null) return null
  if (counted !== null && Date.now() - counted.at < countedForMs)
    return { rows: counted.rows.slice(0, most), more: counted.more + Math.max(0, counted.rows.length - most) }
  if (!job.isCounting) {
    job.isCounting = true
    void count(partition, job, phrases).finally(() => {
      job.isCounting = false
    })
  }
  return null
}

async function count({ state }: Partition, job: Job, phrases: Phrases): Promise<void> {
  const sums = new Map<string | null, { calls: number; qualified: number; answered: number }>()
  const rest = createRests()
  let looked = 0
  for (const [key, phrase] of phrases) {
    const index = state.tenants.get(job.asked.tenant)
    const call = index?.calls.get(key)
    if (index !== undefined && call !== undefined && isCounted(index, call, job.asked)) {
      const sum = sums.get(phrase) ?? { calls: 0, qualified: 0, answered: 0 }
      sum.calls += 1
      sum.qualified += Number(call.qualified)
      sum.answered += Number(call.outcome === 'answered')
      sums.set(phrase, sum)
    }
    looked += 1
    if (looked % countedAtOnce === 0) await rest()
    if (job.isEnded) return
  }
  const all = [...sums]
    .map(([phrase, sum]) => ({ phrase, ...sum }))
    .sort((one, other) => other.calls - one.calls)
  const rows = all.slice(0, limits.reportRowsMax)
  job.counted = { at: Date.now(), rows, more: all.length - rows.length }
}

/** Only who asked can open it. */
function sealed(found: object, asker: Uint8Array): { readonly from: Uint8Array; readonly bytes: Uint8Array } {
  const { publicHalf, privateHalf } = makeIntakePair()
  const key = agreedKey(privateHalf, asker)
  return { from: publicHalf, bytes: wrap(pack(found), key, randomBytes(12), Buffer.from(phrasesBound)) }
}
