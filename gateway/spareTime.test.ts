import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { limits } from '../core/limits.ts'
import { createSpareTime } from './spareTime.ts'

test('nothing is done before somebody was answered; then each piece has a turn of the event loop, in their order', async () => {
  const { later, begin } = createSpareTime()
  const done: string[] = []
  later(() => void done.push('one'))
  later(() => {
    done.push('two')
    later(() => void done.push('four'))
  })
  later(() => void done.push('three'))
  await turn()
  expect(done).toEqual([])
  begin()
  begin()
  expect(done).toEqual([])
  for (const expected of ['one', 'two', 'three', 'four']) {
    await turn()
    expect(done.at(-1)).toBe(expected)
  }
  expect(done).toHaveLength(4)
  later(() => void done.push('five'))
  await turn()
  expect(done).toHaveLength(4)
})

test('so many pieces wait and no more, and none is done after the end', async () => {
  const { later, begin, stop } = createSpareTime()
  const done: number[] = []
  for (let piece = 0; piece < limits.sparePiecesMax; piece++)
    expect(later(() => void done.push(piece))).toBe(true)
  expect(later(() => void done.push(-1))).toBe(false)
  begin()
  await turn()
  stop()
  for (let turns = 0; turns < 3; turns++) await turn()
  expect(done).toEqual([0])
})
