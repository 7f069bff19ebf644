import { expect, test } from 'vitest'
import { checkInvariants } from './invariants.ts'
import { hello, number, policyOf, tell } from './story.ts'
import type { VisitorId } from './words.ts'

/** What the simulator found (`bench/simulate`), each as a short story. */

const day = 86_400
const kindsOf = (outcomes: readonly { kind: string }[]) => outcomes.map(one => one.kind)

test('[A2] a target whose pool serves another target has none: it shows its own number, and no pool ran out', () => {
  const policy = policyOf(1)
  const [sales] = policy.targets
  if (sales === undefined) throw new Error('the policy has a target')
  const story = tell({
    ...policy,
    sites: policy.sites.map(site => ({ ...site, targets: ['sales', 'help'] })),
    targets: [sales, { ...sales, id: 'help' }],
  })
  const shown = story.hello(1, 'anna').find(one => one.kind === 'fallback-shown')
  expect(shown).toMatchObject({ target: 'help', pool: null })
})

test('[V1] a hello that comes again when its producer is forgotten opens its session no second time', () => {
  const story = tell(policyOf(1))
  const first = hello('anna', 'annas')
  const producer = { counter: 2, sequence: 2 }
  expect(kindsOf(story.at(1, first, producer))).toContain('session-opened')
  const again = story.at(8 * day, first, { counter: 2, sequence: 3 })
  expect(again).toMatchObject([{ kind: 'session-ended' }, { kind: 'repeated', what: 'event' }])
  expect(kindsOf(story.hello(8 * day, 'anna'))).toContain('session-opened')
  checkInvariants(story.state())
})

test('[V6] [E4] a withdrawal by a visitor whose time is over announces the end, and is a repeat', () => {
  const story = tell({ ...policyOf(1), retentionMs: day * 1_000, latenessMs: 60_000 })
  story.hello(1, 'anna')
  const withdrawal = {
    kind: 'consent-withdrawn',
    tenant: 'acme',
    site: 'pk_test',
    visitor: 'anna' as VisitorId,
  } as const
  expect(kindsOf(story.at(2 * day, withdrawal))).toEqual(['session-ended', 'repeated'])
})

test('[F2] a caller remembers a call whose record is forgotten, also when its id comes back without a caller', () => {
  const story = tell({ ...policyOf(1), retentionMs: 100_000, latenessMs: 60_000 })
  story.signal(1, 'c', number(0), { a: 'bo' })
  story.signal(90, 'd', number(0), { a: 'bo' })
  story.pulse(102)
  story.signal(110, 'c', number(0), { a: null })
  checkInvariants(story.state())
  expect(story.call('c').firstTime).toBeNull()
})
