import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { replay } from './scenarios/replay.ts'

const folder = new URL('scenarios/', import.meta.url)
const names = readdirSync(folder).filter(name => name.endsWith('.txt'))
const textOf = (name: string) => readFileSync(new URL(name, folder), 'utf8')

test('there are stories, and each says in its head what it shows', () => {
  expect(names.length).toBeGreaterThan(20)
  for (const name of names)
    expect(textOf(name), name).toMatch(/^# .+\n# Rules: [A-Z]\d+(?: [A-Z]\d+)*\n\nat 0s /)
})

// When a story should go on otherwise: node bench/transcripts.ts
test.each(names)('%s is told as it stands', name => {
  expect(replay(textOf(name)).text).toBe(textOf(name))
})

test.each(names)(
  '[L3] %s goes on the same when the state is stored and read back before every step',
  name => {
    expect(replay(textOf(name), true).outcomes).toEqual(replay(textOf(name)).outcomes)
  },
)
