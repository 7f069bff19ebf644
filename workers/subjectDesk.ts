import { randomBytes } from 'node:crypto'
import { agreedKey, makeIntakePair } from '../config/intakeKeys.ts'
import { wrap } from '../config/keyWrap.ts'
import { pack } from '../config/pack.ts'
import { publicKeyPem } from '../config/signing.ts'
import { limits } from '../core/limits.ts'
import type { CallRecord } from '../core/outcome.ts'
import type { Session } from '../core/records.ts'
import { lastLife } from '../core/life.ts'
import { isCallerRestricted } from '../core/restrict.ts'
import { subjectsNamed } from '../core/subjectNames.ts'
import type { TenantIndex } from '../core/state.ts'
import type {
  FoundSubject,
  RecordsPage,
  RestrictionFacts,
  RightsReply,
  RightsRequest,
} from '../core/wire/rights.ts'
import { headNow } from './auditRows.ts'
import { isErased } from './erasures.ts'
import { callIndex } from './findable.ts'
import type { KeptEvent, Place } from './history.ts'
import { openEvent } from './opener.ts'
import { receiptOf } from './receipt.ts'
import type { Partition } from './partition.ts'
import { shownEvent } from './shown.ts'
import { unheldOf } from './unheld.ts'

/**
 * What an owner answers to who asks for a person's data: who is meant, and what is held. Whoever asks has written into
 * the audit chain that it does, before.
 */

const eventsPerPage = 128
const placesMax = 100_000
const subjectsFoundMax = 256

export function answerRights(
  partition: Partition,
  request: Exclude<RightsRequest, { kind: 'sign-export' }>,
  current: boolean,
): RightsReply {
  const { tenant } = request
  switch (request.kind) {
    case 'find':
      return { kind: 'found', current, found: find(partition, tenant, request.name) }
    case 'records': {
      const page = recordsPage(partition, tenant, request.subjects, request.from)
      const { publicHalf, privateHalf } = makeIntakePair()
      const key = agreedKey(privateHalf, request.for)
      return {
        kind: 'records',
        current,
        from: publicHalf,
        bytes: wrap(pack(page), key, randomBytes(12), bound),
      }
    }
    case 'receipt':
      return { kind: 'receipt', current, receipt: receiptOf(partition, tenant, request.request, Date.now()) }
    case 'audit':
      return { kind: 'audit', current, ...auditPage(partition, tenant, request.from, request.most) }
    case 'restricted': {
      const rows = [...(partition.state.tenants.get(tenant)?.restricted.entries() ?? [])]
      const names = rows.map(([name]) => name)
      const objected = rows.filter(([, { mode }]) => mode === 'objected').map(([name]) => name)
      return { kind: 'restricted', current, ...subjectsNamed(names), objected }
    }
    case 'standing': {
      const { subjects } = request
      const unheld = unheldOf(partition, tenant, subjects)
      const restrictions = subjects.flatMap(subject => {
        const one = restrictionOf(partition, tenant, subject)
        return one === null ? [] : [[subject, one] as const]
      })
      return { kind: 'standing', current, unheld, restrictions: Object.fromEntries(restrictions) }
    }
  }
}

function restrictionOf({ state }: Partition, tenant: string, subject: string): RestrictionFacts | null {
  const one = state.tenants.get(tenant)?.restricted.get(subject)
  return one === undefined ? null : { mode: one.mode, atMs: one.at }
}

const bound = Buffer.from('ringtrail records v1')

/** Everybody whom a name may mean: itself, the visitor of a session, who entered it, and who is linked by a call. */
function find(partition: Partition, tenant: string, name: string): FoundSubject[] {
  const by = new Map<string, FoundSubject['by']>()
  const index = partition.state.tenants.get(tenant)
  const note = (subject: string, how: FoundSubject['by']) => {
    if (!by.has(subject) && by.size < subjectsFoundMax) by.set(subject, how)
  }
  if (name.startsWith('v:')) note(name, 'name')
  else if (name.startsWith('s:')) noteVisitors(partition, tenant, name, subject => note(subject, 'session'))
  else {
    const pseudonym = name.slice(2)
    note(`c:${pseudonym}`, 'name')
    noteVisitors(partition, tenant, `e:${pseudonym}`, subject => note(subject, 'entered'))
    for (const call of callsOf(index, [`c:${pseudonym}`]))
      if (call.match.visitor !== null) note(`v:${call.match.visitor}`, 'call')
  }
  return [...by].map(([subject, how]) => facts(partition, tenant, subject, how)).filter(isHeld)
}

/** Of whom nothing is held an objection may still be in force. */
const isHeld = ({ events, calls, sessions, restriction }: FoundSubject) =>
  events + calls + sessions > 0 || restriction !== null

function noteVisitors(
  partition: Partition,
  tenant: string,
  name: string,
  note: (subject: string) => void,
): void {
  for (const place of partition.store.find(tenant, name, null, placesMax)) {
    const clear = shownEvent(partition, tenant, place)?.clear
    if (clear !== undefined && 'visitor' in clear) note(`v:${clear.visitor}`)
  }
}

function facts(partition: Partition, tenant: string, subject: string, by: FoundSubject['by']): FoundSubject {
  const { state, store, erasures } = partition
  const index = state.tenants.get(tenant)
  const places = store
    .find(tenant, subject, null, placesMax)
    .filter(place => !isErased(erasures, tenant, [subject], place.sequence))
  const sessions = sessionsOf(index, [subject]).length
  const calls = callsOf(index, [subject])
  return {
    ...{ subject, by, sessions, events: places.length, calls: calls.length },
    ...span([...eventTimes(partition, tenant, places), ...calls.flatMap(callTimes)]),
    restriction: restrictionOf(partition, tenant, subject),
  }
}

function span(times: readonly number[]): Pick<FoundSubject, 'firstAtMs' | 'lastAtMs'> {
  const isAny = times.length > 0
  return { firstAtMs: isAny ? Math.min(...times) : null, lastAtMs: isAny ? Math.max(...times) : null }
}

/** When the first and the last of these events were. That a call was put right is nothing that the person did. */
function eventTimes({ store }: Partition, tenant: string, places: readonly Place[]): number[] {
  const isOwn = (place: Place) => store.event(tenant, place)?.clear.kind !== 'call-rectified'
  return [places.find(isOwn), places.findLast(isOwn)].flatMap(place => place?.atMs ?? [])
}

const callTimes = ({ rangAt, answeredAt, endedAt }: CallRecord) => [rangAt, endedAt ?? answeredAt ?? rangAt]

/** One page of all that is held about these people. Calls and sessions, which are few, come with the first. */
function recordsPage(
  partition: Partition,
  tenant: string,
  subjects: readonly string[],
  from: number,
): RecordsPage {
  const { state, keys } = partition
  const index = state.tenants.get(tenant)
  const calls = callsOf(index, subjects)
  // A call by its own name is one of those only if it may be used.
  const names = subjects.filter(name => !name.startsWith('k:'))
  const places = placesOf(partition, tenant, [
    ...names,
    ...calls.map(({ carrier, call }) => callIndex(carrier, call)),
  ])
  const events = places.slice(from, from + eventsPerPage).flatMap(place => {
    const event = shownEvent(partition, tenant, place)
    return event === null ? [] : [{ ...place, ...opened(keys, tenant, event) }]
  })
  const next = from + eventsPerPage < places.length ? from + eventsPerPage : null
  if (from > 0) return { events, calls: [], sessions: [], next }
  return { events, calls, sessions: sessionsOf(index, subjects).map(sessionFacts), next }
}

function opened(keys: Partition['keys'], tenant: string, event: KeptEvent) {
  return { clear: event.clear, session: event.session, personal: openEvent(keys, tenant, event).personal }
}

/** Each once, in the order of the log. */
function placesOf({ store }: Partition, tenant: string, names: readonly string[]): Place[] {
  const found = new Map<string, Place>()
  for (const name of names) {
    for (const place of store.find(tenant, name, null, placesMax))
      found.set(`${place.sequence}.${place.index}`, place)
  }
  return [...found.values()].sort((a, b) => a.sequence - b.sequence || a.index - b.index)
}

/** Calls whose match names one of these visitors, and calls of these callers; of a visit, and by their own names, those of which all may be used. */
function callsOf(index: TenantIndex | undefined, subjects: readonly string[]): CallRecord[] {
  if (index === undefined) return []
  const keys = new Set(subjects.flatMap(subject => callKeysOf(index, subject)))
  return [...keys].flatMap(key => index.calls.get(key) ?? [])
}

function callKeysOf(index: TenantIndex, subject: string): string[] {
  const { names, calls, sessions } = index
  const id = subject.slice(2)
  if (subject.startsWith('v:')) return names.matched.of(id)
  if (subject.startsWith('c:')) return names.calls.of(id)
  const isUsed = (key: string) => {
    const call = calls.get(key)
    return call !== undefined && !isCallerRestricted(index, call.a)
  }
  if (subject.startsWith('k:')) return [id].filter(isUsed)
  const ofVisitor = names.matched.of(sessions.get(id)?.visitor ?? '')
  return ofVisitor.filter(key => calls.get(key)?.match.session === id && isUsed(key))
}

function sessionsOf(index: TenantIndex | undefined, subjects: readonly string[]): Session[] {
  if (index === undefined) return []
  const ids = subjects.flatMap(subject => {
    if (subject.startsWith('s:')) return [subject.slice(2)]
    return subject.startsWith('v:') ? index.names.sessions.of(subject.slice(2)) : []
  })
  return ids.flatMap(id => index.sessions.get(id) ?? [])
}

function sessionFacts(session: Session) {
  const { visitor, site, startedAt } = session
  return { session: session.session, visitor, site, startedAt, lastBeatAt: lastLife(session) }
}

function auditPage({ store, audit }: Partition, tenant: string, from: number, most: number) {
  const { keyId, publicKey } = audit.signer
  const now = headNow(audit, tenant, Date.now())
  const heads = store.heads(tenant, from, most)
  return {
    records: store.audit(tenant, from, Math.min(most, limits.auditRecordsPerPage)),
    heads: now === null ? heads : [...heads, now],
    key: { keyId, publicKey, pem: publicKeyPem(audit.signer) },
  }
}
