import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const folder = new URL('.', import.meta.url)

/** Every file of the core but its tests. */
function files(): { name: string; text: string }[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return names
    .filter(name => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map(name => ({ name, text: readFileSync(new URL(name, folder), 'utf8') }))
}

const impure =
  /\b(?:Date\.now|new Date\(\)|Math\.(?:random|sqrt|exp|log|pow|sin|cos)|performance\.|process\.|setTimeout|setInterval|setImmediate|fetch\(|crypto\.|globalThis)/

function impurities(name: string, text: string): string[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
  const imports = [...code.matchAll(/from '([^']+)'/g)].map(match => match[1] ?? '')
  const foreign = imports.filter(from => !from.startsWith('.') && from !== 'typebox')
  const outward = imports.filter(from => from.startsWith('../') && !name.includes('/'))
  const used = impure.exec(code)?.[0]
  return [...foreign, ...outward, ...(used === undefined ? [] : [used])].map(what => `${name}: ${what}`)
}

test('the core has no clock, no chance, no input or output, and one dependency', () => {
  expect(files().length).toBeGreaterThan(15)
  expect(files().flatMap(({ name, text }) => impurities(name, text))).toEqual([])
})

test.each([
  ["import x from 'node:fs'", 1],
  ["import x from '../config/nats.ts'", 1],
  ['const now = Date.now()', 1],
  ['const x = Math.random()', 1],
  ['// Date.now is not used', 0],
])('%s counts %d', (text, count) => {
  expect(impurities('x.ts', text)).toHaveLength(count)
})
