import { attributionOf, linkedCaller, withCall, withoutCall } from './caller.ts'
import { fileCall, forgetCallerAt } from './due.ts'
import { nameCall, nameCaller } from './names.ts'
import type { CallRecord } from './outcome.ts'
import { callKey, type TenantIndex } from './state.ts'
import type { Pseudonym } from './words.ts'

/** How calls and callers change: the leaves of `evolve.ts`, and used by nothing else. */

export function changeCall(index: TenantIndex, record: CallRecord): void {
  const { carrier, call } = record
  const key = callKey(carrier, call)
  const before = index.calls.get(key)
  index.calls.set(key, record)
  nameCall(index.names, key, before, record)
  fileCall(index, key, record)
  const a = linkedCaller(record)
  const linkedBefore = before === undefined ? null : linkedCaller(before)
  if (before !== undefined && linkedBefore !== null && linkedBefore !== a)
    dropFromCaller(index, linkedBefore, before)
  if (a !== null) remember(index, a, record)
}

function remember(index: TenantIndex, a: Pseudonym, record: CallRecord): void {
  const { carrier, call, rangAt, b } = record
  const to = attributionOf(record)
  const before = index.callers.get(a)
  const caller = { calls: withCall(index, before?.calls ?? [], { carrier, call, rangAt, b, to }) }
  index.callers.set(a, caller)
  nameCaller(index.names, a, before, caller)
  index.due.callers.file(a, forgetCallerAt(index, caller))
}

/** The call turned out to be another caller's. */
function dropFromCaller(index: TenantIndex, a: string, record: CallRecord): void {
  const before = index.callers.get(a)
  if (before === undefined) return
  const caller = { calls: withoutCall(before.calls, record) }
  nameCaller(index.names, a, before, caller)
  if (caller.calls.length === 0) return index.callers.delete(a)
  index.callers.set(a, caller)
  index.due.callers.file(a, forgetCallerAt(index, caller))
}

export function forgetCall(index: TenantIndex, key: string): void {
  nameCall(index.names, key, index.calls.get(key), undefined)
  index.calls.delete(key)
}

export function forgetCaller(index: TenantIndex, a: string): void {
  nameCaller(index.names, a, index.callers.get(a), undefined)
  index.callers.delete(a)
}
