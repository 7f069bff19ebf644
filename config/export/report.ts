import { dataDictionary, durationText, sources } from './dictionary.ts'
import { type Manifest, manifestName, signatureName, sumsName } from './manifest.ts'
import type { PackageHead } from './makePackage.ts'
import { dataSections } from './reportData.ts'
import { type OpenedRecord, type RecordKind, recordKinds } from './records.ts'
import { fieldLabels, kindNames, oneOfKind, timeText } from './reportWords.ts'

/** The access report (Article 15) as a document of plain parts; how it looks is said elsewhere, once for each form. */
export type Fact = readonly [label: string, value: string]

export type Part =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'list'; readonly items: readonly string[] }
  | { readonly type: 'facts'; readonly facts: readonly Fact[] }
  | { readonly type: 'figures'; readonly figures: readonly (readonly [count: number, label: string])[] }
  | {
      readonly type: 'table'
      readonly head: readonly string[]
      readonly rows: readonly (readonly string[])[]
    }
  | { readonly type: 'steps'; readonly steps: readonly Step[] }
  | { readonly type: 'card'; readonly title: string; readonly parts: readonly Part[] }

/** One moment of a visit. */
export type Step = { readonly at: string; readonly what: string; readonly facts: readonly Fact[] }

export type Section = { readonly title: string; readonly parts: readonly Part[] }

export type ReportDocument = {
  readonly title: string
  readonly about: readonly Fact[]
  readonly sections: readonly Section[]
}

export type ReportInput = {
  readonly head: PackageHead
  readonly counts: Manifest['counts']
  /** null: too many to be told one by one. */
  readonly records: readonly OpenedRecord[] | null
  /** The package that it is a file of; null: it is given by itself. */
  readonly inPackage: { readonly isSigned: boolean } | null
}

export function reportDocument({ head, counts, records, inPackage }: ReportInput): ReportDocument {
  const { controller } = head.terms
  const isReturn = head.purpose === 'return'
  return {
    title: isReturn ? `The records of ${controller.name}` : `Your personal data at ${controller.name}`,
    about: [
      ['Controller', controller.name],
      ['Contact', controller.contact ?? 'as stated in the controller’s privacy notice'],
      ['Request', head.request],
      ['Made', timeText(new Date(head.madeAtMs).toISOString())],
    ],
    sections: [
      glance(counts, isReturn),
      ...inForce(head),
      ...(records === null ? [elsewhere(inPackage)] : dataSections(records)),
      purposes(head),
      terms(head),
      ...(isReturn ? [] : [rights(head, inPackage)]),
      ...(inPackage === null ? [] : [files(inPackage)]),
    ],
  }
}

function glance(counts: Manifest['counts'], isReturn: boolean): Section {
  const intro = isReturn
    ? 'This package holds every record that was kept for the controller.'
    : 'When you visit a website that takes part, or call a number that it shows, the website’s owner can learn which visit led to which phone call. This report shows what is kept about you for that, why, for how long, and what you can ask for.'
  const isEmpty = recordKinds.every(kind => counts[kind] === 0)
  return {
    title: 'At a glance',
    parts: [
      { type: 'text', text: intro },
      { type: 'figures', figures: recordKinds.map(kind => figure(kind, counts[kind])) },
      ...(isEmpty
        ? [{ type: 'text', text: 'Nothing is kept about the subject of this request.' } as const]
        : []),
    ],
  }
}

function figure(kind: RecordKind, count: number): readonly [number, string] {
  return [count, (count === 1 ? oneOfKind : kindNames)[kind]]
}

const modeWords = {
  restricted: 'its use is restricted (Article 18): it is stored only',
  objected: 'its use was objected to (Article 21): it is stored only',
} as const

/** Nothing where nobody restricted or objected to anything. */
function inForce({ restrictions = {} }: PackageHead): Section[] {
  const facts = Object.entries(restrictions).map(
    ([handle, { mode, atMs }]): Fact => [
      `The data under ${handle}`,
      `${modeWords[mode]}, since ${timeText(new Date(atMs).toISOString())}`,
    ],
  )
  return facts.length === 0
    ? []
    : [{ title: 'What you asked for, and is in force', parts: [{ type: 'facts', facts }] }]
}

function elsewhere(inPackage: ReportInput['inPackage']): Section {
  const where =
    inPackage === null
      ? 'All of them are in the package of files that you can ask for (Article 20).'
      : 'All of them are in the .jsonl and .csv files of this package.'
  const text = `There are too many records to tell one by one here. ${where}`
  return { title: 'The records', parts: [{ type: 'text', text }] }
}

function purposes({ terms }: PackageHead): Section {
  const dictionary = dataDictionary(terms)
  const table = (kind: RecordKind): Part => ({
    type: 'card',
    title: kindNames[kind],
    parts: [
      { type: 'text', text: `Source: ${sources[kind]}.` },
      {
        type: 'table',
        head: ['What', 'Why', 'Kept for'],
        rows: dictionary
          .filter(entry => entry.kind === kind)
          .map(entry => [fieldLabels[entry.field] ?? entry.field, entry.purpose, durationText(entry.keptMs)]),
      },
    ],
  })
  return {
    title: 'What is kept, why, and for how long',
    parts: [
      {
        type: 'text',
        text: `Records are erased automatically ${durationText(terms.retentionMs)} after they were made; what goes earlier says so.`,
      },
      ...recordKinds.map(table),
    ],
  }
}

function terms({ terms: { recipients, locations } }: PackageHead): Section {
  const stated = recipients.length > 0
  return {
    title: 'Who receives it, and where it is',
    parts: [
      {
        type: 'list',
        items: [
          'The program that attributes calls; it reads random ids, times, classified sources and keyed pseudonyms, and no names, addresses or numbers of people.',
          'People at the controller, or who work for it, with the right to see personal fields. Every look is recorded.',
          ...recipients,
        ],
      },
      ...(stated ? [] : [{ type: 'text', text: 'No further recipients are configured.' } as const]),
      {
        type: 'text',
        text: `It is kept on the machines that the program runs on; where these stand, the controller states.${locations.length > 0 ? ` The log that it is read from lies in: ${locations.join(', ')}.` : ''}`,
      },
      {
        type: 'text',
        text: 'Which visit a call belongs to is worked out automatically, by fixed rules that are named with each call. It decides which visit is shown with the call, and nothing about you.',
      },
    ],
  }
}

function rights({ terms: { controller } }: PackageHead, inPackage: ReportInput['inPackage']): Section {
  return {
    title: 'Your rights',
    parts: [
      {
        type: 'text',
        text: `Ask ${controller.name}${controller.contact === null ? '' : ` (${controller.contact})`}. You can:`,
      },
      {
        type: 'list',
        items: [
          'have data that is wrong corrected (Article 16 of the General Data Protection Regulation);',
          'have your data erased (Article 17);',
          'have its use restricted, so that it is stored and not used (Article 18);',
          inPackage === null
            ? 'take your data with you, as a package of files that are made for that (Article 20);'
            : 'take your data with you: the .jsonl and .csv files of this package are made for that (Article 20);',
          'object to its use (Article 21), and withdraw consent at any time;',
          'complain to a data protection authority, where you live, where you work, or where you think that the law was broken (Article 77).',
        ],
      },
    ],
  }
}

function files({ isSigned }: NonNullable<ReportInput['inPackage']>): Section {
  return {
    title: 'The other files of this package',
    parts: [
      {
        type: 'facts',
        facts: [
          ['*.jsonl', 'the same records for programs: one JSON object a line'],
          [
            '*.csv',
            'the same records as tables; a cell that a spreadsheet could take for a formula begins with an apostrophe',
          ],
          ['schema.json', 'the shape of the records'],
          ['data-dictionary.json', 'purpose, time and recipients of each personal field'],
          [manifestName, 'every file with its SHA-256 and size'],
          ...(isSigned
            ? [[signatureName, 'who made the package: a signature of the manifest'] as const]
            : []),
          [sumsName, 'to verify the package: sha256sum -c SHA256SUMS'],
        ],
      },
    ],
  }
}
