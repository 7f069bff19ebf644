import { parseSync, Visitor } from 'oxc-parser'
import { codeFiles, isTest, type SourceFile } from '../sourceFiles.ts'

/** What the product can write to its log, read off its source. */

const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal']

export type Written = { readonly line: string; readonly path: string }

/** The last argument of every call of a logger; `(not a plain word)` where it is none, so that it is in no list. */
export function linesWritten(files: readonly SourceFile[] = productFiles()): readonly Written[] {
  return files.flatMap(({ path, text }) => {
    const written: Written[] = []
    new Visitor({
      CallExpression: ({ callee, arguments: given }) => {
        if (callee.type !== 'MemberExpression' || !isLogger(callee.object)) return
        if (callee.property.type !== 'Identifier' || !levels.includes(callee.property.name)) return
        const last = given.at(-1)
        const isWord = last?.type === 'Literal' && typeof last.value === 'string'
        written.push({ line: isWord ? String(last.value) : '(not a plain word)', path })
      },
    }).visit(parseSync(path, text).program)
    return written
  })
}

function productFiles(): SourceFile[] {
  return codeFiles().filter(({ path }) => !path.startsWith('bench/') && !isTest(path))
}

type Named = {
  readonly type: string
  readonly name?: string
  readonly property?: unknown
  readonly callee?: unknown
}

const makers = ['createLogger', 'createLastLogger']

/** `logger`, `setup.logger`, or what one of the two gives. */
function isLogger(node: unknown): boolean {
  const { type, name, property, callee } = node as Named
  if (type === 'MemberExpression') return isLogger(property)
  if (type === 'CallExpression') return makers.includes((callee as Named).name ?? '')
  return type === 'Identifier' && name === 'logger'
}
