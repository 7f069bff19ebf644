import { expect, test } from 'vitest'
import type { Input, Page } from './input.ts'
import { replyTo, sessionOf } from './reply.ts'
import { hello, number, policyOf, signal, tell } from './story.ts'
import type { SessionId } from './words.ts'

function ask(told: ReturnType<typeof tell>, second: number, input: Input) {
  const outcomes = told.at(second, input)
  return { reply: replyTo(input, outcomes), session: sessionOf(outcomes) }
}

const page = (session: string, id: number): Page => {
  const { targets, ...visit } = hello('anna', 'afresh') as Extract<Input, { kind: 'hello' }>
  const source = { source: 'inside', medium: 'web', campaign: null, content: null, keyword: null }
  return { ...visit, targets, kind: 'page', session: session as SessionId, page: { id, source } }
}

test('a hello is told its session and its numbers, and whether it goes on', () => {
  const story = tell(policyOf(1))
  const numbers = [{ target: 'sales', number: number(0), kind: 'assigned' }]
  const opened = ask(story, 1, hello('anna', 'first'))
  expect(opened.reply).toEqual({ kind: 'visit', session: 'first', visitor: 'anna', resumed: false, numbers })
  const joined = ask(story, 2, hello('anna', 'second', 'tab2'))
  expect(joined.reply).toEqual({ kind: 'visit', session: 'first', visitor: 'anna', resumed: true, numbers })
})

test('an event that announces the end of a session belongs to the one that it opens', () => {
  const story = tell(policyOf(1))
  ask(story, 1, hello('anna', 'first'))
  const later = ask(story, 1_000, page('first', 2))
  expect(later.session).toBe('afresh')
  expect(later.reply).toMatchObject({ kind: 'visit', session: 'afresh', resumed: false })
})

test('a page of the session it names is only acknowledged; of another one it is told which', () => {
  const story = tell(policyOf(1))
  ask(story, 1, hello('anna', 'first'))
  expect(ask(story, 2, page('first', 2)).reply).toEqual({ kind: 'done' })
  expect(ask(story, 3, page('first', 2)).reply).toEqual({ kind: 'done' })
  expect(ask(story, 4, page('other', 3)).reply).toMatchObject({
    kind: 'visit',
    session: 'first',
    resumed: true,
  })
})

test('what was refused is told by its code, also when something was announced or forgotten with it', () => {
  const story = tell(policyOf(1), { sessionsPerTenantMax: 1, callsPerTenantMax: 1 })
  ask(story, 1, hello('anna', 'first'))
  const full = ask(story, 1_000, hello('anna', 'second'))
  expect(full).toEqual({ reply: { kind: 'problem', code: 'overloaded' }, session: null })
  ask(story, 1_001, signal('c1', number(0)))
  expect(ask(story, 1_002, signal('c2', number(0))).reply).toMatchObject({ kind: 'call' })
  const gone = { kind: 'beats', tenant: 'acme', sessions: ['first'] as SessionId[] } as const
  expect(ask(story, 1_003, gone).reply).toEqual({ kind: 'gone', sessions: ['first'] })
})
