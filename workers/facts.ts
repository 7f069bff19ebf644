import { pack, unpack } from '../config/pack.ts'
import type { SubjectRestricted } from '../core/input.ts'
import type { Outcome } from '../core/outcome.ts'
import type { State } from '../core/state.ts'
import type { LogEvent } from '../core/wire/log.ts'
import type { LogTime } from '../core/words.ts'
import type { Applied } from './group.ts'
import type { KeyStore } from './keys/keyStore.ts'
import type { Fact, NotedFact } from './keys/factList.ts'
import { byItself } from './noting.ts'
import type { KeysKnown } from './keysKnown.ts'

/**
 * What was decided and has to hold whatever data is put back: restrictions and objections, callers put right, API keys, breaches
 * and their phases. The key store notes each before the data has it. What the data does not know when it is opened, and the log
 * does not bring either, is said again (owed.ts).
 */
export type Facts = {
  /** By place: said once, and lost with what the data was before. */
  readonly owed: Map<string, NotedFact>
  /** Heard since the last commit was begun. */
  fresh: Fact[]
}

const placeOf = ({ tenant, id }: Pick<Fact, 'tenant' | 'id'>) => `${tenant}/${id}`

/** `known`: what the data says of itself; null: it is from before there were facts, or new. */
export function loadFacts(known: KeysKnown | null, keys: Pick<KeyStore, 'factsAfter'>): Facts {
  const before = new Set(known?.owed ?? [])
  const from = before.size > 0 ? 0 : (known?.changes ?? 0)
  const isOwed = (fact: NotedFact) => fact.change > (known?.changes ?? 0) || before.has(placeOf(fact))
  const owed = keys.factsAfter(from).facts.filter(isOwed)
  return { owed: new Map(owed.map(fact => [placeOf(fact), fact])), fresh: [] }
}

/** Takes the facts of one message. */
export function hearFacts(facts: Facts, applied: readonly Applied[], atMs: number): void {
  for (const { event, outcomes } of applied) {
    const id = idOf(event)
    if (id === null || !('tenant' in event.clear)) continue
    const { tenant } = event.clear
    // The log has said it again, whatever came of it.
    facts.owed.delete(placeOf({ tenant, id }))
    if (!tookEffect(outcomes)) continue
    const { clear, note, access } = event
    const kept = { clear, ...(note && { note }), ...(access && { access }) }
    facts.fresh.push({ tenant, id, atMs: firstAt(event) ?? atMs, bytes: pack(kept) })
  }
}

type Kept = Pick<LogEvent, 'clear' | 'note' | 'access'>

/** Says what it is; null: nothing that has to hold. Those of people begin with `subject`. */
function idOf({ clear, note, access }: Kept): string | null {
  if (clear.kind === 'subject-restricted') return `subject-restricted ${clear.request}`
  if (clear.kind === 'call-rectified') return `subject-rectified ${clear.request}`
  if (access !== undefined) {
    const { id, rotatedAt, revokedAt } = access
    return `key ${id} ${rotatedAt ?? ''} ${revokedAt ?? ''}`
  }
  if (note?.action === 'breach-opened') return `breach ${note.request}`
  if (note?.action === 'breach-phase') return `breach ${note.request} ${note.detail.phase}`
  return null
}

export const isOfPeople = (id: string) => id.startsWith('subject')

const effects: readonly Outcome['kind'][] = ['subject-restricted', 'call-rectified', 'noted']
const tookEffect = (outcomes: readonly Outcome[]) => outcomes.some(({ kind }) => effects.includes(kind))

/** What the next commit has to note. */
export function takeFacts(facts: Facts): Fact[] {
  const { fresh } = facts
  facts.fresh = []
  return fresh
}

/** In their order, those that can be said now: of a tenant that is not known, only what needs no tenant. */
export function sayable({ owed }: Facts, { tenants }: Pick<State, 'tenants'>): NotedFact[] {
  if (owed.size === 0) return []
  return [...owed.values()].filter(fact => !isOfPeople(fact.id) || tenants.has(fact.tenant))
}

/** The entry that says it again. Nobody asked for it now: who did, and when, stands in its note. */
export function entryAgain({ bytes, atMs }: NotedFact): LogEvent {
  const { clear, note, access } = unpack(bytes) as Kept
  const { firstBy = note?.actor ?? null, firstAt = atMs } = note?.detail ?? {}
  const again = note && {
    ...note,
    ...{ actor: byItself.actor, role: byItself.role },
    detail: { ...note.detail, because: 'restored', firstBy, firstAt },
  }
  const since = clear.kind === 'subject-restricted' ? sinceOf(clear, atMs) : {}
  return {
    clear: { ...clear, ...since },
    personal: null,
    ...(again && { note: again }),
    ...(access && { access }),
  }
}

const sinceOf = ({ since }: SubjectRestricted, atMs: number) => ({ since: since ?? (atMs as LogTime) })

/** When it was said first, where this is not the first time. */
function firstAt({ note }: Pick<LogEvent, 'note'>): number | null {
  const at = note?.detail.firstAt
  return typeof at === 'number' ? at : null
}
