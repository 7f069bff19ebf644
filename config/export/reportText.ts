import { type Fact, type Part, type ReportInput, reportDocument, type Step } from './report.ts'
import { visibleText } from './reportWords.ts'

/** The report as plain text, for whoever cannot or will not open a page. */
export function textReport(input: ReportInput): string {
  const { title, about, sections } = reportDocument(input)
  const lines = [visibleText(title), '='.repeat(visibleText(title).length), '', ...facts(about, '')]
  for (const section of sections) {
    const heading = visibleText(section.title)
    lines.push('', heading, '-'.repeat(heading.length), '', ...section.parts.flatMap(one => part(one, '')))
  }
  return `${lines.join('\n')}\n`
}

function part(one: Part, indent: string): string[] {
  switch (one.type) {
    case 'text':
      return [...wrapped(one.text, indent), '']
    case 'list':
      return [...one.items.flatMap(item => hanging(item, `${indent}- `, `${indent}  `)), '']
    case 'facts':
      return facts(one.facts, indent)
    case 'figures':
      return [...one.figures.map(([count, label]) => `${indent}${String(count).padStart(8)}  ${label}`), '']
    case 'table':
      return one.rows.flatMap(row => row.flatMap((cell, column) => cellLines(one.head, cell, column, indent)))
    case 'steps':
      return ['', ...one.steps.flatMap(each => step(each, indent))]
    case 'card': {
      const inner = one.parts.flatMap(each => part(each, `${indent}  `))
      return [`${indent}${visibleText(one.title)}`, ...inner, '']
    }
  }
}

function cellLines(head: readonly string[], cell: string, column: number, indent: string): string[] {
  if (column === 0) return [`${indent}${visibleText(cell)}`]
  return hanging(`${head[column] ?? ''}: ${cell}`, `${indent}  `, `${indent}    `)
}

function facts(rows: readonly Fact[], indent: string): string[] {
  return rows.map(([label, text]) => `${indent}${visibleText(label)}: ${visibleText(text)}`)
}

function step({ at, what, facts: rows }: Step, indent: string): string[] {
  return [`${indent}${at}  ${what}`, ...facts(rows, `${indent}    `), '']
}

const width = 100

function wrapped(text: string, indent: string): string[] {
  return hanging(text, indent, indent)
}

/** Words in lines of a readable length; a longer word is left whole. */
function hanging(text: string, first: string, rest: string): string[] {
  const lines: string[] = []
  let line = first
  let isEmpty = true
  for (const word of visibleText(text).split(' ')) {
    if (!isEmpty && line.length + 1 + word.length > width) {
      lines.push(line)
      line = rest
      isEmpty = true
    }
    line += isEmpty ? word : ` ${word}`
    isEmpty = false
  }
  return [...lines, line]
}
