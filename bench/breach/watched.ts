import { readFileSync } from 'node:fs'
import { type Figures, figuresOf } from '../path/figures.ts'
import { ringWhile } from '../erasure/windows.ts'
import type { World } from './world.ts'

/** A step of the drill, and what others and the machine saw of it. */
export type Watched<Result> = {
  readonly result: Result
  readonly seconds: number
  /** Calls of another tenant meanwhile, from the moment at which they were to ring. */
  readonly calls: Figures
  readonly kinds: Readonly<Record<string, number>>
  /** The most memory of its own that the system had; what it maps of the stores is the page cache's. */
  readonly megabytes: number
}

const lookEveryMs = 250

/** Does it while another tenant's calls ring: for as long as it takes, and a second at least. */
export async function watched<Result>(
  { system, ringing }: World,
  work: () => Promise<Result>,
): Promise<Watched<Result>> {
  let megabytes = 0
  const timer = setInterval(() => {
    megabytes = Math.max(megabytes, ownMegabytes(system.pid))
  }, lookEveryMs)
  const done: { result: Result; seconds: number }[] = []
  try {
    const { latenciesMs, kinds } = await ringWhile(ringing, 1, async () => {
      const began = performance.now()
      const result = await work()
      done.push({ result, seconds: (performance.now() - began) / 1_000 })
    })
    const [first] = done as [{ result: Result; seconds: number }]
    return { ...first, calls: figuresOf(latenciesMs), kinds, megabytes }
  } finally {
    clearInterval(timer)
  }
}

/** What a process has in memory that is no file's (`RssAnon` of proc_pid_status(5)). */
function ownMegabytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Math.round(Number(/^RssAnon:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1_024)
}
