import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Outcome } from '../core/outcome.ts'
import type { LogTime } from '../core/words.ts'
import { gather, type PendingResult, resultsOf, storeId } from './results.ts'

const refused = (tenant: string): Outcome => ({
  kind: 'refused',
  tenant,
  problem: 'call-conflict',
  call: 'c',
})
const at = 1 as LogTime

test('neighbours share a message, and ids only grow over all messages of a partition', () => {
  const pending = [
    ...resultsOf({ sequence: 1, at, kind: 'call' }, [
      refused('a'),
      { kind: 'repeated', what: 'event' },
      refused('a'),
    ]),
    ...resultsOf({ sequence: 2, at, kind: 'call' }, [refused('a')]),
    ...resultsOf({ sequence: 3, at, kind: 'session' }, [refused('a')]),
    ...resultsOf({ sequence: 4, at, kind: 'call' }, [refused('a'), refused('b')]),
  ]
  const messages = gather(0, 1, pending)
  const ids = messages.map(({ kind, message }) => [
    message.tenant,
    kind,
    message.results.map(({ sequence, index }) => `${sequence}.${index}`),
  ])
  expect(ids).toEqual([
    ['a', 'call', ['1.0', '1.1', '2.0']],
    ['a', 'session', ['3.0']],
    ['a', 'call', ['4.0']],
    ['b', 'call', ['4.1']],
  ])
})

/** The results of a stretch of the log, in order: tenants and kinds as they come, some messages with several. */
const logs = fc
  .array(
    fc.record({
      kind: fc.constantFrom('call', 'session'),
      tenants: fc.array(fc.constantFrom('a', 'b'), { maxLength: 4 }),
    }),
    { maxLength: 30 },
  )
  .map(entries =>
    entries.flatMap(({ kind, tenants }, index) =>
      resultsOf({ sequence: index + 1, at, kind } as const, tenants.map(refused)),
    ),
  )

/** The same results in groups that begin anew after some of them, as commits fall. */
function inGroups(pending: readonly PendingResult[], cuts: readonly boolean[]) {
  const groups: PendingResult[][] = [[]]
  for (const [index, one] of pending.entries()) {
    if (cuts[index] === true) groups.push([])
    groups.at(-1)?.push(one)
  }
  return groups.flatMap(group => gather(0, 1, group))
}

const cuts = fc.array(fc.boolean(), { minLength: 120, maxLength: 120 })

/** JetStream drops a message whose id it has, whatever is in it; a consumer drops what is not above the last it took. */
function takenFrom(messages: ReturnType<typeof gather>): string[] {
  const ids = new Set<string>()
  const taken: string[] = []
  let last: readonly [number, number] = [0, -1]
  for (const { message } of messages) {
    if (ids.has(storeId(message))) continue
    ids.add(storeId(message))
    for (const { sequence, index } of message.results) {
      if (sequence < last[0] || (sequence === last[0] && index <= last[1])) continue
      last = [sequence, index]
      taken.push(`${sequence}.${index}`)
    }
  }
  return taken
}

test('two owners that gather differently: equal ids mean equal contents', () => {
  fc.assert(
    fc.property(logs, cuts, cuts, (pending, one, other) => {
      const contents = new Map(
        inGroups(pending, one).map(({ kind, message }) => [storeId(message), { kind, message }]),
      )
      for (const { kind, message } of inGroups(pending, other)) {
        const known = contents.get(storeId(message))
        if (known !== undefined) expect({ kind, message }).toEqual(known)
      }
    }),
  )
})

test('two owners that store side by side: a consumer takes every result once, in order', () => {
  const turns = fc.array(fc.boolean(), { minLength: 240, maxLength: 240 })
  fc.assert(
    fc.property(logs, cuts, cuts, turns, (pending, one, other, order) => {
      const [first, second] = [inGroups(pending, one), inGroups(pending, other)]
      const stored: ReturnType<typeof gather> = []
      for (const turn of order) stored.push(...(turn ? first : second).splice(0, 1))
      stored.push(...first, ...second)
      expect(takenFrom(stored)).toEqual(pending.map(({ result }) => `${result.sequence}.${result.index}`))
    }),
  )
})
