import { keptForMs } from '../../core/keptFor.ts'
import { personalFields, sealedName } from '../../core/privacy.ts'
import { type RecordKind, recordKinds, recordSchemas } from './records.ts'

/** What a controller adds to what the program knows, where it was configured. */
export type Terms = {
  readonly controller: { readonly name: string; readonly contact: string | null }
  /** How long the records are kept, and single fields that go earlier, by their name in a sealed part: `ipAddress`. */
  readonly retentionMs: number
  readonly fieldRetentionMs: Readonly<Record<string, number>>
  /** Whom the controller gives records to: sinks, processors, sub-processors. */
  readonly recipients: readonly string[]
  /** Where the log lies that the records are read from; none: on a machine that the program runs on. */
  readonly locations: readonly string[]
}

export type DictionaryEntry = {
  readonly field: string
  readonly kind: RecordKind
  readonly purpose: string
  readonly keptMs: number
  readonly recipients: readonly string[]
  readonly source: string
}

/** Where the data of a kind comes from (Article 15(1)(g)). */
export const sources: Readonly<Record<RecordKind, string>> = {
  session: 'the visitor’s browser, and the connection that it made to the website’s server for us',
  'page-view': 'the visitor’s browser',
  engagement: 'the visitor, who did or entered it on the website',
  call: 'the telephone carrier of the tracking number; the match was worked out here',
}

const viewers = {
  matching: 'the program that attributes calls',
  operator: 'people of the controller or its operator with the right to see personal fields',
  'data-protection': 'people who answer for data protection at the controller',
} as const

/** Every personal field of core/privacy.ts with its terms. */
export function dataDictionary(terms: Terms): DictionaryEntry[] {
  return personalFields.flatMap(one => {
    const { field, purpose, seenBy } = one
    const name = sealedName(one)
    const kind = recordKinds.find(found => field.startsWith(`${found}.`))
    if (kind === undefined) return []
    return [
      {
        field,
        kind,
        purpose,
        keptMs: name === null ? terms.retentionMs : keptForMs(terms, name),
        recipients: [...seenBy.map(viewer => viewers[viewer]), ...terms.recipients],
        source: sources[kind],
      },
    ]
  })
}

/** JSON Schema of the records, from the same schemas that check them. */
export function schemaDocument(): Record<string, unknown> {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Records of a Ringtrail export',
    description:
      'Each line of a .jsonl file is one of these. `personal` beside a shape names the field in data-dictionary.json.',
    oneOf: recordKinds.map(kind => ({ $ref: `#/$defs/${kind}` })),
    $defs: recordSchemas,
  }
}

/** Days where it is whole days, else hours. */
export function durationText(ms: number): string {
  const hours = Math.round(ms / 3_600_000)
  if (hours < 1) return `${Math.round(ms / 1_000)} seconds`
  return hours % 24 === 0 ? plural(hours / 24, 'day') : plural(hours, 'hour')
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`
}
