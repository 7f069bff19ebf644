import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type RoleFacts, roles, type ScopeFacts, scopes } from '../core/access.ts'
import { reviewFlags } from '../core/accessReview.ts'
import { auditActions } from '../core/audit.ts'
import { type EvidenceFacts, evidenceKinds } from '../core/evidence.ts'
import { logLines } from '../core/logLines.ts'
import { type Measure, measures } from '../core/measures.ts'
import { personalFields } from '../core/privacy.ts'
import { problems } from '../core/problems.ts'
import { breaks } from './simulate/breaks.ts'

/** Tables of the documents that follow from lists in the code. `node bench/docs.ts` writes them, a test compares them. */
export const repository = join(import.meta.dirname, '..')

export const tables: readonly { file: string; name: string; lines: () => string[] }[] = [
  { file: 'docs/public-face.md', name: 'problems', lines: problemLines },
  { file: 'docs/sre.md', name: 'measures', lines: measureLines },
  { file: 'docs/sre.md', name: 'log-lines', lines: logLineLines },
  { file: 'docs/data-protection.md', name: 'personal-fields', lines: fieldLines },
  { file: 'docs/access.md', name: 'roles', lines: roleLines },
  { file: 'docs/access.md', name: 'scopes', lines: scopeLines },
  { file: 'docs/access.md', name: 'review-flags', lines: flagLines },
  { file: 'docs/audit.md', name: 'audit-actions', lines: actionLines },
  { file: 'docs/evidence.md', name: 'evidence-kinds', lines: evidenceLines },
  { file: 'docs/contributing.md', name: 'breaks', lines: breakLines },
]

function problemLines(): string[] {
  const rows = Object.entries(problems).map(([code, { status, retry, says }]) => [
    `\`${code}\``,
    String(status),
    retry ? 'yes' : 'no',
    says,
  ])
  return table(['code', 'status', 'retry', 'says'], rows)
}

function measureLines(): string[] {
  const rows = Object.entries<Measure>(measures).map(([name, { type, labels, help }]) => [
    `\`${name}\``,
    type,
    labels.join(', '),
    help,
  ])
  return table(['name', 'type', 'labels', 'says'], rows)
}

function logLineLines(): string[] {
  return table(
    ['line', 'says'],
    Object.entries(logLines).map(([line, says]) => [`\`${line}\``, says]),
  )
}

function fieldLines(): string[] {
  const rows = personalFields.map(({ field, where, purpose, lifetime, seenBy }) => [
    `\`${field}\``,
    where,
    purpose,
    lifetime,
    seenBy.join(', '),
  ])
  return table(['field', 'part', 'why', 'kept for', 'seen by'], rows)
}

function roleLines(): string[] {
  const rows = Object.entries<RoleFacts>(roles).map(([role, { of, says, scopes }]) => [
    `\`${role}\``,
    of.join(', ') || 'no key',
    says,
    scopes.map(scope => `\`${scope}\``).join(' '),
  ])
  return table(['role', 'of', 'says', 'scopes'], rows)
}

function scopeLines(): string[] {
  const rows = Object.entries<ScopeFacts>(scopes).map(([scope, { sees, says }]) => [
    `\`${scope}\``,
    sees,
    says,
  ])
  return table(['scope', 'sees', 'says'], rows)
}

function flagLines(): string[] {
  return table(
    ['flag', 'says'],
    Object.entries(reviewFlags).map(([flag, says]) => [`\`${flag}\``, says]),
  )
}

function actionLines(): string[] {
  const rows = Object.entries(auditActions).map(([name, { personal, says }]) => [
    `\`${name}\``,
    personal ? 'yes' : 'no',
    says,
  ])
  return table(['action', 'personal data', 'says'], rows)
}

function evidenceLines(): string[] {
  const rows = Object.entries<EvidenceFacts>(evidenceKinds).map(([kind, { title, controls, from }]) => [
    `\`${kind}\``,
    title,
    controls.join(', '),
    from.kind === 'audit' ? from.actions.map(action => `\`${action}\``).join(' ') : 'made when collecting',
  ])
  return table(['kind', 'holds', 'ISO/IEC 27001:2022', 'from'], rows)
}

function breakLines(): string[] {
  return breaks.map(({ name }) => `- ${name}`)
}

function table(head: string[], rows: string[][]): string[] {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)]
}

/** The document's text with its table between the two markers. Throws where a marker is missing. */
export function withTable(text: string, name: string, lines: readonly string[]): string {
  const [begin, end] = [`<!-- begin: ${name} -->`, `<!-- end: ${name} -->`]
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`the markers of ${name} are missing`)
  return `${text.slice(0, from + begin.length)}\n${lines.join('\n')}\n${text.slice(to)}`
}

if (import.meta.main) {
  for (const { file, name, lines } of tables) {
    const path = join(repository, file)
    writeFileSync(path, withTable(readFileSync(path, 'utf8'), name, lines()))
  }
}
