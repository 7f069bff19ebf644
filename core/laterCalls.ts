import {
  callersCalls,
  duplicated,
  entryOf,
  isEarlier,
  isJustBefore,
  isKnownCaller,
  latestLink,
  linkedCaller,
  withCall,
  withoutCall,
} from './caller.ts'
import { askingOf, conclude, differs, linkedAgain } from './conclude.ts'
import { rememberedCall } from './due.ts'
import { revised } from './history.ts'
import type { CallName, CallRecord, HeardSignal, Outcome, RevisedBecause } from './outcome.ts'
import { erased } from './reasons.ts'
import type { Caller, RememberedCall } from './records.ts'
import { isCallerRestricted } from './restrict.ts'
import { callKey, type State, type TenantIndex } from './state.ts'
import { Table } from './tables.ts'
import type { Question } from './match.ts'
import { ledTo } from './touches.ts'
import type { Pseudonym } from './words.ts'

/** What a caller's later calls owe to an earlier one, made again when that turns out to be otherwise (rules C11, P8). */

export type Told = {
  readonly before: CallRecord | undefined
  readonly record: CallRecord
  /** What goes to make room for the record. */
  readonly room: readonly Outcome[]
  readonly because: RevisedBecause
}

/** The record itself, which may owe something to a call that owed something to it, and the later ones. */
export type Later = { readonly record: CallRecord; readonly outcomes: readonly Outcome[] }

export function laterCalls(state: State, index: TenantIndex, told: Told): Later {
  const { before, record } = told
  const alone: Later = { record, outcomes: [] }
  if (before !== undefined && !isOtherwise(before, record)) return alone
  const old = before === undefined ? null : linkedCaller(before)
  const other = linkedCaller(record)
  const was = before === undefined || old === null ? null : entryOf(before)
  if (old !== null && old === other) return ofCaller(state, index, told, { a: old, was, is: entryOf(record) })
  const left = old === null || was === null ? alone : ofCaller(state, index, told, { a: old, was, is: null })
  if (other === null) return left
  const joined = ofCaller(state, index, told, { a: other, was: null, is: entryOf(record) })
  return { record, outcomes: [...left.outcomes, ...joined.outcomes] }
}

/** Whether a call is to its caller's others another one than it was: what only went on is not. */
function isOtherwise(before: CallRecord, record: CallRecord): boolean {
  return (
    differs(before.match, record.match) ||
    before.rangAt !== record.rangAt ||
    before.forward !== record.forward ||
    linkedCaller(before) !== linkedCaller(record)
  )
}

/** How a caller remembers a call, before and now; null: not. */
type Change = { readonly was: RememberedCall | null; readonly is: RememberedCall | null }
type CallersChange = Change & { readonly a: Pseudonym }

function ofCaller(state: State, index: TenantIndex, told: Told, { a, was, is }: CallersChange): Later {
  const known = callersCalls(index, a)
  const since = Math.min(was?.rangAt ?? Number.MAX_SAFE_INTEGER, is?.rangAt ?? Number.MAX_SAFE_INTEGER)
  if ((known.at(-1)?.rangAt ?? 0) <= since || isGone(told.room, 'caller', a))
    return { record: told.record, outcomes: [] }
  const others = withoutCall(known, told.record)
  const calls = is === null ? others : withCall(index, others, is)
  return inTurn(state, told, {
    index,
    a,
    otherwise: otherwiseBy(index, told),
    calls,
    // Of a caller with so many calls nobody knows whether there were more.
    isWhole: known.length < index.bounds.callsPerCallerMax,
    changes: [
      {
        was: others.length === known.length ? null : was,
        is: is !== null && calls.includes(is) ? is : null,
      },
    ],
  })
}

/** What memory, as it still is, does not know of the calls that there are. */
function otherwiseBy(index: TenantIndex, { before, record, room }: Told): Question['otherwise'] {
  const keys = room.flatMap(one => (one.kind === 'forgotten' && one.what === 'call' ? one.keys : []))
  const gone = [before, ...keys.map(key => index.calls.get(key))].filter(call => call !== undefined)
  return [{ call: record, by: 1 }, ...gone.map(call => ({ call, by: -1 as const }))]
}

function isGone(room: readonly Outcome[], what: 'call' | 'caller', key: string): boolean {
  return room.some(one => one.kind === 'forgotten' && one.what === what && one.keys.includes(key))
}

type Turn = {
  readonly index: TenantIndex
  readonly a: Pseudonym
  readonly otherwise: Question['otherwise']
  readonly isWhole: boolean
  readonly calls: RememberedCall[]
  /** What is known otherwise: what is made again may be an earlier call too. */
  readonly changes: Change[]
}

/** In the order in which they rang, so that each is made again when all before it are. */
function inTurn(state: State, told: Told, turn: Turn): Later {
  const { index, a, changes } = turn
  const outcomes: Outcome[] = []
  let { record } = told
  for (const entry of [...turn.calls]) {
    if (isCall(entry, told.record)) {
      // It rang later than it seemed: what it owes to those in between was made of what they had owed to it.
      if (changes.length > 1) record = replaced(turn, entry, concludedBy(state, turn, record))
      continue
    }
    const key = callKey(entry.carrier, entry.call)
    const before = rememberedCall(index, key, state.now)
    if (before === undefined || linkedCaller(before) !== a || isGone(told.room, 'call', key)) continue
    const made = madeAgain(state, turn, before)
    if (made === before) continue
    const history = revised(before, { at: state.now, because: told.because, match: made.match })
    const after = replaced(turn, entry, { ...made, history })
    const corrects = differs(before.match, made.match)
    outcomes.push({ kind: 'call-changed', tenant: index.id, record: after, state: null, corrects })
  }
  return { record, outcomes }
}

/** The caller remembers the call as this from here on, and what comes after heeds it. */
function replaced({ calls, changes }: Turn, entry: RememberedCall, record: CallRecord): CallRecord {
  const is = entryOf(record)
  calls[calls.indexOf(entry)] = is
  if (changes[0]?.is === entry) changes[0] = { was: changes[0].was, is }
  else changes.push({ was: entry, is })
  return record
}

/** Concluded wholly, by what the caller's calls are now known to be. */
function concludedBy(state: State, { index, a, calls, otherwise }: Turn, record: CallRecord): CallRecord {
  const callers = new Table<Caller>()
  callers.restore(a, { calls: [...calls] })
  const rang = record.heard.find(one => one.at === record.rangAt) as HeardSignal
  return { ...record, ...conclude(state, { ...index, callers }, { ...record, rang, otherwise }) }
}

/** The record with what the changes before it mean for it; the same one where they mean nothing. */
function madeAgain(state: State, turn: Turn, before: CallRecord): CallRecord {
  const changed = turn.changes.reduce((record, change) => afterChange(state, turn, record, change), before)
  const made = isMadeWholly(state, turn, before) ? { ...changed, ...matchedBy(state, turn, before) } : changed
  const isSame =
    made.firstTime === before.firstTime &&
    isSameCallName(made.duplicateOf, before.duplicateOf) &&
    !differs(made.match, before.match)
  return isSame ? before : made
}

function afterChange(state: State, turn: Turn, record: CallRecord, change: Change): CallRecord {
  const { index, calls, isWhole } = turn
  const asking = askingOf(index, record)
  const { now } = state
  const was = change.was !== null && isEarlier(asking, change.was, now) ? change.was : null
  const is = change.is !== null && isEarlier(asking, change.is, now) ? change.is : null
  const duplicateOf = duplicateAfter(state, turn, record, change)
  if (was === null && is === null) return { ...record, duplicateOf }
  const isNew = was !== null && isWhole && !isKnownCaller(calls, asking, now)
  const firstTime = is === null && (record.firstTime === true || isNew)
  const { match, shownMs, touches } = matchAfter(state, turn, record, { was, is })
  return { ...record, match, shownMs, touches, duplicateOf, firstTime }
}

function duplicateAfter(
  state: State,
  { index, calls }: Turn,
  record: CallRecord,
  { was, is }: Change,
): CallName | null {
  const asking = askingOf(index, record)
  const isNamed = was !== null && record.duplicateOf !== null && isCall(record.duplicateOf, was)
  const isNear = is !== null && isJustBefore(asking, is, state.now)
  return isNamed || isNear ? duplicated(calls, asking, record, state.now) : record.duplicateOf
}

type Led = Pick<CallRecord, 'match' | 'shownMs' | 'touches'>

/** Of what is not made wholly: a match that says whom this earlier call went to, or would now; any other stands. */
function matchAfter(state: State, { index, a, calls }: Turn, record: CallRecord, { was, is }: Change): Led {
  const { match } = record
  const asking = askingOf(index, record)
  const isNamed = match.kind === 'returning' && was?.to != null && match.session === was.to.session
  const link = latestLink(calls, asking, state.now)
  if (!isNamed && (link === null || link !== is)) return record
  const linked = linkedAgain(state, record, asking, { calls, a })
  return linked === match ? record : { match: linked, ...ledTo(state, index, { ...record, match: linked }) }
}

/**
 * Whoever called before is weighed in every match but `static` (rules M15 and M17). Not in one that lost a name, which is
 * known no more as it was (rule P3).
 */
function isMadeWholly(state: State, { index, a, changes }: Turn, record: CallRecord): boolean {
  const { match, rangAt } = record
  if (match.kind === 'static' || rangAt < state.now - index.policy.latenessMs) return false
  if (match.reasons.includes(erased) || isCallerRestricted(index, a)) return false
  const asking = askingOf(index, record)
  const isHeeded = (one: RememberedCall | null) => one !== null && isEarlier(asking, one, state.now)
  return changes.some(({ was, is }) => isHeeded(was) || isHeeded(is))
}

function matchedBy(state: State, turn: Turn, record: CallRecord): Led {
  const { match, shownMs, touches } = concludedBy(state, turn, record)
  return { match, shownMs, touches }
}

function isCall(one: CallName, other: CallName): boolean {
  return one.carrier === other.carrier && one.call === other.call
}

function isSameCallName(one: CallName | null, other: CallName | null): boolean {
  return one === null || other === null ? one === other : isCall(one, other)
}
