import { expect, test } from 'vitest'
import type { Result, ResultMessage } from '../../core/wire/result.ts'
import type { LogTime } from '../../core/words.ts'
import { createConsumer } from './results.ts'

/** Refusals are the shortest results; what is said of them holds for every kind. */
function message(partition: number, ...results: [sequence: number, call: string][]): ResultMessage {
  const made = results.map(
    ([sequence, call]): Result => ({
      sequence,
      index: 0,
      at: 1 as LogTime,
      outcome: { kind: 'refused', tenant: 'a', problem: 'call-conflict', call },
    }),
  )
  return { version: 1, tenant: 'a', partition, rules: 1, results: made }
}

test('a stretch that comes again, gathered otherwise, is recognised by one id per partition', () => {
  const consumer = createConsumer()
  consumer.take(message(0, [1, 'x'], [2, 'y']), 1)
  consumer.take(message(3, [1, 'z']), 2)
  consumer.take(message(0, [2, 'y'], [5, 'w']), 3)
  expect(consumer.consumed()).toMatchObject({ stored: 4, storedAgain: 1, untaken: [], changed: [] })
})

test('reading from the beginning again is no repeat in the stream', () => {
  const consumer = createConsumer()
  for (const _ of [1, 2]) consumer.take(message(0, [1, 'x']), 1)
  expect(consumer.consumed()).toMatchObject({ stored: 1, storedAgain: 0 })
})

test('a result that comes after a later one is lost to such a consumer, and that is seen', () => {
  const consumer = createConsumer()
  consumer.take(message(0, [9, 'later']), 1)
  consumer.take(message(0, [4, 'earlier']), 2)
  expect(consumer.consumed().untaken).toEqual(['0.4.0.1'])
})

test('a repeat that says something else is seen', () => {
  const consumer = createConsumer()
  consumer.take(message(0, [1, 'x']), 1)
  consumer.take(message(0, [1, 'other']), 2)
  expect(consumer.consumed().changed).toEqual(['0.1.0.1'])
})
