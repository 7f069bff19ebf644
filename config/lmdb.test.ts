import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { isFlushed, NotWritten, openEnvironment, transact } from './lmdb.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringtrail-lmdb-'))

/** From here on no file of this process can hold anything behind so many bytes; the kernel refuses it as a full disk does. */
const limitFiles = (bytes: number | 'unlimited') =>
  execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:`])

afterAll(() => {
  limitFiles('unlimited')
  rmSync(folder, { recursive: true, force: true })
})

test('a commit that the disk refuses is said once, leaves what was there, and nothing hangs after it', async () => {
  const environment = openEnvironment<string>(join(folder, 'full'))
  await transact(environment, changes => changes.put('before', Buffer.from('1')))
  expect(await isFlushed(environment)).toBe(true)
  limitFiles(8_192)
  const refused = transact(environment, changes => {
    changes.put('one', Buffer.from('1'))
    changes.remove('before')
  })
  await expect(refused).rejects.toThrow(NotWritten)
  expect(await refused.catch((error: NotWritten) => error.code)).toBe(27)
  expect(await isFlushed(environment)).toBe(true)
  expect([environment.get('one'), environment.get('before')?.toString()]).toEqual([undefined, '1'])
  limitFiles('unlimited')
  await transact(environment, changes => changes.put('after', Buffer.from('1')))
  expect(environment.get('after')?.toString()).toBe('1')
  limitFiles(8_192)
  await expect(transact(environment, changes => changes.put('two', Buffer.from('1')))).rejects.toThrow()
  await environment.close()
})

test('what the work throws before its first change comes out as it is', async () => {
  limitFiles('unlimited')
  const environment = openEnvironment<string>(join(folder, 'threw'))
  const threw = transact(environment, () => {
    throw new RangeError('no')
  })
  await expect(threw).rejects.toThrow(RangeError)
  await environment.close()
})
