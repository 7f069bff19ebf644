import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createLogger } from '../config/logger.ts'
import { signHead, type SignedHead } from '../config/signedHead.ts'
import { chainOf, signer } from '../config/testChain.ts'
import { type AnchorSetup, createAnchor } from './anchor.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringtrail-anchor-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const chains = { acme: chainOf(10), other: chainOf(10, 'other') }
function headAt(index: number, tenant: keyof typeof chains = 'acme'): SignedHead {
  const record = chains[tenant][index]
  if (record === undefined) throw new Error('no record')
  return signHead(signer, record, 1_000 + index)
}

const within = (name: string) => join(folder, name)
const headsIn = (name: string): unknown[] =>
  readFileSync(within(name), 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line))

function anchorWith(setup: Partial<AnchorSetup>, lines: string[] = []) {
  const logger = createLogger('info', { write: line => lines.push(line) })
  return createAnchor({ anchorFile: null, anchorCommand: null, logger, ...setup })
}

test('heads are appended to the file, which nobody else may read', async () => {
  const anchor = anchorWith({ anchorFile: within('heads.jsonl') })
  anchor.offer(headAt(3))
  await anchor.settled()
  anchor.offer(headAt(5))
  anchor.offer(headAt(2, 'other'))
  await anchor.settled()
  expect(headsIn('heads.jsonl')).toEqual([headAt(3), headAt(5), headAt(2, 'other')])
  expect(statSync(within('heads.jsonl')).mode & 0o777).toBe(0o600)
  expect(anchor.counts()).toEqual({ anchored: 3, failed: 0, waiting: 0 })
})

test('of a tenant only the latest waits, and it is the last in the file', async () => {
  const anchor = anchorWith({ anchorFile: within('heads.jsonl') })
  for (let index = 0; index < 10; index++) anchor.offer(headAt(index))
  await anchor.settled()
  expect(headsIn('heads.jsonl').at(-1)).toEqual(headAt(9))
  expect(headsIn('heads.jsonl').length).toBeLessThan(10)
  expect(anchor.counts().waiting).toBe(0)
})

test('a line that was torn costs no other', async () => {
  appendFileSync(within('heads.jsonl'), '{"atMs":1,"ha')
  const anchor = anchorWith({ anchorFile: within('heads.jsonl') })
  anchor.offer(headAt(1))
  await anchor.settled()
  const [torn, whole] = readFileSync(within('heads.jsonl'), 'utf8').split('\n')
  expect([torn, JSON.parse(whole ?? '')]).toEqual(['{"atMs":1,"ha', headAt(1)])
})

test('a head that was not anchored waits, is logged without what it holds, and goes with the next', async () => {
  const lines: string[] = []
  const anchor = anchorWith({ anchorFile: within('later/heads.jsonl') }, lines)
  anchor.offer(headAt(1))
  anchor.offer(headAt(4, 'other'))
  await anchor.settled()
  expect(anchor.counts()).toMatchObject({ anchored: 0, waiting: 2 })
  expect(lines.length).toBe(anchor.counts().failed)
  expect(lines.join()).toContain('ENOENT')
  for (const secret of ['acme', 'other', headAt(1).hash, 'later']) expect(lines.join()).not.toContain(secret)
  mkdirSync(within('later'))
  anchor.offer(headAt(2))
  await anchor.settled()
  expect(headsIn('later/heads.jsonl')).toEqual([headAt(2), headAt(4, 'other')])
  expect(anchor.counts()).toMatchObject({ anchored: 2, waiting: 0 })
})

const shell = (script: string) => ['/bin/sh', '-c', script, 'sh', folder]

test('the command is given each head as a line, and none of our keys', async () => {
  process.env.RINGTRAIL_ROOT_KEY = 'only for this test'
  const anchor = anchorWith({ anchorCommand: shell('cat >> "$1/kept"; env > "$1/env"') })
  anchor.offer(headAt(6))
  await anchor.settled()
  delete process.env.RINGTRAIL_ROOT_KEY
  expect(headsIn('kept')).toEqual([headAt(6)])
  expect(readFileSync(within('env'), 'utf8')).not.toContain('RINGTRAIL')
})

test('one command at a time', async () => {
  const script = 'mkdir "$1/busy" || exit 1; cat >> "$1/kept"; rmdir "$1/busy"'
  const anchor = anchorWith({ anchorCommand: shell(script) })
  for (let index = 0; index < 5; index++) {
    anchor.offer(headAt(index))
    anchor.offer(headAt(index, 'other'))
  }
  await anchor.settled()
  expect(anchor.counts()).toMatchObject({ failed: 0, waiting: 0 })
})

test.each([
  [['/bin/sh', '-c', 'exit 3'], 'COMMAND_FAILED'],
  [['/nowhere/to/be/found'], 'ENOENT'],
])('%j fails, and the file is written all the same', async (anchorCommand, code) => {
  const lines: string[] = []
  const anchor = anchorWith({ anchorCommand, anchorFile: within('heads.jsonl') }, lines)
  anchor.offer(headAt(1))
  await anchor.settled()
  expect(headsIn('heads.jsonl')).toEqual([headAt(1)])
  expect(anchor.counts()).toEqual({ anchored: 1, failed: 1, waiting: 1 })
  expect(lines.join()).toContain(code)
})

test('a command that does not end is ended, with what it started', async () => {
  const lines: string[] = []
  const script = 'sleep 600 & echo $! > "$1/pid"; wait'
  const anchor = anchorWith({ anchorCommand: shell(script), commandMsMax: 300 }, lines)
  anchor.offer(headAt(1))
  await anchor.settled()
  expect(lines.join()).toContain('COMMAND_TOO_SLOW')
  if (!existsSync(within('pid'))) return
  const pid = readFileSync(within('pid'), 'utf8').trim()
  const state = execFileSync('sh', ['-c', `cut -d' ' -f3 /proc/${pid}/stat 2>/dev/null || echo gone`])
  expect(['gone', 'Z', 'X']).toContain(state.toString().trim())
})

test('where nothing is configured nothing is kept', async () => {
  const anchor = anchorWith({})
  anchor.offer(headAt(1))
  await anchor.settled()
  expect(anchor.counts()).toEqual({ anchored: 0, failed: 0, waiting: 0 })
})
