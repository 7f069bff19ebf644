import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSync } from 'oxc-parser'

/** The folder that holds package.json. */
export const projectFolder = join(import.meta.dirname, '..')

/** The folders that hold code, inner ones first. */
export const areas = ['core', 'config', 'gateway', 'workers', 'bench'] as const

/** What lies in the project's folder and is not part of it. */
export const notOurs = ['.git', 'node_modules', '.runtime', 'data', 'coverage', '.vitest']

const codeEnding = /\.(?:ts|mts|js|mjs)$/

/** A file of the project; `path` is relative to its folder. */
export type SourceFile = { path: string; text: string }

/** Every file of the project that holds text, but for the lock file and recorded fixtures. */
export function textFiles(): SourceFile[] {
  return pathsUnder('')
    .filter(path => path !== 'package-lock.json' && !path.startsWith('bench/fixtures/'))
    .filter(path => !/\.(?:png|ico|gz|woff2|node|mdb)$/.test(path))
    .map(path => ({ path, text: readFileSync(join(projectFolder, path), 'utf8') }))
}

/** Every file of code in the five areas, tests included. */
export function codeFiles(): SourceFile[] {
  return textFiles().filter(
    ({ path }) => codeEnding.test(path) && areas.some(area => path.startsWith(`${area}/`)),
  )
}

/** Whether a file is a test. */
export function isTest(path: string): boolean {
  return path.endsWith('.test.ts')
}

function pathsUnder(folder: string): string[] {
  const entries = readdirSync(join(projectFolder, folder), { withFileTypes: true })
  return entries.flatMap(entry => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    // In a worktree .git is a file.
    if (notOurs.includes(path) || entry.name === 'node_modules') return []
    if (entry.isDirectory()) return pathsUnder(path)
    return entry.isFile() && !entry.name.endsWith('.log') ? [path] : []
  })
}

/** Everything that a file imports or passes on, as written: static, dynamic with a plain string, and types alone. */
export function importsOf({ path, text }: SourceFile): string[] {
  const { module } = parseSync(path, text)
  const passedOn = module.staticExports.flatMap(({ entries }) =>
    entries.map(entry => entry.moduleRequest?.value),
  )
  const later = module.dynamicImports.map(({ moduleRequest }) =>
    text.slice(moduleRequest.start, moduleRequest.end),
  )
  const plain = later
    .filter(written => /^['"`][^$]*['"`]$/.test(written))
    .map(written => written.slice(1, -1))
  const all = [...module.staticImports.map(({ moduleRequest }) => moduleRequest.value), ...passedOn, ...plain]
  return [...new Set(all.filter(specifier => specifier !== undefined))]
}
