import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { nodeWanted } from '../config/setup/preflight.ts'
import { isAtLeast } from '../config/setup/versions.ts'
import { projectFolder } from './sourceFiles.ts'

const manifest = JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8'))
const lock = JSON.parse(readFileSync(join(projectFolder, 'package-lock.json'), 'utf8'))
const wanted = { ...manifest.dependencies, ...manifest.devDependencies } as Record<string, string>

test('every dependency is wanted in one exact version', () => {
  const loose = Object.entries(wanted).filter(
    ([, version]) => !/^(?:npm:@?[^@]+@)?\d+\.\d+\.\d+$/.test(version),
  )
  expect(loose).toEqual([])
})

test('the lock file has that version, with its checksum', () => {
  for (const [name, version] of Object.entries(wanted)) {
    const locked = lock.packages[`node_modules/${name}`]
    expect(version.endsWith(locked?.version), name).toBe(true)
    expect(locked.integrity, name).toMatch(/^sha512-/)
  }
})

test('no package may be fetched without a checksum, on whatever machine', () => {
  const packages = Object.entries(lock.packages as Record<string, { integrity?: string }>)
  const unchecked = packages.filter(
    ([path, { integrity }]) => path !== '' && !integrity?.startsWith('sha512-'),
  )
  expect(unchecked.map(([path]) => path)).toEqual([])
})

type Locked = { dependencies?: Record<string, string>; optionalDependencies?: Record<string, string> }

/** npm ci refuses a lock file that leaves out what another machine would need, as one written here may. */
test('the lock file leaves nothing out, not even for other machines', () => {
  const packages = lock.packages as Record<string, Locked>
  const missing = Object.entries(packages).flatMap(([path, { dependencies, optionalDependencies }]) => {
    const names = Object.keys({ ...dependencies, ...optionalDependencies })
    return names.filter(name => !foldersAbove(path).some(above => `${above}node_modules/${name}` in packages))
  })
  expect(missing).toEqual([])
})

/** Where Node looks for what a package needs: `node_modules/a/node_modules/b` → itself, `a`, the project. */
function foldersAbove(path: string): string[] {
  const parts = path === '' ? [] : path.split(/\/?node_modules\//).slice(1)
  const above = parts.map(
    (_, index) =>
      `${parts
        .slice(0, index + 1)
        .map(part => `node_modules/${part}/`)
        .join('')}`,
  )
  return ['', ...above]
}

test('the Node that comes along, the one that is asked for and the one that is checked are of a kind', () => {
  expect(manifest.engines.node).toBe(`>=${nodeWanted.replace(/\.0$/, '')}`)
  expect(isAtLeast(manifest.devDependencies.node, nodeWanted)).toBe(true)
  expect(isAtLeast(process.versions.node, nodeWanted)).toBe(true)
})

test('only packages that need an install script may run one', () => {
  expect(Object.keys(manifest.allowScripts).sort()).toEqual(['lmdb', 'msgpackr-extract', 'node'])
})
