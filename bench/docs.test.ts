import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Schema from 'typebox/schema'
import { expect, test } from 'vitest'
import { feedFrames } from '../core/feedFrame.ts'
import { genericSignal, signalAnswer } from '../core/wire/signal.ts'
import { clientFrames, serverFrames } from '../core/wire/visitor.ts'
import { repository, tables, withTable } from './docs.ts'

const read = (file: string) => readFileSync(join(repository, file), 'utf8')

test.each(tables)('$file: the table $name follows from core', ({ file, name, lines }) => {
  expect(read(file)).toBe(withTable(read(file), name, lines()))
})

const documents = ['README.md', 'ARCHITECTURE.md', 'SECURITY.md']
  .concat(
    readdirSync(join(repository, 'docs'), { encoding: 'utf8', recursive: true }).map(name => `docs/${name}`),
  )
  .filter(name => name.endsWith('.md'))

test.each(documents)('%s: every link within the repository leads somewhere', file => {
  const links = [...read(file).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(found => found[1] as string)
  expect(links.filter(link => !existsSync(join(repository, dirname(file), link)))).toEqual([])
})

const blocks = [...read('docs/public-face.md').matchAll(/```json (\w+)\n(.*?)```/gs)]

test.each(blocks.map(found => [found[1] as string, found[2] as string]))(
  'the example of a %s is valid: %s',
  (kind, text) => {
    const value = JSON.parse(text) as { type: string; kind: string }
    const frames = { client: clientFrames, server: serverFrames } as Record<string, Record<string, object>>
    const others: Record<string, object> = { signal: genericSignal, answer: signalAnswer }
    const all: Record<string, object> = feedFrames
    const shape = kind === 'feed' ? all[value.kind] : (others[kind] ?? frames[kind]?.[value.type])
    expect(shape).toBeDefined()
    expect(Schema.Check(shape as object, value)).toBe(true)
  },
)
