import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { projectFolder } from './places.ts'
import { makeLoadable, sha256, uwsBinaryPath } from './uwsBinary.ts'
import { uwsHashes } from './uwsHashes.ts'

const packageFolder = join(projectFolder, 'node_modules', 'uWebSockets.js')
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringtrail-uws-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('every binary in the package is one of the list, and the list has no others', () => {
  const installed = readdirSync(packageFolder).filter(file => file.endsWith('.node'))
  expect(installed.sort()).toEqual(Object.keys(uwsHashes).sort())
  for (const file of installed) {
    const { published, lowered } = uwsHashes[file] ?? {}
    expect([published, lowered], file).toContain(sha256(readFileSync(join(packageFolder, file))))
  }
})

test('a binary that is not on the list is left as it is', () => {
  const path = join(folder, 'uws.node')
  const image = Buffer.concat([readFileSync(uwsBinaryPath()), Buffer.from([0])])
  writeFileSync(path, image)
  expect(makeLoadable(path, '2.36')).toBe('unknown')
  expect(readFileSync(path).equals(image)).toBe(true)
})

test('nothing is read or written where glibc is new enough, or is not glibc', () => {
  const path = join(folder, 'absent.node')
  expect(makeLoadable(path, '2.38')).toBe('not-needed')
  expect(makeLoadable(path, '2.41')).toBe('not-needed')
  expect(makeLoadable(path, null)).toBe('not-needed')
})

// The arm64 file is never loaded here, so it is always as published.
test('the rewriting gives the known file, and doing it again changes nothing', () => {
  const path = join(folder, 'uws.node')
  const file = process.arch === 'arm64' ? 'uws_linux_x64_137.node' : 'uws_linux_arm64_137.node'
  copyFileSync(join(packageFolder, file), path)
  expect(makeLoadable(path, '2.36')).toBe('rewritten')
  expect(sha256(readFileSync(path))).toBe(uwsHashes[file]?.lowered)
  expect(makeLoadable(path, '2.36')).toBe('rewritten-before')
  expect(sha256(readFileSync(path))).toBe(uwsHashes[file]?.lowered)
  expect(readdirSync(folder)).toEqual(['uws.node'])
})
