import { createHash } from 'node:crypto'
import { type Failure, run } from './run.ts'
import { shrink } from './shrink.ts'
import { type Story, tell } from './story.ts'
import { type Tally, tallyStory } from './tally.ts'

export type Simulated = {
  readonly seeds: number
  readonly entries: number
  readonly failure: { readonly failure: Failure; readonly story: Story } | null
  /** Over every outcome of every seed: the same seeds, the same hash. */
  readonly hash: string
  readonly repeatedResults: number
  readonly tally: Tally
}

export type Wanted = {
  readonly from: number
  readonly seeds: number
  /** Entries per seed; null: 200 to 600, as the seed says. */
  readonly entries: number | null
  /** Looks for a shorter log that breaks too. */
  readonly shrinks: boolean
  readonly progress?: (done: number) => void
}

/** Runs the core over the stories of these seeds, and stops at the first that breaks. */
export function simulate({ from, seeds, entries, shrinks, progress }: Wanted): Simulated {
  const tally: Tally = new Map()
  const hash = createHash('sha256')
  let repeatedResults = 0
  let count = 0
  for (let seed = from; seed < from + seeds; seed++) {
    const story = tell(seed, entries ?? lengthOf(seed))
    const ran = run(story)
    tallyStory(tally, story)
    count += story.messages.flat().length
    repeatedResults += ran.repeatedResults
    hash.update(ran.hash)
    const result = { seeds: seed - from + 1, entries: count, repeatedResults, tally }
    if (ran.failure !== null)
      return {
        ...result,
        hash: hash.digest('hex'),
        failure: shrinks ? shrink(story, ran.failure) : { story, failure: ran.failure },
      }
    progress?.(seed - from + 1)
  }
  return { seeds, entries: count, failure: null, hash: hash.digest('hex'), repeatedResults, tally }
}

function lengthOf(seed: number): number {
  return 200 + ((seed * 7_919) % 401)
}
