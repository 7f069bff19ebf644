import { expect, test } from 'vitest'
import { number, policyOf, tell } from './story.ts'
import type { VisitorId } from './words.ts'

const anna = 'anna' as VisitorId
const asked = { tenant: 'acme', request: 'r1', visitors: [anna], callers: [] }

test('a note changes nothing, and is never refused', () => {
  const story = tell(policyOf(1))
  for (const tenant of ['acme', 'nobody', ''])
    expect(story.at(1, { kind: 'noted', tenant })).toEqual([{ kind: 'noted', tenant }])
})

test('a visitor who is erased holds nothing more; once more is a repeat', () => {
  const story = tell(policyOf(1))
  story.hello(1, 'anna')
  const outcomes = story.at(2, { kind: 'subject-erased', ...asked })
  expect(outcomes).toMatchObject([
    { kind: 'session-ended', because: 'erased' },
    { kind: 'subject-erased', request: 'r1', visitors: [anna] },
  ])
  expect(story.at(3, { kind: 'subject-erased', ...asked })).toEqual([{ kind: 'repeated', what: 'event' }])
  story.signal(4, 'c', number(0))
  expect(story.call('c').match).toMatchObject({ kind: 'none', session: null })
})

test('what is asked for is refused where nobody is', () => {
  const story = tell(policyOf(1))
  const rectified = {
    kind: 'call-rectified',
    tenant: 'acme',
    request: 'r',
    carrier: 'x',
    call: 'c',
    a: null,
  } as const
  expect(story.at(1, rectified)).toMatchObject([{ kind: 'refused', problem: 'unknown-call' }])
  const ended = { kind: 'tenant-ended', tenant: 'nobody', request: 'r' } as const
  expect(story.at(2, ended)).toMatchObject([{ kind: 'refused', problem: 'unknown-tenant' }])
})
