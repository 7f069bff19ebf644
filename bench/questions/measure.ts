import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type Caller } from '../path/callers.ts'
import { figuresOf, median } from '../path/figures.ts'
import type { Path } from '../path/path.ts'
import { openLoop, type OpenLoop } from '../path/openLoop.ts'
import type { Visitors } from '../path/visitors.ts'
import type { Chance } from '../load/chance.ts'
import type { Ask, Asked } from './asker.ts'

/** What questions cost, and what they cost others: rounds with and without them, in turn. */
export type World = {
  readonly pid: number
  readonly adminPort: number
  readonly key: string
  readonly caller: Caller
  readonly visitors: Visitors
}

export type Rates = {
  readonly callsPerSecond: number
  readonly eventsPerSecond: number
  readonly seconds: number
}

export type Measured = {
  readonly reports: Percentiles
  readonly pages: Percentiles
  /** Of matches, in microseconds: medians over the rounds, and of the rounds' ratios. */
  readonly match: {
    readonly p50: Two
    readonly p99: Two
    readonly ratio: number
    readonly ratios: readonly number[]
  }
  readonly events: { readonly sent: number; readonly acknowledged: number; readonly refused: number }
  /** All calls in CSV, again and again, under the same load: memory is flat where a later one takes no more. */
  readonly streams: readonly Stream[]
  /** Of matches meanwhile. */
  readonly streamedP99: number
}
type Stream = {
  readonly ms: number
  readonly rows: number
  readonly bytes: number
  readonly rssBefore: number
  readonly rssMax: number
}
type Two = { readonly alone: number; readonly asked: number }
type Percentiles = {
  readonly count: number
  readonly p50: number
  readonly p95: number
  readonly max: number
}

export async function measure(
  world: World,
  rates: Rates,
  rounds: number,
  chance: Chance,
  say: (line: string) => void,
): Promise<Measured> {
  const asker = fork(new URL('./asker.ts', import.meta.url).pathname)
  const load = () => openLoop(world as unknown as Path, rates, chance)
  const alone: OpenLoop[] = []
  const asked: OpenLoop[] = []
  const took: { reports: number[]; pages: number[] } = { reports: [], pages: [] }
  await load()
  for (let round = 0; round < rounds; round++) {
    const first = chance.happens(0.5)
    if (first) alone.push(await load())
    const answers = heard(asker, 'asked')
    tell(asker, { kind: 'begin', port: world.adminPort, key: world.key, everyMs: 100 })
    asked.push(await load())
    tell(asker, { kind: 'stop' })
    const { reportsMs, pagesMs } = await answers
    took.reports.push(...reportsMs)
    took.pages.push(...pagesMs)
    if (!first) alone.push(await load())
    say(
      `round ${round + 1}: match p99 ${alone.at(-1)?.calls.p99} µs alone, ${asked.at(-1)?.calls.p99} µs with questions`,
    )
  }
  const { streams, runs } = await streamedUnder(load, asker, world)
  asker.kill()
  const ratios = asked.map((one, round) => one.calls.p99 / (alone[round] as OpenLoop).calls.p99)
  const of = (runs: readonly OpenLoop[], figure: 'p50' | 'p99') =>
    median(runs.map(({ calls }) => calls[figure]))
  const sum = (figure: 'eventsSent' | 'eventsAcknowledged' | 'eventsRefused') =>
    asked.reduce((all, one) => all + one[figure], 0)
  return {
    reports: percentiles(took.reports),
    pages: percentiles(took.pages),
    match: {
      p50: { alone: of(alone, 'p50'), asked: of(asked, 'p50') },
      p99: { alone: of(alone, 'p99'), asked: of(asked, 'p99') },
      ...{ ratio: median(ratios), ratios },
    },
    events: {
      sent: sum('eventsSent'),
      acknowledged: sum('eventsAcknowledged'),
      refused: sum('eventsRefused'),
    },
    streams,
    streamedP99: of(runs, 'p99'),
  }
}

const streamsAtAll = 3

async function streamedUnder(
  load: () => Promise<OpenLoop>,
  asker: ChildProcess,
  world: World,
): Promise<{ readonly streams: Stream[]; readonly runs: OpenLoop[] }> {
  const streams: Stream[] = []
  const runs: OpenLoop[] = []
  const streaming = (async () => {
    for (let count = 0; count < streamsAtAll; count++) streams.push(await streamed(asker, world))
  })()
  while (streams.length < streamsAtAll) runs.push(await load())
  await streaming
  return { streams, runs }
}

/** All calls in CSV, and the memory of the system meanwhile. */
async function streamed(asker: ChildProcess, world: World): Promise<Stream> {
  const rssBefore = rssOf(world.pid)
  let rssMax = rssBefore
  const watching = setInterval(() => {
    rssMax = Math.max(rssMax, rssOf(world.pid))
  }, 50)
  const answer = heard(asker, 'streamed')
  tell(asker, { kind: 'stream', port: world.adminPort, key: world.key })
  const { kind: _, ...facts } = await answer
  clearInterval(watching)
  return { ...facts, rssBefore, rssMax }
}

function tell(asker: ChildProcess, message: Ask): void {
  asker.send(message)
}

async function heard<Kind extends Asked['kind']>(
  asker: ChildProcess,
  kind: Kind,
): Promise<Extract<Asked, { kind: Kind }>> {
  const [message] = (await once(asker, 'message')) as [Asked]
  if (message.kind !== kind) throw new Error('the asker said something else')
  return message as Extract<Asked, { kind: Kind }>
}

/** Bytes of memory that are its own, pages of the stores' files left out. */
function rssOf(pid: number): number {
  const [, kilobytes = '0'] = /RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) * 1_024
}

function percentiles(tookMs: readonly number[]): Percentiles {
  const sorted = tookMs.toSorted((one, other) => one - other)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), max: figuresOf(tookMs).max / 1_000 }
}
