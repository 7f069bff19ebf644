import { expect, test } from 'vitest'
import type { Outcome } from '../core/outcome.ts'
import type { VisitorId } from '../core/words.ts'
import { hearErasures, loadErasures } from './erasures.ts'
import type { Applied } from './group.ts'

const visitor = 'A'.repeat(22) as VisitorId
const repeated: Outcome = { kind: 'repeated', what: 'event' }

/** What is heard of one erasure: after consent was taken back, or because somebody asked. */
function heard(action: 'consent-withdrawn' | 'subject-erased', outcomes: Outcome[], isHeld: boolean) {
  const named = { tenant: 'acme', request: 'r', visitors: [visitor], callers: [] }
  const clear = { kind: 'subject-erased', ...named } as const
  const facts = { actor: 'system', role: 'system', subjects: ['reference'], request: 'r', purpose: null }
  const note = { action, ...facts, counts: {}, detail: {} } as const
  const applied: Applied = { event: { clear, personal: null, note }, outcomes, reply: { kind: 'done' } }
  const erasures = loadErasures({ erasures: function* () {} })
  hearErasures(erasures, [applied], { atMs: 1, sequence: 2 }, () => isHeld)
  return erasures.fresh.map(({ because, names }) => ({ because, names }))
}

test('the consent of an id that never was can be taken back by anybody, and makes no work', () => {
  expect(heard('consent-withdrawn', [repeated], false)).toEqual([])
})

test('of whom the core has forgotten the history may still hold something', () => {
  const names = [`v:${visitor}`]
  expect(heard('consent-withdrawn', [repeated], true)).toEqual([{ because: 'withdrawal', names }])
  expect(heard('consent-withdrawn', [], false)).toEqual([{ because: 'withdrawal', names }])
})

test('what somebody asked for is always carried out', () => {
  expect(heard('subject-erased', [repeated], false)).toMatchObject([{ because: 'request' }])
})
