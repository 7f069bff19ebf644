import { expect, test } from 'vitest'
import { began, number, policyOf, tell } from '../core/story.ts'
import { answerVisits } from './visitDesk.ts'

test('who holds a number now is as of the clock, also where nothing has been told since', () => {
  const story = tell(policyOf(3))
  story.hello(1, 'anna')
  const holder = (at: number | null, second: number) => {
    const request = { kind: 'holder', tenant: 'acme', b: number(0), at } as const
    const reply = answerVisits(story.state(), request as never, true, began + second * 1_000)
    return reply.kind === 'holder' ? [reply.holder?.at, reply.holder?.match.kind] : []
  }
  expect(holder(null, 2)).toEqual([began + 2_000, 'exact'])
  // Idle, tail and cool-down are a minute each.
  expect(holder(null, 90)).toEqual([began + 90_000, 'tail'])
  expect(holder(began + 2_000, 90)).toEqual([began + 2_000, 'exact'])
  // A clock that is behind the log's time.
  expect(holder(null, 0)).toEqual([began + 1_000, 'exact'])
})
