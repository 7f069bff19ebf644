import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { isFlushed } from '../../config/flushed.ts'
import { openEnvironment, transact } from '../../config/lmdb.ts'
import { temporaryFolder } from '../system.ts'
import { searchFiles } from './search.ts'

/** Compaction of a store while it is used, on real files. */
const folder = temporaryFolder()
afterAll(() => folder.remove())

const rowsInAll = 4_000
const key = (row: number) => ['history', 'acme', row]
const erased = `canary-${randomBytes(8).toString('hex')}`
const forms: ((row: number) => Buffer)[] = [
  row => Buffer.from(`${erased}-${row}`),
  row => Buffer.from(`${erased}-${row}`, 'utf16le'),
  row => Buffer.from(Buffer.from(`${erased}-${row}`).toString('base64')),
  row => Buffer.from(Buffer.from(`${erased}-${row}`).toString('hex')),
]
const canaryAt = (row: number) =>
  Buffer.concat([
    forms[(row / 2) % forms.length]?.(row) ?? Buffer.alloc(0),
    randomBytes(row % 50 === 0 ? 9_000 : 700),
  ])

test('nothing is left of rows that were removed, and nothing of what is committed meanwhile is lost', async () => {
  const path = join(folder.path, 'store')
  const environment = openEnvironment<(string | number)[]>(path)
  await transact(environment, changes => {
    for (let row = 0; row < rowsInAll; row++)
      changes.put(key(row), row % 2 === 0 ? canaryAt(row) : Buffer.from(`stays-${row}`.padEnd(700)))
  })
  await transact(environment, changes => {
    for (let row = 0; row < rowsInAll; row += 2) changes.remove(key(row))
  })
  expect(await isFlushed(environment)).toBe(true)
  const before = searchFiles([path], [erased])
  expect(before.length).toBeGreaterThan(500)
  expect(new Set(before.map(hit => hit.encoding)).size).toBeGreaterThan(3)

  const compacting = environment.compact()
  for (let row = 1; row < 400; row += 2) {
    await transact(environment, changes => {
      changes.put(key(row), Buffer.from(`changed-${row}`))
      changes.remove(key(rowsInAll - row))
    })
    expect(environment.get(key(row))?.toString()).toBe(`changed-${row}`)
  }
  const compacted = await compacting
  expect(searchFiles([path], [erased])).toEqual([])
  expect(compacted.bytesAfter).toBeLessThan(compacted.bytesBefore)
  const check = (of: typeof environment) => {
    expect(of.get(key(1))?.toString()).toBe('changed-1')
    expect(of.get(key(399))?.toString()).toBe('changed-399')
    expect(of.get(key(401))?.toString()).toBe('stays-401'.padEnd(700))
    expect(of.get(key(rowsInAll - 1))).toBe(undefined)
    expect([...of.getKeys()].length).toBe(rowsInAll / 2 - 200)
  }
  check(environment)
  await transact(environment, changes => changes.put(['after'], Buffer.from('1')))
  await transact(environment, changes => changes.remove(['after']))
  await environment.close()
  expect(existsSync(join(path, 'compacting'))).toBe(false)
  const again = openEnvironment<(string | number)[]>(path)
  check(again)
  await again.close()
})

/** Lets it run until it has said so many more rows, then kills it; resolves to the rows that were on the disk. */
function runUntilKilled(path: string, more: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const script = fileURLToPath(new URL('compactionKilled.ts', import.meta.url))
    const child = spawn(process.execPath, [script, path], { stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    let wrong = ''
    child.stderr.on('data', data => (wrong += data))
    child.stdout.on('data', data => {
      said += data
      if (said.split('\n').length > more) child.kill('SIGKILL')
    })
    child.on('exit', (_, signal) => {
      if (signal !== 'SIGKILL') return reject(new Error(`it ended by itself: ${wrong}`))
      resolve(Number(said.split('\n').at(-2)))
    })
  })
}

test('a SIGKILL at any moment of it leaves a whole store with every row that was said to be on the disk', async () => {
  const path = join(folder.path, 'killed')
  let onDisk = 0
  for (let round = 0; round < 12; round++) {
    onDisk = await runUntilKilled(path, 20 + round * 7)
    const environment = openEnvironment<string>(path)
    const keys = [...environment.getKeys()]
    expect(keys.length).toBeGreaterThanOrEqual(onDisk)
    for (const [row, name] of keys.entries()) {
      expect(name).toBe(String(row).padStart(9, '0'))
      expect(environment.get(name)).toEqual(Buffer.alloc(500, name))
    }
    await environment.close()
  }
  expect(onDisk).toBeGreaterThan(100)
})
