import { expect, test } from 'vitest'
import type { Input, PageView } from '../core/input.ts'
import type { Outcome } from '../core/outcome.ts'
import type { SessionId, VisitorId } from '../core/words.ts'
import { keptOf } from './remember.ts'

const source = { source: 'direct', medium: 'none', campaign: null, content: null, keyword: null }
const view: PageView = { id: 7, source }
const session = 's' as SessionId
const visit = {
  tenant: 'a',
  site: 'k',
  visitor: 'v' as VisitorId,
  freshSession: session,
  tab: 't',
  targets: null,
}
const page: Input = { kind: 'page', ...visit, session, page: view }
const hello: Input = { kind: 'hello', ...visit, page: view }
const click: Input = { kind: 'engagement', ...visit, session, id: 8, action: 'click', number: null }
const joined: Outcome = { kind: 'session-joined', tenant: 'a', session }
const repeated: Outcome = { kind: 'repeated', what: 'event' }
const viewed: Outcome = { kind: 'page-viewed', tenant: 'a', session, tab: 't', id: 7, source }

test('[V4] a page view or a click that comes again is not kept again, although its session lives on by it', () => {
  expect(keptOf(page, [joined, viewed])).toBe(page)
  expect(keptOf(page, [joined, repeated])).toBeNull()
  expect(keptOf(click, [joined, repeated])).toBeNull()
})

test('[V4] a hello that comes again is kept without its page view', () => {
  expect(keptOf(hello, [joined, viewed])).toBe(hello)
  expect(keptOf(hello, [joined, repeated])).toEqual({ ...hello, page: null })
  expect(keptOf(hello, [repeated])).toBeNull()
})
