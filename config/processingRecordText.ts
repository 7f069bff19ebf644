import type { ProcessingRecord } from './processingRecord.ts'

/** The record as Markdown. What is not known says so in its place, and again at the end with who has to say it. */
export function formatRecord(record: ProcessingRecord): string {
  return [
    '# Record of processing activities (Article 30 GDPR)',
    `Made ${record.madeAt} by Ringtrail from ${record.madeFrom}. It says what the software is configured to do.`,
    '## Processor',
    table(
      ['what', 'says'],
      Object.entries(processorNames).map(([key, name]) => [name, known(record.processor[key as 'name'])]),
    ),
    '## Controllers',
    ...controllers(record),
    '## Categories of data subjects',
    table(
      ['category', 'who'],
      record.subjects.map(({ category, who }) => [category, who]),
    ),
    '## Categories of personal data, and why each is processed',
    'Nothing asks for special categories of data; what a visitor enters and what an address of a page says may hold them.',
    table(
      ['category', 'field', 'part', 'purpose'],
      record.data.flatMap(({ category, fields }) =>
        fields.map(({ field, where, purpose }) => [category, field, where, purpose]),
      ),
    ),
    '## Recipients and sub-processors',
    recipients(record),
    '## Transfers and places',
    record.transfers.says,
    '## Technical and organisational measures (Article 32)',
    table(
      ['measure', 'state', 'how'],
      record.measures.map(({ measure, state, says }) => [measure, state, says]),
    ),
    '## Missing',
    table(
      ['what', 'who has to say it', 'where'],
      record.missing.map(({ what, who, where }) => [what, who, where]),
    ),
    '',
  ].join('\n\n')
}

const processorNames = {
  name: 'name and address',
  contact: 'contact',
  representative: 'representative',
  dataProtectionOfficer: 'data protection officer',
}

function controllers({ controllers: all }: ProcessingRecord): readonly string[] {
  if (all.length === 0)
    return ['None in this configuration; controllers that were made by the API are not in its file.']
  const head = [
    'tenant',
    'controller',
    'contact',
    'data protection officer',
    'processing',
    'kept for',
    'consent',
    'sites',
    'telephony',
  ]
  const rows = all.map(one => [
    one.tenant,
    known(one.name),
    known(one.contact),
    known(one.dataProtectionOfficer),
    one.processing,
    one.retention,
    one.consent,
    one.origins.join(', ') || 'none',
    one.carriers.join(', ') || 'none',
  ])
  return [table(head, rows)]
}

function recipients({ recipients: all }: ProcessingRecord): string {
  if (all.length === 0) return 'None: the software sends to nobody, and no telephony is configured.'
  const isSub = (sub: boolean | null) => (sub === null ? known(null) : sub ? 'yes' : 'no')
  const rows = all.map(({ who, what, where, subProcessor }) => [
    known(who),
    what,
    known(where),
    isSub(subProcessor),
  ])
  return table(['who', 'for what', 'where', 'sub-processor'], rows)
}

const known = (value: string | null) => value ?? '(missing)'

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(plain).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/** A cell holds what somebody wrote in the configuration: it stays in its cell. */
const plain = (text: string) => text.replace(/\s+/g, ' ').replace(/[|\\<>`]/g, letter => `\\${letter}`)
