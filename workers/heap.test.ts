import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { heapLimits } from './heap.ts'

const trial = new URL('./heapTrial.ts', import.meta.url).pathname

async function tried(how: 'set' | 'not set') {
  const { stdout } = await promisify(execFile)(process.execPath, [trial, how])
  return JSON.parse(stdout) as { looks: number; limit: number }
}

it('a large state is not looked at again and again because small buffers come and go', async () => {
  const [set, notSet] = await Promise.all([tried('set'), tried('not set')])
  expect(notSet.looks).toBeGreaterThan(2 * set.looks)
})

it('threads share half of the machine', () => {
  expect(heapLimits(1, 32 * 2 ** 30)).toEqual({ maxOldGenerationSizeMb: 16_384 })
  expect(heapLimits(4, 32 * 2 ** 30)).toEqual({ maxOldGenerationSizeMb: 4_096 })
})

it('what a thread may take is what it is given', async () => {
  const { limit } = await tried('set')
  const megabytes = heapLimits(1).maxOldGenerationSizeMb as number
  expect(limit / 2 ** 20).toBeGreaterThanOrEqual(megabytes)
})
