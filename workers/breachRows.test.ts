import { expect, test } from 'vitest'
import { breachAfter } from '../core/breach.ts'
import { limits } from '../core/limits.ts'
import type { Note } from '../core/wire/note.ts'
import { type Breaches, breachesOf, hearBreaches, takeBreachRows } from './breachRows.ts'

const nobodys = { actor: 'key-1', role: 'owner', subjects: [], purpose: null, counts: {} } as const

function open(breaches: Breaches, tenant: string, id: string, at: number): void {
  const detail = {
    nature: 'loss',
    awareAt: at,
    from: 0,
    to: at,
    tenants: null,
    partitions: null,
    actors: null,
  }
  const note: Note = { ...nobodys, action: 'breach-opened', request: id, detail }
  const outcome = { kind: 'noted', tenant } as const
  const event = { clear: outcome, personal: null, note }
  hearBreaches(breaches, [{ event, outcomes: [outcome], reply: { kind: 'done' } }], at)
}

test('who opens more breaches than are kept loses the oldest of their own, and nobody else’s', () => {
  const breaches: Breaches = { all: new Map(), changed: new Map() }
  open(breaches, 'other', 'others', 1)
  for (let number = 0; number <= limits.breachesPerTenantMax; number++)
    open(breaches, 'acme', `own-${number}`, 2 + number)
  expect(breachesOf(breaches, 'other').map(({ id }) => id)).toEqual(['others'])
  const own = breachesOf(breaches, 'acme').map(({ id }) => id)
  expect(own).toHaveLength(limits.breachesPerTenantMax)
  expect(own).not.toContain('own-0')
  const rows = takeBreachRows(breaches)
  expect(rows.filter(({ bytes }) => bytes === null)).toEqual([{ tenant: 'acme', id: 'own-0', bytes: null }])
})

test('one that is said again was opened, and told of, when and by whom it was first', () => {
  const again = { because: 'restored', firstAt: 5, firstBy: 'key-9' }
  const note = { ...nobodys, actor: 'system', request: 'b' }
  const opened = { ...note, action: 'breach-opened', detail: { nature: 'loss', ...again } } as const
  const breach = breachAfter(null, 'acme', opened, 99)
  expect(breach).toMatchObject({ openedAt: 5, awareAt: 5 })
  const told = { ...note, action: 'breach-phase', detail: { phase: 1, ...again, firstAt: 7 } } as const
  expect(breachAfter(breach, 'acme', told, 99)?.phases).toEqual([{ phase: 1, at: 7, by: 'key-9' }])
})
