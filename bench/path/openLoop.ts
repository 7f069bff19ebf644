import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Chance } from '../load/chance.ts'
import { arrivals } from './arrivals.ts'
import { type Figures, figuresOf } from './figures.ts'
import type { Path } from './path.ts'

export type OpenLoop = {
  /** From the intended moment of sending to the answer. */
  readonly calls: Figures
  /** How much later than intended calls were sent: the generator's own share of the latency. */
  readonly lag: Figures
  /** Of the generator's event loop, beyond its 1 ms timer, in microseconds. */
  readonly loopDelayP99: number
  readonly kinds: Readonly<Record<string, number>>
  readonly eventsSent: number
  readonly eventsAcknowledged: number
  readonly eventsRefused: number
}

export type Load = {
  readonly callsPerSecond: number
  readonly eventsPerSecond: number
  readonly seconds: number
}

const settleMs = 2_000
/** Timers may be late by this much; the rest is waited for by turns of the event loop. */
const timerSlackMs = 1.2

/** Calls at moments fixed beforehand, whatever the answers do, while visitors open pages. */
export async function openLoop(path: Path, load: Load, chance: Chance): Promise<OpenLoop> {
  const schedule = arrivals(load.callsPerSecond, load.seconds, chance)
  const { caller, visitors } = path
  const [acknowledgedBefore, refusedBefore] = [visitors.acknowledged(), visitors.refused()]
  const lagsMs: number[] = []
  const latenciesMs: number[] = []
  const kinds: Record<string, number> = {}
  const answers: Promise<void>[] = []
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const startedAt = performance.now() + 10
  const traffic = startPages(path, load.eventsPerSecond, startedAt)
  for (const [index, moment] of schedule.entries()) {
    const intendedAt = startedAt + moment
    await until(intendedAt)
    lagsMs.push(performance.now() - intendedAt)
    const number = visitors.numbers[index % visitors.numbers.length] as string
    const answer = caller.ring(number).then(kind => {
      latenciesMs.push(performance.now() - intendedAt)
      kinds[kind] = (kinds[kind] ?? 0) + 1
    })
    answers.push(answer)
  }
  const eventsSent = traffic.stop()
  delay.disable()
  await Promise.all(answers)
  await new Promise(resolve => setTimeout(resolve, Math.min(settleMs, load.seconds * 200)))
  return {
    calls: figuresOf(latenciesMs),
    lag: figuresOf(lagsMs),
    loopDelayP99: Math.max(0, delay.percentile(99) / 1e3 - 1_000),
    kinds,
    eventsSent,
    eventsAcknowledged: visitors.acknowledged() - acknowledgedBefore,
    eventsRefused: visitors.refused() - refusedBefore,
  }
}

/** Every millisecond sends what is due by then. */
function startPages(path: Path, perSecond: number, startedAt: number): { stop(): number } {
  let sent = 0
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - startedAt) * perSecond) / 1_000)
    for (; sent < due; sent += 1) path.visitors.nextPage()
  }, 1)
  return {
    stop: () => {
      clearInterval(timer)
      return sent
    },
  }
}

/** Resolves at this moment of `performance.now()`, as exactly as the event loop allows. */
export async function until(moment: number): Promise<void> {
  const spare = moment - performance.now() - timerSlackMs
  if (spare >= 1) await new Promise(resolve => setTimeout(resolve, Math.floor(spare)))
  while (performance.now() < moment) await new Promise(resolve => setImmediate(resolve))
}
