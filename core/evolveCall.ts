import { fileCall, forgetCallerAt } from './due.ts'
import type { CallRecord } from './outcome.ts'
import type { RememberedCall } from './records.ts'
import { callKey, type TenantIndex } from './state.ts'
import type { Pseudonym } from './words.ts'

/** How calls and callers change: the leaves of `evolve.ts`, and used by nothing else. */

export function changeCall(index: TenantIndex, record: CallRecord): void {
  const { carrier, call, a } = record
  const key = callKey(carrier, call)
  const before = index.calls.get(key)
  index.calls.set(key, record)
  fileCall(index, key, record)
  if (before !== undefined && before.a !== null && before.a !== a) dropFromCaller(index, before.a, before)
  if (a !== null) remember(index, a, record)
}

/** Of a caller the calls that rang last are remembered (rule F3). */
function remember(index: TenantIndex, a: Pseudonym, record: CallRecord): void {
  const { carrier, call, rangAt, match } = record
  const { kind, session, visitor, source, confidence } = match
  const isHolder = kind === 'exact' || kind === 'tail' || kind === 'cooldown' || kind === 'shared'
  const to =
    isHolder && session !== null && visitor !== null ? { session, visitor, source, confidence } : null
  const others = (index.callers.get(a)?.calls ?? []).filter(
    one => one.carrier !== carrier || one.call !== call,
  )
  const calls = [...others, { carrier, call, rangAt, to }].sort(byRing).slice(-index.bounds.callsPerCallerMax)
  const caller = { calls }
  index.callers.set(a, caller)
  index.due.callers.file(a, forgetCallerAt(index, caller))
}

function byRing(one: RememberedCall, other: RememberedCall): number {
  if (one.rangAt !== other.rangAt) return one.rangAt - other.rangAt
  if (one.carrier !== other.carrier) return one.carrier < other.carrier ? -1 : 1
  return one.call < other.call ? -1 : 1
}

/** The call turned out to be another caller's. */
function dropFromCaller(index: TenantIndex, a: string, { carrier, call }: CallRecord): void {
  const caller = index.callers.get(a)
  if (caller === undefined) return
  caller.calls = caller.calls.filter(one => one.carrier !== carrier || one.call !== call)
  if (caller.calls.length === 0) return index.callers.delete(a)
  index.callers.touch(a)
  index.due.callers.file(a, forgetCallerAt(index, caller))
}
