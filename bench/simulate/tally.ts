import type { Outcome } from '../../core/outcome.ts'
import { spelled } from './compare.ts'
import type { Story } from './story.ts'

/** What was exercised, by name, so that a clean run that never met something can be told from one that did. */
export type Tally = Map<string, number>

export function tallyStory(tally: Tally, story: Story): void {
  const count = (name: string) => tally.set(name, (tally.get(name) ?? 0) + 1)
  story.messages.forEach((message, step) => {
    message.forEach((entry, index) => {
      count(`entry:${entry.input.kind}`)
      for (const outcome of story.expected[step]?.[index] ?? [])
        for (const name of namesOf(outcome)) count(name)
    })
  })
}

function namesOf(outcome: Outcome): string[] {
  const kind = `outcome:${outcome.kind}`
  switch (outcome.kind) {
    case 'repeated':
      return [kind, `repeated:${outcome.what}`]
    case 'session-ended':
      return [kind, `ended:${outcome.because}`]
    case 'number-lent':
      return [kind, ...(outcome.shared ? ['lent:shared'] : []), ...(outcome.sticky ? ['lent:sticky'] : [])]
    case 'fallback-shown':
      return [kind, outcome.pool === null ? 'fallback:no-pool' : 'fallback:pool-empty']
    case 'refused':
      return [kind, `refused:${outcome.problem}`]
    case 'forgotten':
      return [kind, `forgotten:${outcome.what}-by-${outcome.because}`]
    case 'subject-restricted':
      return [kind, `restricted:${outcome.mode}`]
    case 'subject-erased': {
      const { sessions, calls } = outcome
      return [
        kind,
        ...(sessions.length > 0 ? ['erased:sessions'] : []),
        ...(calls > 0 ? ['erased:calls'] : []),
      ]
    }
    case 'call-changed':
      return [kind, ...namesOfCall(outcome)]
    default:
      return [kind]
  }
}

function namesOfCall({ record, state, corrects }: Extract<Outcome, { kind: 'call-changed' }>): string[] {
  const { match } = record
  const because = record.history.at(-1)?.because
  return [
    `match:${match.kind}`,
    `call:${record.outcome}`,
    ...(corrects ? ['call:corrected'] : []),
    ...(state === null ? [`call:${because}`] : []),
    ...(state === null && corrects ? [`call:${because}-and-corrected`] : []),
    ...(record.duplicateOf === null ? [] : ['call:duplicate']),
    ...(record.touches.length > 1 ? ['call:several-touches'] : []),
    ...match.reasons.map(reason => `reason:${reason.replaceAll(/\d+/g, 'n')}`),
    ...(match.candidates.length > 1 ? ['match:several-candidates'] : []),
  ]
}

/** Sorted, for reading. */
export function tallied(tally: Tally): Record<string, number> {
  return JSON.parse(spelled(Object.fromEntries(tally))) as Record<string, number>
}
