import { type Bounds, boundsOfTheRules } from './oracle/facts.ts'
import type { Failure } from './run.ts'
import type { Story } from './story.ts'

export type Report = {
  readonly from: number
  readonly seeds: number
  readonly entries: number
  readonly hash: string
  readonly repeatedResults: number
  readonly seconds: number
  readonly seedsPerSecond: number
  readonly exercised: Readonly<Record<string, number>>
}

export function reportText(report: Report): string {
  const lines = Object.entries(report.exercised).map(
    ([name, count]) => `${String(count).padStart(9)}  ${name}`,
  )
  const { seeds, from, entries, seconds, seedsPerSecond, hash, repeatedResults } = report
  return [
    ...lines,
    `${seeds} seeds from ${from}, ${entries} entries, in ${seconds.toFixed(1)} s (${seedsPerSecond.toFixed(1)} seeds/s)`,
    `${repeatedResults} results came again after crashes and from the second owner, and were recognised`,
    `hash ${hash}`,
    '',
  ].join('\n')
}

function smallBounds({ bounds }: Story): Partial<Bounds> {
  return Object.fromEntries(
    Object.entries(bounds).filter(([name, bound]) => bound !== boundsOfTheRules[name as keyof Bounds]),
  )
}

/** What broke, and the shortest log found that breaks. */
export function failureText({ failure, story }: { failure: Failure; story: Story }): string {
  const log = story.messages.flatMap(message =>
    message.map(({ input, ...where }) => `${JSON.stringify(where)}\n    ${JSON.stringify(input)}`),
  )
  return [
    `seed ${failure.seed} broke at message ${failure.step}, entry ${failure.index}: ${failure.what}`,
    `entry     ${JSON.stringify(failure.input)}`,
    `expected  ${JSON.stringify(failure.expected)}`,
    `got       ${JSON.stringify(failure.got)}`,
    `bounds    ${JSON.stringify(smallBounds(story))}`,
    `the log, shrunk to ${story.messages.length} messages:`,
    ...log,
    '',
  ].join('\n')
}
