import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const file = join(import.meta.dirname, '../../docs/bad-inputs.md')

/** The rows of docs/bad-inputs.md under one heading: what comes in, and what is answered. */
export function rowsOf(heading: string): Map<string, string> {
  const text = readFileSync(file, 'utf8')
  const [, after = ''] = text.split(`## ${heading}\n`)
  const [section = ''] = after.split('\n## ')
  const cells = section
    .split('\n')
    .filter(line => line.startsWith('| '))
    .map(line => line.split('|').map(cell => cell.trim()))
  return new Map(cells.slice(2).map(([, input = '', answered = '']) => [input, answered]))
}
