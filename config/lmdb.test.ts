import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { isFlushed } from './flushed.ts'
import { NotWritten, openEnvironment, transact } from './lmdb.ts'

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

test('whoever asks while a commit fails whether all is on the disk is answered', async () => {
  limitFiles('unlimited')
  const environment = openEnvironment<string>(join(folder, 'asked'))
  await transact(environment, changes => changes.put('before', Buffer.from('1')))
  limitFiles(8_192)
  const asked: Promise<boolean>[] = []
  for (let round = 0; round < 10; round += 1) {
    const refused = expect(
      transact(environment, changes => changes.put('one', Buffer.alloc(9_000))),
    ).rejects.toThrow(NotWritten)
    for (let turns = 0; turns < 20; turns += 1) {
      asked.push(isFlushed(environment))
      await new Promise(resolve => setImmediate(resolve))
    }
    await refused
  }
  expect(await Promise.all(asked)).toHaveLength(200)
  limitFiles('unlimited')
  await transact(environment, changes => changes.put('after', Buffer.from('1')))
  expect(await isFlushed(environment)).toBe(true)
  await environment.close()
})

test('where a flush hangs the answer is no, after it was asked for some times; one that ends is heard at once', async () => {
  const asked: ((value: unknown) => void)[] = []
  const hanging = {
    get flushed() {
      return new Promise<unknown>(resolve => asked.push(resolve))
    },
  }
  expect(await isFlushed(hanging, [1, 1, 1])).toBe(false)
  expect(asked).toHaveLength(3)
  const waiting = isFlushed(hanging, [1, 2 ** 30])
  await expect.poll(() => asked.length).toBe(5)
  asked[3]?.(true)
  expect(await waiting).toBe(true)
})

test('a copy for which there is no room at all is refused, and the store goes on and is copied later', async () => {
  limitFiles('unlimited')
  const path = join(folder, 'copied')
  const environment = openEnvironment<string>(path)
  await transact(environment, changes => changes.put('before', Buffer.from('1')))
  limitFiles(8_192)
  await expect(environment.compact()).rejects.toThrow('EFBIG')
  expect(existsSync(join(path, 'compacting/room'))).toBe(false)
  limitFiles('unlimited')
  await transact(environment, changes => changes.put('after', Buffer.from('1')))
  expect(await environment.compact()).toMatchObject({ rows: 2 })
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

test('rows are lent one after the other, with their own bytes and length, and other readers keep copies', async () => {
  const environment = openEnvironment<[string, number]>(join(folder, 'lent'))
  const bytesOf = (number: number) => Buffer.alloc(number % 7 === 0 ? 20_000 : number, number)
  await transact(environment, changes => {
    for (let number = 1; number < 100; number++) changes.put(['row', number], bytesOf(number))
  })
  const seen: [number, Buffer][] = []
  environment.seeRange({ start: ['row', 10], end: ['row', 90], limit: 50 }, ([, number], lent) => {
    seen.push([number, Buffer.from(lent.subarray(0, lent.length))])
  })
  expect(seen.map(([number]) => number)).toEqual(Array.from({ length: 50 }, (_, index) => 10 + index))
  for (const [number, bytes] of seen) expect(bytes.equals(bytesOf(number)), String(number)).toBe(true)
  const kept = [...environment.getRange({ start: ['row', 1], end: ['row', 99] })]
  for (const { key, value } of kept) expect(value.equals(bytesOf(key[1])), String(key[1])).toBe(true)
  expect(environment.get(['row', 3])?.equals(bytesOf(3))).toBe(true)
  const threw = () =>
    environment.seeRange({ start: ['row', 1], end: ['row', 9], limit: 9 }, () => {
      throw new RangeError('no')
    })
  expect(threw).toThrow(RangeError)
  const [one, other] = [environment.get(['row', 1]), environment.get(['row', 2])]
  expect([one?.length, other?.length, one?.[0]]).toEqual([1, 2, 1])
  await environment.close()
})
