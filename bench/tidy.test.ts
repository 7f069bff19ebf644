import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { areas, codeFiles, notOurs, projectFolder, textFiles } from './sourceFiles.ts'
import { machinePaths, tidyTroubles } from './tidy.ts'

const topLevel = [
  ...areas,
  ...['docs', '.ci', 'package.json', 'package-lock.json', 'tsconfig.json', 'biome.json', 'Dockerfile'],
  ...[
    '.dockerignore',
    '.gitignore',
    '.npmrc',
    'LICENSE',
    'NOTICE',
    'README.md',
    'ARCHITECTURE.md',
    'SECURITY.md',
  ],
  ...['CHANGELOG.md', 'CONTRIBUTING.md'],
]

test('functions and files fit on their screens, and nothing was left half done', () => {
  expect(codeFiles().flatMap(tidyTroubles)).toEqual([])
})

test('the top level is the one that was agreed', () => {
  const found = readdirSync(projectFolder).filter(name => !notOurs.includes(name) && !name.endsWith('.log'))
  expect(found.filter(name => !topLevel.includes(name))).toEqual([])
})

test('no file names a folder of one machine', () => {
  expect(textFiles().flatMap(machinePaths)).toEqual([])
})

const lines = (count: number) => '\n'.repeat(count)

test.each([
  ['gateway/utils/x.ts', 'export const x = 1'],
  ['core/helpers.ts', 'export const x = 1'],
  ['core/x.ts', `export const x = 1${lines(300)}export const y = 1`],
  ['core/x.test.ts', `export const x = 1${lines(500)}export const y = 1`],
  ['core/x.ts', `export function long() {${lines(60)}}`],
  ['core/x.ts', `export const long = () => {${lines(60)}}`],
  ['core/x.ts', `class X { method() {${lines(60)}} }`],
  ['core/x.ts', 'enum Kind { ring }'],
  ['core/x.ts', `// ${'TO'}${'DO'}: later`],
  ['core/x.test.ts', 'test.only("x", () => {})'],
  ['core/x.test.ts', 'describe.concurrent.skip("x", () => {})'],
])('%s with %j is untidy', (path, text) => {
  expect(tidyTroubles({ path, text })).toHaveLength(1)
})

test.each([
  ['core/x.ts', `export function long() {${lines(59)}}`],
  ['core/x.test.ts', `describe("x", () => {${lines(200)}})`],
  ['core/x.test.ts', 'test.skipIf(noBrowser)("x", () => {})'],
  ['core/x.ts', `export const x = 1${lines(299)}`],
])('%s with %j is tidy', (path, text) => {
  expect(tidyTroubles({ path, text })).toEqual([])
})

test('a path of one machine is seen wherever it stands, and a path of ours is not', () => {
  const foreign = [
    ['', 'work', 'main', 'x'],
    ['', 'home', 'anna', 'x'],
    ['', 'root', '.npmrc'],
  ].map(parts => parts.join('/'))
  const text = foreign.map(path => `see '${path}'`).join('\n')
  expect(machinePaths({ path: 'docs/x.md', text })).toHaveLength(3)
  const ours = 'bench/work/x gateway/root/x https://example.com/work/x /usr/bin/x /home/ /run/secrets/x'
  expect(machinePaths({ path: 'docs/x.md', text: ours })).toEqual([])
})
