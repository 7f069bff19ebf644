import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import fc from 'fast-check'
import { Check } from 'typebox/value'
import { expect, test } from 'vitest'
import { complete, type Form } from './complete.ts'
import { configJsonSchema } from './config.ts'
import { readYaml } from './position.ts'
import { Findings } from './problem.ts'
import { settings } from './schema.ts'

const beside = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8')
const published = new Ajv({ strict: true, allowUnionTypes: true, keywords: ['errorMessage'] }).compile(
  configJsonSchema(),
)
const demo = () => readYaml(beside('ringtrail.yaml')).value

function read(value: unknown): { whole: unknown; problems: number } {
  const findings = new Findings(() => ({ source: 'test', place: null }))
  const whole = complete(settings as unknown as Form, value, [], { findings, writtenAs: () => null })
  return { whole, problems: findings.problems.length }
}

test('the committed JSON Schema is in step: otherwise run `node config/writeSchema.ts`', () => {
  expect(JSON.parse(beside('ringtrail.schema.json'))).toEqual(configJsonSchema())
})

test('editors accept the demo, and a file that says nothing', () => {
  expect([published(demo()), published.errors]).toEqual([true, null])
  expect(published({})).toBe(true)
  expect(published({ listn: {} })).toBe(false)
})

test('the demo names every key that there is', () => {
  const unnamed: string[] = []
  const look = (form: Form, value: unknown, path: string) => {
    const part = (form.anyOf ?? [form]).find(one => one.properties ?? one.items)
    if (part?.items && Array.isArray(value)) look(part.items, value[0], `${path}[]`)
    if (!part?.properties || typeof value !== 'object' || value === null) return
    for (const [key, inner] of Object.entries(part.properties)) {
      if (!(key in value)) unnamed.push(`${path}.${key}`)
      look(inner, (value as Record<string, unknown>)[key], `${path}.${key}`)
    }
  }
  look(settings as unknown as Form, demo(), '')
  // They would stand beside what the demo gives in the clear.
  expect(unnamed).toEqual([
    '.tenants[].carriers.generic.secretsFile',
    '.tenants[].carriers.generic.bearerFile',
  ])
})

/** The demo, with one part of it replaced by anything, or taken out. */
const damaged = fc
  .tuple(
    fc.array(fc.nat({ max: 20 }), { minLength: 1, maxLength: 6 }),
    fc.oneof(fc.jsonValue(), fc.constant(undefined)),
  )
  .map(([steps, value]) => {
    const root = { value: demo() }
    let holder: Record<string, unknown> = root
    let key = 'value'
    for (const step of steps) {
      const inner = holder[key]
      if (typeof inner !== 'object' || inner === null || Object.keys(inner).length === 0) break
      holder = inner as Record<string, unknown>
      key = Object.keys(inner)[step % Object.keys(inner).length] ?? ''
    }
    if (value === undefined && Array.isArray(holder)) holder.splice(Number(key), 1)
    else if (value === undefined) delete holder[key]
    else holder[key] = value
    return root.value
  })

test('our reading refuses exactly what the published schema refuses, and always gives something whole', () => {
  const seen = { good: 0, bad: 0 }
  fc.assert(
    fc.property(damaged, value => {
      const { whole, problems } = read(value)
      const good = published(value ?? {})
      seen[good ? 'good' : 'bad'] += 1
      expect(problems === 0).toBe(good)
      if (good) expect(Check(settings, whole)).toBe(true)
      else expect(read(whole).whole).toBeTypeOf('object')
    }),
    { numRuns: 400 },
  )
  expect(Math.min(seen.good, seen.bad)).toBeGreaterThan(20)
})
