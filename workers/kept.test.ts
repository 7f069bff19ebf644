import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { policyOf, tell } from '../core/story.ts'
import type { PhoneNumber } from '../core/words.ts'
import { wholeCall } from '../core/wholeCall.ts'
import { pack, unpack } from '../config/pack.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

function heapAfter(): number {
  collect()
  return process.memoryUsage().heapUsed
}

test('a text that is kept of a message keeps nothing else of it', () => {
  const before = heapAfter()
  const kept: string[] = []
  for (let count = 0; count < 10_000; count++) {
    const id = `an-id-of-its-own-${count}`
    const bytes = pack({ id, words: Array.from({ length: 40 }, () => 'some more text of the message') })
    kept.push((unpack(bytes) as { id: string }).id)
  }
  expect(heapAfter() - before).toBeLessThan(4_000_000)
  expect(kept).toHaveLength(10_000)
})

test('the record of a call that is read again lies as compactly as one that was made', () => {
  setFlagsFromString('--allow-natives-syntax')
  const isCompact = new Function('one', 'return %HasFastProperties(one)') as (one: object) => boolean
  const story = tell(policyOf(1))
  story.signal(1, 'c', '+4570000000' as PhoneNumber)
  const made = story.call('c')
  const read = unpack(pack(made)) as typeof made
  expect([made, read, wholeCall(read)].map(isCompact)).toEqual([true, false, true])
  expect(JSON.stringify(wholeCall(read))).toBe(JSON.stringify(made))
  // The order of fields is a part of what is written.
  const settled = { ...made, settled: ['a'] } as typeof made
  expect(JSON.stringify(wholeCall(settled))).toBe(JSON.stringify(settled))
})
