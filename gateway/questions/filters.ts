import { type Static, Type } from 'typebox'
import { parsePhoneNumber } from '../../config/phoneNumbers.ts'
import { outcomeNames } from '../../core/callOutcomes.ts'
import { limits } from '../../core/limits.ts'
import type { CallOutcome, MatchKind } from '../../core/outcome.ts'
import { type Dimension, dimensions } from '../../core/shownCall.ts'
import { idForm } from '../../core/subjectNames.ts'
import type { CallFilter } from '../../core/wire/questions.ts'
import type { PerMille } from '../../core/words.ts'
import { type Fault, faultIn } from '../bodyForm.ts'

/** Which calls are asked for: the same names in an address and in a body, and texts in both. */

const kinds = ['exact', 'tail', 'cooldown', 'shared', 'static', 'returning', 'none', 'deferred'] as const

const listOf = (words: readonly string[]) =>
  Type.Optional(
    Type.String({
      pattern: `^(${words.join('|')})(,(${words.join('|')}))*$`,
      errorMessage: `a list, with commas between them, of ${words.join(', ')}`,
    }),
  )
export const moment = Type.Optional(
  Type.String({ format: 'date-time', errorMessage: 'a time such as 2026-05-12T09:30:00Z' }),
)
const yesOrNo = Type.Optional(Type.Enum(['true', 'false'], { errorMessage: 'true or false' }))
const part = Type.Optional(
  Type.String({
    maxLength: limits.sourceCharsMax,
    errorMessage: 'a text of at most 100 characters; empty: has none',
  }),
)
const madeId = (what: string) =>
  Type.Optional(Type.String({ pattern: idForm, errorMessage: `the id of ${what}, whole, of 22 characters` }))
export const wholeUpTo = (most: number) =>
  Type.Optional(
    Type.String({
      pattern: '^[1-9][0-9]{0,5}$',
      errorMessage: `a whole number from 1 to ${most}, as a text in a body`,
    }),
  )

/** Nothing that names a person: it may stand in an address. */
export const filterFields = {
  from: moment,
  to: moment,
  kind: listOf(kinds),
  outcome: listOf(outcomeNames),
  qualified: yesOrNo,
  firstTime: yesOrNo,
  source: part,
  medium: part,
  campaign: part,
  keyword: part,
  channel: part,
  b: Type.Optional(Type.String({ minLength: 3, maxLength: 64, errorMessage: 'a phone number' })),
  carrier: Type.Optional(Type.String({ minLength: 1, maxLength: 64, errorMessage: 'the name of a carrier' })),
  minConfidence: Type.Optional(
    Type.String({
      pattern: '^(0(\\.[0-9]{1,3})?|1)$',
      errorMessage: 'a number from 0 to 1 with at most 3 decimals',
    }),
  ),
}
export const peopleFields = { session: madeId('a visit'), visitor: madeId('a visitor') }

const allFields = Type.Object({ ...filterFields, ...peopleFields })
export type FilterTexts = Partial<Static<typeof allFields>>

const says = {
  from: 'Rang at this time or later.',
  to: 'Rang before this time.',
  kind: `Kinds of match, with commas between them: ${kinds.join(', ')}.`,
  outcome: `With commas between them: ${outcomeNames.join(', ')}.`,
  qualified: 'true or false.',
  firstTime: 'true or false; calls with a withheld number are neither.',
  source: 'The source as it was recognised; empty: none.',
  medium: 'The medium; empty: none.',
  campaign: 'The campaign; empty: none.',
  keyword: 'The advertiser’s keyword; empty: none.',
  channel: 'The channel; empty: none.',
  b: 'The tracking number that was dialled.',
  carrier: 'The carrier, as its signals named it.',
  minConfidence: 'At least this confidence, from 0 to 1.',
} as const satisfies Record<keyof typeof filterFields, string>
export const filterSays: Readonly<Record<string, string>> = says

/** What is wrong with the names and texts of a query, or null. */
export function queryFault(shape: Parameters<typeof faultIn>[0], query: URLSearchParams): Fault | null {
  return faultIn(shape, textsOf(query))
}

/** `tenant` is the guard's. */
export function textsOf(query: URLSearchParams): Record<string, string> {
  return Object.fromEntries([...query].filter(([name]) => name !== 'tenant'))
}

/** Takes what the schema has let through; a number that is none is one that no call has. */
export function filterOf(texts: FilterTexts): CallFilter {
  const { kind, outcome, b, carrier, session, visitor, minConfidence } = texts
  const parts = dimensions.flatMap(name => (texts[name] === undefined ? [] : [[name, texts[name]] as const]))
  return {
    fromMs: timeOf(texts.from),
    toMs: timeOf(texts.to),
    kinds: kind === undefined ? null : (kind.split(',') as MatchKind[]),
    outcomes: outcome === undefined ? null : (outcome.split(',') as CallOutcome[]),
    qualified: yesNoOf(texts.qualified),
    firstTime: yesNoOf(texts.firstTime),
    parts: Object.fromEntries(parts) as Partial<Record<Dimension, string>>,
    b: b === undefined ? null : numberOf(b),
    carrier: carrier ?? null,
    session: session ?? null,
    visitor: visitor ?? null,
    minConfidence:
      minConfidence === undefined ? null : (Math.round(Number(minConfidence) * 1_000) as PerMille),
  }
}

/** The plus of a number is a space once it has come through an address in which nobody encoded it. */
function numberOf(text: string): string {
  return parsePhoneNumber(text.replace(/^ /, '+')) ?? text
}

export const timeOf = (text: string | undefined) => (text === undefined ? null : Date.parse(text))
const yesNoOf = (text: string | undefined) => (text === undefined ? null : text === 'true')
