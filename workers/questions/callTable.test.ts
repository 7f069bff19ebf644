import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { CallRecord } from '../../core/outcome.ts'
import { recordWith, sourceOf } from './testRecords.ts'
import { CallTable } from './callTable.ts'

/** What the table says is in order, told from a plain list. */
function inOrder(records: ReadonlyMap<string, CallRecord>): string[] {
  return [...records]
    .sort(([key, { rangAt }], [otherKey, other]) => rangAt - other.rangAt || (key < otherKey ? -1 : 1))
    .map(([key]) => key)
}

const step = fc.record({
  call: fc.integer({ min: 0, max: 12 }),
  rangAt: fc.integer({ min: 0, max: 6 }),
  does: fc.constantFrom('put', 'put', 'remove', 'settle'),
})

test('calls are in the order of their rings, however they come, change and go', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), steps => {
      const table = new CallTable()
      const records = new Map<string, CallRecord>()
      for (const { call, rangAt, does } of steps) {
        const key = `generic c${call}`
        const record = recordWith({ call: `c${call}`, rangAt })
        if (does === 'put') {
          table.put(key, record, false)
          records.set(key, record)
        }
        if (does === 'remove') {
          table.remove(key)
          records.delete(key)
        }
        if (does === 'settle') table.settle()
      }
      table.settle()
      expect([...table.order].map(slot => table.keyOf(slot))).toEqual(inOrder(records))
      expect(table.size).toBe(records.size)
      for (const [place, slot] of table.order.entries()) {
        expect(table.beforePlace(table.placeOf(slot))).toBe(place)
        expect(table.columns.rangAt[slot]).toBe(records.get(table.keyOf(slot))?.rangAt)
      }
    }),
    { numRuns: 500 },
  )
})

test('room that touches left is used again: however often calls change, there is no more than twice what they need', () => {
  const table = new CallTable()
  const touch = (at: number) => ({ at, session: 's', source: sourceOf('google') })
  for (let round = 0; round < 100; round++) {
    for (let call = 0; call < 100; call++) {
      const touches = Array.from({ length: 1 + ((round + call) % 3) }, (_, at) => touch(at))
      table.put(`generic c${call}`, recordWith({ call: `c${call}`, touches }), false)
      if (round % 7 === call % 7) table.remove(`generic c${call}`)
    }
    table.settle()
  }
  expect(table.touches.size).toBeLessThan(2 * 300 + 1_024 + 300)
})
