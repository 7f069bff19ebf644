import { expect, test } from 'vitest'
import type { CallFilter } from '../../core/wire/questions.ts'
import { CallTable } from './callTable.ts'
import { choosing } from './choosing.ts'
import { pageOf } from './pages.ts'
import { recordWith } from './testRecords.ts'

const filter: CallFilter = {
  ...{ fromMs: null, toMs: null, kinds: null, outcomes: null, qualified: null, firstTime: null, parts: {} },
  ...{ b: null, carrier: null, session: null, visitor: null, minConfidence: null },
}

test('[P13] where the next page begins says nothing of a restricted call that lies before it', () => {
  const table = new CallTable()
  const records = new Map(
    ['first', 'restricted', 'last'].map(
      (call, rangAt) => [call, recordWith({ call, rangAt: rangAt + 1 })] as const,
    ),
  )
  for (const [call, record] of records) table.put(call, record, call === 'restricted')
  table.settle()
  const { chooses, isExact } = choosing(table, filter, 0)
  const page = (to: number) =>
    pageOf({
      ...{ table, stretch: { from: 0, to, chooses }, filter, isExact, most: 1 },
      read: key => records.get(key) ?? null,
    })
  const first = page(3)
  expect([first.records.map(({ call }) => call), first.next]).toEqual([['last'], { rangAt: 3, key: 'last' }])
  const second = page(table.beforePlace({ rangAt: 3, key: 'last' }))
  expect([second.records.map(({ call }) => call), second.next]).toEqual([['first'], null])
})
