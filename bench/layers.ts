import { posix } from 'node:path'
import { areas, importsOf, isTest, type SourceFile } from './sourceFiles.ts'

type Area = (typeof areas)[number]

/** What each area may import from: core ← config ← gateway, workers ← bench. */
const mayImport: Readonly<Record<Area, readonly Area[]>> = {
  core: ['core'],
  config: ['core', 'config'],
  gateway: ['core', 'config', 'gateway'],
  workers: ['core', 'config', 'workers'],
  bench: areas,
}

/** The introductions: the one file of the gateway that may know the workers. */
const introductions = 'gateway/main.ts'

/** The core's only dependency; a schema is data. */
const coreDependencies = ['typebox']
const testDependencies = [
  'vitest',
  'fast-check',
  'node:fs',
  'node:path',
  'node:url',
  'node:util',
  'node:crypto',
]

/** Each of these is imported by one file that is not a test. */
export const dependenciesWithOneDoor = [
  'uWebSockets.js',
  'nats',
  'lmdb',
  'msgpackr',
  'piscina',
  'canonicalize',
  'prom-client',
  'fflate',
  'csv-stringify',
  'tldts',
]

/**
 * Tests and instruments that talk to a dependency themselves, because what they measure or break is the dependency:
 * path → what it may import.
 */
export const secondDoors: Readonly<Record<string, readonly string[]>> = {}

/** What a file imports that it must not, in sentences. */
export function layerTroubles(file: SourceFile): string[] {
  const area = areaOf(file.path)
  if (area === null) return []
  const imports = importsOf(file)
  return [
    ...arrowTroubles(file.path, area, imports),
    ...(area === 'core' ? coreTroubles(file.path, imports) : []),
  ]
}

function areaOf(path: string): Area | null {
  return areas.find(area => path.startsWith(`${area}/`)) ?? null
}

function arrowTroubles(path: string, area: Area, imports: readonly string[]): string[] {
  const targets = imports.filter(isRelative).map(specifier => posix.join(posix.dirname(path), specifier))
  const wrong = targets.filter(target => {
    const targetArea = areaOf(target)
    if (targetArea === null) return target !== 'package.json'
    if (path === introductions && targetArea === 'workers') return false
    return !mayImport[area].includes(targetArea)
  })
  return wrong.map(target => `${path} imports ${target}: ${area} may import ${mayImport[area].join(', ')}`)
}

function coreTroubles(path: string, imports: readonly string[]): string[] {
  const allowed = isTest(path) ? [...coreDependencies, ...testDependencies] : coreDependencies
  const foreign = imports.filter(
    specifier => !isRelative(specifier) && !allowed.includes(packageOf(specifier)),
  )
  return foreign.map(
    specifier => `${path} imports ${specifier}: the core depends on ${coreDependencies} alone`,
  )
}

/** Which files that are not on the list import a dependency, tests last. */
export function doorsTo(
  dependency: string,
  files: readonly SourceFile[],
): { doors: string[]; tests: string[] } {
  const importers = files
    .filter(file => importsOf(file).some(specifier => packageOf(specifier) === dependency))
    .map(({ path }) => path)
    .filter(path => !secondDoors[path]?.includes(dependency))
  const isOutside = (path: string) => isTest(path) || path.startsWith('bench/')
  return { doors: importers.filter(path => !isOutside(path)), tests: importers.filter(isOutside) }
}

function isRelative(specifier: string): boolean {
  return specifier.startsWith('.')
}

function packageOf(specifier: string): string {
  if (specifier.startsWith('node:')) return specifier
  const parts = specifier.split('/')
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? specifier)
}
