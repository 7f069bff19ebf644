import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const folder = new URL('.', import.meta.url)
const read = (name: string) => readFileSync(new URL(name, folder), 'utf8')
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
const found = (pattern: RegExp, text: string) => [...text.matchAll(pattern)].map(([, rule = '']) => rule)

const rules = found(/^- \*\*([A-Z]\d+)\*\*/gm, read('RULES.md'))

/** Rules that the title of a test or the head of a transcript names. */
function cited(name: string): string[] {
  if (name.endsWith('.txt')) return found(/([A-Z]\d+)/g, /^# Rules: (.*)$/m.exec(read(name))?.[1] ?? '')
  if (!name.endsWith('.test.ts')) return []
  const titles = found(/['`]((?:\[[A-Z]\d+\] ?)+)/g, read(name))
  return titles.flatMap(title => found(/\[([A-Z]\d+)\]/g, title))
}

test('every rule has its number once, and they are counted through', () => {
  expect(rules.length).toBeGreaterThan(50)
  rules.forEach((rule, place) => {
    const before = rules[place - 1]
    const counted = before?.[0] === rule[0] ? Number(before?.slice(1)) + 1 : 1
    expect(rule).toBe(`${rule[0]}${counted}`)
  })
})

test('every rule is cited by the title of a test or the head of a transcript', () => {
  const all = new Set(files.flatMap(cited))
  expect(rules.filter(rule => !all.has(rule))).toEqual([])
})

test('no test, transcript or comment cites a rule that does not exist', () => {
  const known = new Set(rules)
  const unknown = files.flatMap(name => {
    const comments = name.endsWith('.ts') ? found(/\brules? ([A-Z]\d+)/g, read(name)) : []
    return [...cited(name), ...comments].filter(rule => !known.has(rule)).map(rule => `${name}: ${rule}`)
  })
  expect(unknown).toEqual([])
})
