import { type KeyObject, randomBytes } from 'node:crypto'
import { pack, unpack } from '../config/pack.ts'
import {
  headOf,
  joinParts,
  makeSeal,
  nonceBytes,
  openBytes,
  recordKeysOf,
  sealBytes,
} from '../config/sealing.ts'
import type { Input } from '../core/input.ts'
import { fieldsMissing, keptForMs, restWithout, type Terms } from '../core/keptFor.ts'
import { limits } from '../core/limits.ts'
import { policiesOf } from '../core/state.ts'
import { boundTo } from '../core/subjectNames.ts'
import type { HistoryRow, Place } from './history.ts'
import type { HeldPeriod, PeriodEnd } from './keys/periods.ts'
import { partsOf } from './opener.ts'
import type { Partition } from './partition.ts'
import type { Kept } from './retention.ts'
import { dayOf } from './retentionNotes.ts'

/**
 * A field that goes earlier has a key of its own from the moment on at which gateways know that it does. In what was sealed
 * before, it lies with the rest under one key. When it is due there, those events are sealed anew without it, under a key
 * that ends when the old one would have, and the old key is destroyed: so the field can be opened nowhere any more, in no
 * log and no backup. Of what a backup holds of these events the rest goes too.
 */

/** `storedUntilMs`: of what came later not all is in the store, so no key of it goes. */
type Stored = Kept & Pick<Partition, 'storedUntilMs'>

/** Keys of one tenant and name in which fields are due, and how far their events were looked at. */
type Sweep = {
  readonly tenant: string
  readonly fields: readonly string[]
  /** What their keys are kept for when the fields are gone. */
  readonly name: string
  readonly periods: ReadonlyMap<string, Sealing>
  readonly fromMs: number
  readonly toMs: number
  after: Place | null
  sealedAnew: number
}

/** `lane`: where it is in use, once that is seen. `anew`: what takes its place; null: nothing that it sealed was met yet. */
type Sealing = { readonly period: HeldPeriod; lane: 'calls' | 'visits' | null; anew: Anew | null }

/** `opens` and `seals` make the keys of a person's records. */
type Anew = {
  readonly id: Uint8Array
  readonly opens: (subjectKey: Uint8Array) => KeyObject
  readonly seals: (subjectKey: Uint8Array) => KeyObject
}

/** What is under way, from one round to the next. A crash begins it again. */
export type FieldExpiry = { sweep: Sweep | null }

/** One round: looks at so many events at most. Says how many keys it destroyed. */
export async function expireFields(kept: Stored, expiry: FieldExpiry): Promise<number> {
  let [left, destroyed] = [limits.fieldExpiryPerRoundMax, 0]
  while (left > 0) {
    expiry.sweep ??= nextSweep(kept)
    const { sweep } = expiry
    if (sweep === null) break
    const rows = pageOf(kept, sweep)
    await sealAnew(kept, sweep, rows)
    sweep.after = rows.at(-1) ?? sweep.after
    left -= Math.max(1, rows.length)
    if (rows.length === limits.fieldExpiryAtOnceMax) continue
    destroyed += await endSweep(kept, sweep)
    expiry.sweep = null
  }
  return destroyed
}

/** The log time at which the first field is due in what a key sealed together with the rest; null: none is in it. */
export function fieldsDueAt(terms: Terms | null, { name, untilMs }: PeriodEnd): number | null {
  if (terms === null) return null
  const lifetimes = fieldsIn(terms, name).map(field => keptForMs(terms, field))
  return lifetimes.length === 0 ? null : untilMs + Math.min(...lifetimes)
}

/** The fields that go earlier and may lie under a key of that name together with others. */
function fieldsIn({ fieldRetentionMs = {} }: Terms, name: string): string[] {
  const missing = fieldsMissing(name)
  if (missing === null) return []
  return Object.keys(fieldRetentionMs).filter(field => !missing.includes(field))
}

function nextSweep({ state, keys, storedUntilMs }: Stored): Sweep | null {
  const policies = new Map(policiesOf(state).map(policy => [policy.tenant, policy]))
  for (const first of keys.nextPeriods()) {
    const { tenant, name } = first
    const terms = policies.get(tenant)
    if (terms === undefined) continue
    const isDue = (field: string, untilMs: number) => untilMs + keptForMs(terms, field) <= storedUntilMs
    const fields = fieldsIn(terms, name).filter(field => isDue(field, first.untilMs))
    if (fields.length === 0) continue
    const periods = keys
      .periodsNamed(tenant, name)
      .filter(
        ({ untilMs }) => untilMs <= first.untilMs + dayMs && fields.every(field => isDue(field, untilMs)),
      )
    return sweepOf(periods, fields, storedUntilMs)
  }
  return null
}

const dayMs = 86_400_000

function sweepOf(periods: readonly HeldPeriod[], fields: readonly string[], now: number): Sweep | null {
  const [first, last] = [periods[0], periods.at(-1)]
  if (first === undefined || last === undefined) return null
  const { tenant, name } = first
  return {
    tenant,
    fields,
    name: restWithout([...(fieldsMissing(name) ?? []), ...fields]),
    periods: new Map(periods.map(period => [hex(period.id), { period, anew: null, lane: null }])),
    // A key is in the log before what it seals, and in use for so long at most.
    fromMs: first.untilMs - limits.periodMsMax,
    toMs: Math.min(now, last.untilMs + limits.fieldExpiryLateMs) + 1,
    after: null,
    sealedAnew: 0,
  }
}

function pageOf({ store }: Kept, { tenant, fromMs, toMs, after }: Sweep): HistoryRow[] {
  return store.historyPage(tenant, { fromMs, toMs, after }, limits.fieldExpiryAtOnceMax)
}

/** New keys are on the disk before what is sealed under them. */
async function sealAnew(kept: Kept, sweep: Sweep, rows: readonly HistoryRow[]): Promise<void> {
  const met = rows.flatMap(row => sealingsIn(sweep, row))
  const due = [...new Set(met)].filter(one => one.anew === null && mayHold(one, sweep.fields))
  if (due.length > 0) await beginAnew(kept.keys, sweep, due)
  const anew: HistoryRow[] = []
  for (const row of rows) {
    const after = await rowWithoutFields(kept, sweep, row)
    if (after !== null) anew.push(after)
  }
  if (anew.length > 0) await kept.store.replace(anew)
  sweep.sealedAnew += anew.length
}

/** For one that was destroyed meanwhile, with its tenant perhaps, none is made. */
async function beginAnew(
  keys: Kept['keys'],
  { tenant, name }: Sweep,
  due: readonly Sealing[],
): Promise<void> {
  const old = due.map(one => ({ one, secret: keys.periodKey(one.period.id)?.secret }))
  const there = old.filter(({ secret }) => secret !== undefined)
  const made = await keys.makePeriods(there.map(({ one }) => ({ tenant, name, untilMs: one.period.untilMs })))
  for (const [place, { one, secret }] of there.entries()) {
    const id = made[place]?.id
    const anew = id && keys.periodKey(id)?.secret
    if (!secret || !anew) continue
    one.anew = { id, opens: recordKeysOf(secret, tenant), seals: recordKeysOf(anew, tenant) }
  }
}

function sealingsIn({ periods }: Sweep, { event: { clear, personal } }: HistoryRow): Sealing[] {
  if (personal === null) return []
  return sealedParts(personal).flatMap(part => {
    const one = periods.get(periodOf(part))
    if (one !== undefined) one.lane = laneOf(clear)
    return one ?? []
  })
}

/** The event with its parts sealed anew where they hold a field that is due; null: none does. */
async function rowWithoutFields({ keys }: Kept, sweep: Sweep, row: HistoryRow): Promise<HistoryRow | null> {
  const { clear, personal } = row.event
  if (personal === null) return null
  let isTouched = false
  const parts: Uint8Array[] = []
  for (const part of sealedParts(personal)) {
    const anew = sweep.periods.get(periodOf(part))?.anew
    const after = anew ? await withoutFields(keys, sweep, anew, { part, belongsTo: boundTo(clear) }) : null
    isTouched ||= after !== null
    parts.push(after ?? part)
  }
  return isTouched ? { ...row, event: { ...row.event, personal: joinParts(parts) } } : null
}

/** null: it does not open, because the person was erased, or it is damaged; then it is as good as gone. */
async function withoutFields(
  keys: Kept['keys'],
  { tenant, fields }: Sweep,
  { id, opens, seals }: Anew,
  { part, belongsTo }: { readonly part: Uint8Array; readonly belongsTo: string },
): Promise<Uint8Array | null> {
  const subjectKeyId = headOf(part)?.subjectKeyId ?? new Uint8Array()
  // Beside an erasure a key may be hard to find for a moment, and what is passed over here is lost with the old key.
  const subject = keys.subjectKey(subjectKeyId) ?? (await keys.subjectKeyInTurn(subjectKeyId))
  const values = subject && opened(() => openBytes(part, opens(subject.secret), tenant, belongsTo))
  if (!values) return null
  const rest = Object.fromEntries(Object.entries(values).filter(([name]) => !fields.includes(name)))
  const nonce = randomBytes(nonceBytes)
  const key = seals(subject.secret)
  const seal = makeSeal({ key, subjectKeyId, periodKeyId: id, nonce })
  return sealBytes(pack(rest), seal, tenant, belongsTo)
}

function opened(open: () => Uint8Array): Record<string, unknown> | null {
  try {
    return unpack(open()) as Record<string, unknown>
  } catch {
    return null
  }
}

/** What is sealed anew is on the disk before the key under which it was is destroyed. */
async function endSweep({ state, store, keys }: Kept, sweep: Sweep): Promise<number> {
  const { tenant, fields, name, sealedAnew } = sweep
  if (!(await store.isFlushed())) throw new Error('what was sealed anew is not on the disk')
  const all = [...sweep.periods.values()]
  const idsOf = (some: readonly Sealing[]) => some.map(({ period }) => period.id)
  await keys.renamePeriods(idsOf(all.filter(one => !mayHold(one, fields))), name)
  const destroyed = await keys.destroyPeriodsOf(idsOf(all.filter(one => mayHold(one, fields))))
  const counts = { periodKeys: destroyed, subjectKeys: 0, sealedAnew }
  await store.countKeys({ tenant, day: dayOf(state.now) }, counts)
  return destroyed
}

/** A key is used in one lane: what it sealed of calls says that it never sealed anything of visits. */
function mayHold({ lane }: Sealing, fields: readonly string[]): boolean {
  if (lane === null) return true
  return fields.some(field => callFields.includes(field) === (lane === 'calls'))
}

const callFields: readonly string[] = ['a', 'c']

function laneOf({ kind }: Input): 'calls' | 'visits' {
  return kind === 'signal' || kind === 'call-rectified' ? 'calls' : 'visits'
}

function sealedParts(personal: Uint8Array): readonly Uint8Array[] {
  try {
    return partsOf(personal)
  } catch {
    return []
  }
}

const periodOf = (part: Uint8Array) => hex(headOf(part)?.periodKeyId ?? new Uint8Array())

function hex(id: Uint8Array): string {
  return Buffer.from(id).toString('hex')
}
