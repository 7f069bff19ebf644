import { expect, test } from 'vitest'
import type { TenantPolicy } from '../core/policy.ts'
import type { HelloFrame } from '../core/wire/visitor.ts'
import { hasGpc, isToForget, signalsOf, whyUnfollowed } from './consent.ts'
import type { Site } from './tenants.ts'
import { createVisit } from './visit.ts'

type Asked = Partial<Pick<TenantPolicy, 'consent' | 'gpc' | 'tcf'>>

const visitOf = (policy: Asked, header = false) =>
  createVisit({
    site: { tenant: { policy: { consent: 'required', ...policy } } } as unknown as Site,
    address: '',
    userAgent: '',
    hasGpc: header,
    automated: null,
  })
const why = (policy: Asked, frame: Partial<HelloFrame>, header = false) =>
  whyUnfollowed(visitOf(policy, header), { type: 'hello', page: { url: '' }, ...frame }) ?? 'followed'

const gpc = { signals: { gpc: true } }
/** Purposes 1, 2 and 3, vendors 2, 6 and 8. */
const tcString = 'COvFyGBOvFyGBAbAAAENAPCAAOAAAAAAAAAAAEEUACCKAAA'
const tcf = { signals: { tcf: tcString } }

test.each<[Asked, Partial<HelloFrame>, string]>([
  [{}, {}, 'unknown'],
  [{}, { consent: 'granted' }, 'followed'],
  [{}, { consent: '' }, 'unknown'],
  [{ consent: 'assumed' }, {}, 'followed'],
  [{ consent: 'assumed' }, { consent: 'denied' }, 'denied'],

  // Global Privacy Control: an objection unless the tenant says otherwise, also by a policy that is older than the word.
  [{ consent: 'assumed' }, gpc, 'gpc'],
  [{ consent: 'assumed' }, { signals: { gpc: false } }, 'followed'],
  [{ consent: 'assumed' }, { consent: 'granted', ...gpc }, 'followed'],
  [{ consent: 'assumed', gpc: 'refusal' }, { consent: 'granted', ...gpc }, 'gpc'],
  [{ consent: 'assumed', gpc: 'ignore' }, gpc, 'followed'],
  [{ gpc: 'ignore' }, gpc, 'unknown'],
  [{ gpc: 'refusal' }, { consent: 'denied', ...gpc }, 'denied'],

  // A TC string that is not looked at says nothing.
  [{}, tcf, 'unknown'],
  [{ tcf: { vendor: null, purposes: [1, 3] } }, tcf, 'followed'],
  [{ tcf: { vendor: 6, purposes: [1] } }, tcf, 'followed'],
  [{ tcf: { vendor: 7, purposes: [1] } }, tcf, 'tcf'],
  [{ tcf: { vendor: null, purposes: [1, 4] } }, tcf, 'tcf'],
  [{ tcf: { vendor: null, purposes: [1] } }, { consent: 'denied', ...tcf }, 'denied'],
  // Where it is, nothing else is a yes.
  [{ tcf: { vendor: null, purposes: [1] } }, { consent: 'granted' }, 'unknown'],
  [{ tcf: { vendor: null, purposes: [1] }, consent: 'assumed' }, {}, 'followed'],
  [
    { tcf: { vendor: null, purposes: [1] }, consent: 'assumed' },
    { signals: { tcf: 'BOQ6ZEAOQ6ZEAABACDENAOwA' } },
    'unknown',
  ],
  [
    { tcf: { vendor: null, purposes: [1] }, gpc: 'refusal' },
    { signals: { gpc: true, tcf: tcString } },
    'gpc',
  ],
])('a tenant with %j answers %j as %s', (policy, frame, answer) => {
  expect(why(policy, frame)).toBe(answer)
})

test.each<[Asked, Partial<HelloFrame>, string]>([
  [{ consent: 'assumed' }, {}, 'bot'],
  [{}, { consent: 'granted' }, 'bot'],
  [{ gpc: 'refusal' }, gpc, 'bot'],
  // Who is taken for a bot, and is none, is obeyed.
  [{}, { consent: 'denied' }, 'denied'],
])('of a bot a tenant with %j takes %j as %s', (policy, frame, answer) => {
  const visit = { ...visitOf(policy), automated: 'bot' as const }
  expect(whyUnfollowed(visit, { type: 'hello', page: { url: '' }, ...frame })).toBe(answer)
})

test('only a no makes the page forget its id: silence, a bot and a page fetched ahead do not', () => {
  const all = ['denied', 'tcf', 'gpc', 'unknown', 'bot', 'preview'] as const
  expect(all.filter(isToForget)).toEqual(['denied', 'tcf', 'gpc'])
})

test('the header counts as the signal', () => {
  expect(why({ consent: 'assumed' }, {}, true)).toBe('gpc')
})

test.each([
  ['1', true],
  ['0, 1', true],
  ['1, 0', true],
  ['0', false],
  ['10', false],
  ['true', false],
  ['', false],
])('Sec-GPC %j is %s', (value, is) => {
  expect(hasGpc(new Map([['sec-gpc', value]]))).toBe(is)
})

test('what was said is kept as it was given, and nothing of what was not', () => {
  const kept = (frame: Partial<HelloFrame>, header = false) =>
    signalsOf(visitOf({}, header), { type: 'hello', page: { url: '' }, ...frame })
  expect(kept({})).toEqual({})
  expect(kept({}, true)).toEqual({ gpc: true })
  expect(kept({ signals: { gpc: false, tcf: '', gpp: 'DBAA' } })).toEqual({ gpc: false, gpp: 'DBAA' })
  expect(kept(tcf)).toEqual({ tcf: tcString })
})
