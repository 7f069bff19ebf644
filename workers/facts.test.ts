import { expect, test } from 'vitest'
import { pack, unpack } from '../config/pack.ts'
import type { AccessKey } from '../core/access.ts'
import type { Input } from '../core/input.ts'
import type { Outcome } from '../core/outcome.ts'
import type { LogEvent } from '../core/wire/log.ts'
import type { Note } from '../core/wire/note.ts'
import type { VisitorId } from '../core/words.ts'
import { entryAgain, hearFacts, loadFacts, sayable, takeFacts } from './facts.ts'
import type { Applied } from './group.ts'
import type { NotedFact } from './keys/factList.ts'

const facts = {
  form: 2,
  actor: 'key-1',
  role: 'privacy-officer',
  subjects: ['ref'],
  purpose: 'ticket 1',
} as const
const note: Note = { ...facts, action: 'subject-objected', request: 'r', counts: {}, detail: { a: 1 } }
const people = { visitors: ['A'.repeat(22) as VisitorId], callers: [] }
const objected: Input = {
  kind: 'subject-restricted',
  tenant: 'acme',
  request: 'r',
  ...people,
  mode: 'objected',
}
const effect: Outcome = objected as Outcome
const repeated: Outcome = { kind: 'repeated', what: 'event' }
const noted: Outcome = { kind: 'noted', tenant: 'acme' }

const applied = (event: Partial<LogEvent> & Pick<LogEvent, 'clear'>, outcome: Outcome): Applied => ({
  event: { personal: null, ...event },
  outcomes: [outcome],
  reply: { kind: 'done' },
})
const none = () => loadFacts(null, { factsAfter: () => ({ facts: [], lost: 0 }) })
/** A fact as it was noted at a change. */
const at = (change: number, id: string, event: object = {}): NotedFact => ({
  ...{ tenant: 'acme', id, atMs: change * 10, change, bytes: pack(event) },
})

test('what is noted is what took effect, once each, and a key under what became of it', () => {
  const heard = none()
  const key = { id: 'k', rotatedAt: null, revokedAt: 9 } as AccessKey
  const breach = { ...note, action: 'breach-phase', detail: { phase: 2 } } as const
  const keyed = applied({ clear: { kind: 'noted', tenant: 'acme' }, access: key, note }, noted)
  const told = applied({ clear: { kind: 'noted', tenant: 'acme' }, note: breach }, noted)
  const read = applied(
    { clear: { kind: 'noted', tenant: 'acme' }, note: { ...note, action: 'audit-read' } },
    noted,
  )
  hearFacts(heard, [applied({ clear: objected, note }, effect), keyed, told, read], 5)
  hearFacts(heard, [applied({ clear: { ...objected, request: 's' }, note }, repeated)], 6)
  expect(takeFacts(heard).map(({ id, atMs }) => [id, atMs])).toEqual([
    ['subject-restricted r', 5],
    ['key k  9', 5],
    ['breach r 2', 5],
  ])
  expect(takeFacts(heard)).toEqual([])
})

test('data is owed what came after the change that it knows, and what it knew itself to lack', () => {
  const noted = [at(1, 'a'), at(2, 'b'), at(3, 'c')]
  const keys = {
    factsAfter: (after: number) => ({ facts: noted.filter(one => one.change > after), lost: 0 }),
  }
  const owed = (known: Parameters<typeof loadFacts>[0]) =>
    [...loadFacts(known, keys).owed.values()].map(({ id }) => id)
  expect(owed(null)).toEqual(['a', 'b', 'c'])
  expect(owed({ store: 's', changes: 2 })).toEqual(['c'])
  expect(owed({ store: 's', changes: 3 })).toEqual([])
  expect(owed({ store: 's', changes: 3, owed: ['acme/a', 'acme/forgotten'] })).toEqual(['a'])
})

test('one that the log brings again is owed no more, whatever came of it', () => {
  const keys = { factsAfter: () => ({ facts: [at(1, 'subject-restricted r')], lost: 0 }) }
  for (const outcome of [effect, repeated]) {
    const heard = loadFacts(null, keys)
    hearFacts(heard, [applied({ clear: objected, note }, outcome)], 5)
    expect(heard.owed.size).toBe(0)
  }
})

test('of people nothing is said before their tenant is known, and nobody waits for that', () => {
  const noted = [at(1, 'subject-restricted r'), at(2, 'key k')]
  const heard = loadFacts(null, { factsAfter: () => ({ facts: noted, lost: 0 }) })
  const said = (...names: string[]) =>
    sayable(heard, { tenants: new Map(names.map(name => [name, null as never])) }).map(({ id }) => id)
  expect(said()).toEqual(['key k'])
  expect(said('acme')).toEqual(['subject-restricted r', 'key k'])
})

test('said again, an entry says since when it holds, who did it first and when, and again the same', () => {
  const [first] = takeFactsOf(applied({ clear: objected, note }, effect), 50)
  const again = entryAgain({ ...first, change: 1 })
  expect(again.clear).toEqual({ ...objected, since: 50 })
  const detail = { a: 1, because: 'restored', firstBy: 'key-1', firstAt: 50 }
  expect(again.note).toEqual({ ...note, actor: 'system', role: 'system', detail })
  const [second] = takeFactsOf(applied(again, effect), 900)
  expect(second.atMs).toBe(50)
  expect(entryAgain({ ...second, change: 2 })).toEqual(again)
  expect(unpack(second.bytes)).toMatchObject({ clear: { request: 'r' } })
})

function takeFactsOf(one: Applied, atMs: number) {
  const heard = none()
  hearFacts(heard, [one], atMs)
  return takeFacts(heard) as [Omit<NotedFact, 'change'>]
}
