import { type Comment, parseSync, Visitor } from 'oxc-parser'
import { isTest, type SourceFile } from './sourceFiles.ts'

/** The walls. What is normal stands in the style guide: functions of 7 to 13 lines. */
export const walls = { functionLines: 60, fileLines: 300, testFileLines: 500 } as const

const shunnedNames = ['util', 'utils', 'helper', 'helpers', 'lib', 'misc', 'common', 'src']
const testWords = ['test', 'it', 'describe', 'suite', 'bench']
const leftBehind = ['skip', 'only', 'todo']
const promises = /\b(?:TODO|FIXME|XXX|HACK)\b/

/** What is untidy in a file of code, in sentences that name the place. */
export function tidyTroubles(file: SourceFile): string[] {
  return [...nameTroubles(file.path), ...lengthTroubles(file), ...syntaxTroubles(file)]
}

function nameTroubles(path: string): string[] {
  const words = path.split('/').map(part => part.split('.')[0] ?? part)
  return words.filter(word => shunnedNames.includes(word)).map(word => `${path}: "${word}" says nothing`)
}

function lengthTroubles({ path, text }: SourceFile): string[] {
  const wall = isTest(path) ? walls.testFileLines : walls.fileLines
  const lines = text.trimEnd().split('\n').length
  return lines > wall ? [`${path}: ${lines} lines (${wall})`] : []
}

type Span = { start: number; end: number }

function syntaxTroubles({ path, text }: SourceFile): string[] {
  const { program, comments } = parseSync(path, text)
  const lineAt = (offset: number) => text.slice(0, offset).split('\n').length
  const where = (span: Span) => `${path}:${lineAt(span.start)}`
  const troubles = comments
    .filter(holdsPromise)
    .map(comment => `${where(comment)}: do it now or write an issue`)
  const groups = new Set<number>()
  const measure = (node: Span) => {
    const lines = lineAt(node.end) - lineAt(node.start) + 1
    if (lines > walls.functionLines && !groups.has(node.start)) {
      troubles.push(`${where(node)}: a function of ${lines} lines (${walls.functionLines})`)
    }
  }
  new Visitor({
    // A group of tests is no function: what counts is each test in it.
    CallExpression: node => {
      if (rootName(node.callee) === 'describe')
        for (const argument of node.arguments) groups.add(argument.start)
    },
    FunctionDeclaration: measure,
    FunctionExpression: measure,
    ArrowFunctionExpression: measure,
    TSEnumDeclaration: node => troubles.push(`${where(node)}: an enum cannot be stripped`),
    MemberExpression: node => {
      const word = node.property.type === 'Identifier' ? node.property.name : ''
      const isLeft = leftBehind.includes(word) && testWords.includes(rootName(node.object) ?? '')
      if (isLeft) troubles.push(`${where(node)}: a test was left with .${word}`)
    },
  }).visit(program)
  return troubles
}

function holdsPromise(comment: Comment): boolean {
  return promises.test(comment.value)
}

type Chained = { type: string; name?: string; object?: unknown; callee?: unknown }

/** `test` of `test.concurrent.each`. */
function rootName(node: unknown): string | undefined {
  const { type, name, object, callee } = node as Chained
  if (type === 'MemberExpression') return rootName(object)
  if (type === 'CallExpression') return rootName(callee)
  return type === 'Identifier' ? name : undefined
}

const homes = ['home', 'Users'].map(home => `${home}/[a-z][\\w-]*/`)
const onePlace = new RegExp(`(?<![\\w.*}-])/(?:work/|root/|mnt/|${homes.join('|')})[\\w.-]`)

/** Lines that name a folder of somebody's machine. */
export function machinePaths({ path, text }: SourceFile): string[] {
  const lines = text.split('\n')
  return lines.flatMap((line, index) => (onePlace.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : []))
}
