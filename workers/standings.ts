import type { Standing } from './thread.ts'

/** What a thread said last of where its partitions stand, while it is fresh: one that hangs says nothing any more. */
export type Standings = {
  hear(standing: readonly Standing[]): void
  forget(): void
  /** Nothing where the thread has not spoken for too long. */
  fresh(): readonly Standing[]
}

/** Threads speak once a second. */
const freshForMs = 5_000

export function createStandings(clock: () => number): Standings {
  let last: { readonly standing: readonly Standing[]; readonly at: number } | null = null
  return {
    hear: standing => {
      last = { standing, at: clock() }
    },
    forget: () => {
      last = null
    },
    fresh: () => (last === null || clock() - last.at > freshForMs ? [] : last.standing),
  }
}
