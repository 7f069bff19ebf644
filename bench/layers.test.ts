import { expect, test } from 'vitest'
import { dependenciesWithOneDoor, doorsTo, layerTroubles, secondDoors } from './layers.ts'
import { codeFiles } from './sourceFiles.ts'

test('imports point inward', () => {
  expect(codeFiles().flatMap(layerTroubles)).toEqual([])
})

test.each([
  ['core/match.ts', "import { readFileSync } from 'node:fs'"],
  ['core/match.ts', "import type { Config } from '../config/config.ts'"],
  ['core/match.ts', "import pino from 'pino'"],
  ['core/match.test.ts', "import { open } from 'lmdb'"],
  ['config/config.ts', "export { Uws } from '../gateway/uws.ts'"],
  ['gateway/calls.ts', "const store = await import('../workers/store.ts')"],
  ['workers/partition.ts', "import { serve } from '../gateway/uws.ts'"],
  ['gateway/main.ts', "import { simulate } from '../bench/simulate/main.ts'"],
])('%s may not say %s', (path, text) => {
  expect(layerTroubles({ path, text })).toHaveLength(1)
})

test.each([
  ['core/match.ts', "import { Type } from 'typebox'\nimport type { State } from './state.ts'"],
  ['core/match.test.ts', "import { test } from 'vitest'"],
  ['gateway/main.ts', "import { startWorkers } from '../workers/main.ts'"],
  ['bench/e2e/first.test.ts', "import { apply } from '../../core/decide.ts'"],
])('%s may say %s', (path, text) => {
  expect(layerTroubles({ path, text })).toEqual([])
})

test.each(dependenciesWithOneDoor)('%s has one door', dependency => {
  const { doors, tests } = doorsTo(dependency, codeFiles())
  expect(doors.length, doors.join(', ')).toBeLessThanOrEqual(1)
  expect(tests).toEqual([])
})

test('a second door and a sub-path of the package are seen', () => {
  const files = ['a', 'b'].map(name => ({
    path: `gateway/${name}.ts`,
    text: "import { connect } from 'nats'",
  }))
  const test = { path: 'gateway/a.test.ts', text: "import type { Msg } from 'nats/lib/src/mod.js'" }
  expect(doorsTo('nats', [...files, test])).toEqual({
    doors: ['gateway/a.ts', 'gateway/b.ts'],
    tests: ['gateway/a.test.ts'],
  })
})

test('every listed second door is there and is used', () => {
  const paths = new Map(codeFiles().map(file => [file.path, file]))
  for (const [path, dependencies] of Object.entries(secondDoors)) {
    const text = paths.get(path)?.text
    for (const dependency of dependencies)
      expect(text, `${path} no longer needs ${dependency}`).toContain(`'${dependency}'`)
  }
})
