import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { logLines } from '../../core/logLines.ts'
import { canaries, findCanaries, findForms } from '../listening/canaries.ts'
import { tellOfDays } from '../listening/clockStory.ts'
import { codesIn, createEar, linesIn } from '../listening/ear.ts'
import { heardIn, type Story, toldIn, type Unheard } from '../listening/expected.ts'
import { tellOfRoles } from '../listening/rolesStory.ts'
import { linesWritten } from '../listening/source.ts'
import { tellOfStart } from '../listening/startStory.ts'
import type { Traffic } from '../listening/visits.ts'
import { temporaryFolder } from '../system.ts'

// Everything that the whole system says to anybody who runs it is listened to, while visitors and callers bring canaries.

const stories: Readonly<Record<Story, (folder: string, traffic: Traffic) => Promise<void>>> = {
  start: tellOfStart,
  days: tellOfDays,
  roles: tellOfRoles,
}
const names = Object.keys(stories) as Story[]
const folder = temporaryFolder()
const traffic = Object.fromEntries(
  names.map(name => [name, { ear: createEar(), ids: [], b: '' } as Traffic]),
) as Record<Story, Traffic>

/** Side by side: much of what they do is waiting. */
beforeAll(async () => {
  await Promise.all(
    names.map(async name => {
      mkdirSync(join(folder.path, name))
      await stories[name](join(folder.path, name), traffic[name])
    }),
  )
}, 240_000)

afterAll(() => folder.remove())

function everything({ ids, b }: Traffic): Record<string, string> {
  return { ...canaries, ...Object.fromEntries(ids.map((id, at) => [`session ${at}`, id])), lent: b }
}

test.each(names)('nothing that is said to those who run it is about a visitor or caller: %s', name => {
  const { ear, ids } = traffic[name]
  expect(ids.length).toBeGreaterThan(0)
  expect(findCanaries(ear.heard, everything(traffic[name]))).toEqual([])
  // nats-server's own ids and the inboxes of clients have 22 letters too; exact ids were looked for there as well.
  expect(findForms(ear.heard.filter(({ source }) => !source.includes('nats ')))).toEqual([])
})

test.each(names)('nor does the name of a file say anything: %s', name => {
  const files = readdirSync(join(folder.path, name), { recursive: true, encoding: 'utf8' })
  expect(files.length).toBeGreaterThan(10)
  expect(findCanaries([{ source: 'files', text: files.join('\n') }], everything(traffic[name]))).toEqual([])
})

test('the list of lines has every line that the source can write, and no other', () => {
  const written = new Set(linesWritten().map(({ line }) => line))
  expect([...written].sort()).toEqual(Object.keys(logLines).sort())
})

test('a line that is no plain word, or of another logger, is seen in the source', () => {
  const text = `setup.logger.info({ a }, name); createLogger('info').warn('said'); logger.error('x', 'kind'); other.info('no')`
  expect(linesWritten([{ path: 'gateway/x.ts', text }]).map(({ line }) => line)).toEqual([
    '(not a plain word)',
    'said',
    'kind',
  ])
})

/** Whether it is heard where it should be; one that cannot be heard has its reason. */
function isAsExpected(expected: Story | Unheard, heard: (story: Story) => boolean): boolean {
  return typeof expected === 'string' ? heard(expected) : !names.some(heard) && expected.because.length > 20
}

test.each(Object.entries(heardIn))('the line %s is heard', (line, expected) => {
  expect(isAsExpected(expected, story => linesIn(traffic[story].ear.heard).has(line))).toBe(true)
})

test.each(Object.entries(toldIn))('the refusal %s is told', (code, expected) => {
  const told = (story: Story) => (codesIn(traffic[story].ear.heard) as ReadonlySet<string>).has(code)
  expect(isAsExpected(expected, told)).toBe(true)
})

test('no line was heard that is in no list', () => {
  const heard = names.flatMap(name => [...linesIn(traffic[name].ear.heard)])
  expect([...new Set(heard)].filter(line => !(line in logLines))).toEqual([])
})

test('a start on a damaged store is refused with a sentence', () => {
  const said = traffic.start.ear.heard.find(({ source }) => source === 'a start on a damaged store')?.text
  expect(said?.split('\n').filter(line => !/^(\{|warning: |$)/.test(line))).toEqual([
    expect.stringMatching(/^The store of partition 0 under .* is damaged: .*\.$/),
  ])
})

test.each(Object.entries(canaries))('the ear hears %s in every form', (name, value) => {
  const bytes = Buffer.from(value)
  const forms = [
    value.toUpperCase(),
    encodeURIComponent(value),
    bytes.toString('hex'),
    bytes.toString('base64url'),
    Buffer.from(`"b":"${value}"`).toString('base64'),
    Buffer.from(`xx${value}yy`).toString('base64url'),
    [...bytes].join(','),
  ]
  for (const form of forms)
    expect(findCanaries([{ source: 'x', text: `ab ${form}` }], canaries), form).not.toEqual([])
  const found = findCanaries([{ source: 'x', text: `{"msg":"${value}"}` }], canaries)
  expect(found.some(one => one.startsWith(`x: ${name} as`))).toBe(true)
})

test('the ear hears what only has the form of a personal value, and not what has it by chance', () => {
  const text = (...values: string[]) => [{ source: 'x', text: values.join(' ') }]
  for (const value of [
    '+4512345678',
    '+45 12 34 56 78',
    '0045 12345678',
    'a@b.example',
    '8.8.8.8',
    '2a00:1450::1',
    'n1Xb3kqvT0aaZZ19-_pQ7w',
  ])
    expect(findForms(text(value)), value).toHaveLength(1)
  expect(
    findForms(
      text('127.0.0.1', '0.0.0.0:8080', '12:30:59', '4294967296', '2026-01-02T03:04:05.678Z', '2.10.27'),
    ),
  ).toEqual([])
})
