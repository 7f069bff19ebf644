import type { CallOutcome } from './outcome.ts'

/** How a call goes or went, and what is meant by it (rule C6). */
export const callOutcomes = {
  ringing: 'It rings, as far as is known.',
  'in-progress': 'It was answered, and is not over.',
  answered: 'It was answered, and is over.',
  missed: 'Nobody answered, though it rang for the tenant’s `shortUnder` at least.',
  busy: 'The line was busy.',
  failed: 'It could not be put through.',
  abandoned: 'The caller hung up before anybody answered, after `shortUnder` at least.',
  short:
    'It was over, unanswered, before the tenant’s `shortUnder`: nobody had a fair chance to answer. It is neither missed nor abandoned.',
} as const satisfies Record<CallOutcome, string>

export const outcomeNames = Object.keys(callOutcomes) as readonly CallOutcome[]

/** Those of calls that are over, as reports count them. */
export const finalOutcomes = ['answered', 'missed', 'abandoned', 'short', 'busy', 'failed'] as const
export type FinalOutcome = (typeof finalOutcomes)[number]
