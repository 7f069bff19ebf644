import { randomBytes } from 'node:crypto'
import { contactsIn } from '../config/contacts.ts'
import { pack, unpack } from '../config/pack.ts'
import { headOf, joinParts, makeSeal, nonceBytes, recordKey, sealBytes } from '../config/sealing.ts'
import { limits } from '../core/limits.ts'
import { boundTo } from '../core/subjectNames.ts'
import { correct, correctContacts, type Correction, type Entered } from '../core/correct.ts'
import type { PhoneNumber } from '../core/words.ts'
import type { Applied } from './group.ts'
import type { HistoryRow, KeptEvent, Place } from './history.ts'
import type { KeyStore } from './keys/keyStore.ts'
import { openPart, partsOf } from './opener.ts'
import type { RequestRow } from './requestRows.ts'
import { createRests, type InTurn } from './rounds.ts'
import type { Store } from './store.ts'

/**
 * Values about a person that are put right. The correction is in the log, sealed under a new key of the subject. Its events
 * are sealed anew under that key with the right value in the place of the wrong one, and then the keys that they had are
 * destroyed, and in a while the half of ours under which they came: so the old value can be opened nowhere any more, in no
 * log and no backup.
 */
export type Rectification = {
  readonly tenant: string
  readonly request: string
  readonly subject: string
  readonly sealed: Uint8Array
  /** The keys that the subject had when it was heard, in hex. */
  readonly oldIds: readonly string[]
  /** By this machine's clock; before a while has passed gateways may still seal under an old key. */
  readonly heardAt: number
  readonly doneAt: number | null
  readonly changed: number
}

export type Rectifications = { readonly all: Map<string, Rectification>; fresh: Rectification[] }

type Keys = Pick<KeyStore, 'idsOf' | 'subjectKey' | 'subjectKeyInTurn' | 'periodKey' | 'eraseSubjects'>
type OpeningKeys = Pick<Keys, 'subjectKey' | 'periodKey'>

const placeOf = ({ tenant, request }: { readonly tenant: string; readonly request: string }) =>
  `${tenant}/${request}`

export function loadRectifications(store: Pick<Store, 'rectifications'>): Rectifications {
  const all = new Map<string, Rectification>()
  for (const { bytes } of store.rectifications()) {
    const one = unpack(bytes) as Rectification
    all.set(placeOf(one), one)
  }
  return { all, fresh: [] }
}

export function hearRectifications(
  { all, fresh }: Rectifications,
  applied: readonly Applied[],
  keys: Keys,
  clock: () => number,
): void {
  for (const { event, outcomes } of applied) {
    const { rectify, clear, personal } = event
    if (rectify === undefined || personal === null || clear.kind !== 'noted') continue
    if (!outcomes.some(one => one.kind === 'noted')) continue
    const { tenant } = clear
    const { request, subject } = rectify
    if (all.has(placeOf({ tenant, request }))) continue
    const newId = hex(headOf(personal)?.subjectKeyId ?? new Uint8Array())
    const oldIds = keys
      .idsOf(tenant, subject)
      .map(hex)
      .filter(id => id !== newId)
    const one = { tenant, request, subject, sealed: personal, oldIds, heardAt: clock() }
    fresh.push({ ...one, doneAt: null, changed: 0 })
  }
}

/** What the next commit has to hold. */
export function takeRectifications(rectifications: Rectifications): Rectification[] {
  const taken = rectifications.fresh
  rectifications.fresh = []
  return taken
}

/** The commit is through: from now on they are carried out. */
export function storedRectifications({ all }: Rectifications, taken: readonly Rectification[]): void {
  for (const one of taken) if (!all.has(placeOf(one))) all.set(placeOf(one), one)
}

export function rectificationRow(one: Rectification): RequestRow {
  return { tenant: one.tenant, request: one.request, bytes: pack(one) }
}

/** Whether one is left to be carried out. */
export function isRectifying({ all }: Rectifications): boolean {
  for (const { doneAt } of all.values()) if (doneAt === null) return true
  return false
}

export type Rectifier = {
  readonly store: Store
  readonly keys: Keys
  /** From then on gateways wrap keys for another half, and the one that was in use is destroyed in a while. */
  readonly replaceIntake: () => Promise<void>
  /** A number of the tenant's own: of its country are the national numbers that were entered. */
  readonly ownNumber: (tenant: string) => PhoneNumber | null
  /** Says in the audit chain that the old keys were destroyed. */
  readonly note: (one: Rectification) => void
  /** Who else seals events anew does it between two pages: each reads what it will put back. */
  readonly inTurn: InTurn
  /** false: whoever is asked to stop does so soon, and the next one goes on from there. */
  readonly goesOn: () => boolean
}

/**
 * Carries out what is on disk and old enough. What fails is done again in the next round. `now`: up to then all that the log
 * had is in the store, so no event is passed over that has an old key.
 */
export async function rectify(
  rectifications: Rectifications,
  { store, keys, replaceIntake, ownNumber, note, inTurn, goesOn }: Rectifier,
  now: number,
): Promise<void> {
  const isDue = ({ doneAt, heardAt }: Rectification) =>
    doneAt === null && now >= heardAt + limits.rectifyAfterMs
  const due = [...rectifications.all.values()].filter(isDue)
  // No gateway brings an old key any more: once for all of them is enough, and before the first is said to be done.
  if (due.length > 0) await replaceIntake()
  for (const one of due) {
    if (!(await sealAnew(rectifications, one, { store, keys, ownNumber, inTurn, goesOn }))) return
    // It is on the disk before the keys under which it was are destroyed.
    if (!(await store.isFlushed())) throw new Error('what was sealed anew is not on the disk')
    const ids = one.oldIds.map(id => Buffer.from(id, 'hex'))
    await keys.eraseSubjects([{ tenant: one.tenant, names: [one.subject], ids }])
    const sealed = rectifications.all.get(placeOf(one)) ?? one
    const done = { ...sealed, sealed: new Uint8Array(), doneAt: now }
    await store.putRectification(rectificationRow(done))
    rectifications.all.set(placeOf(one), done)
    note(done)
  }
}

/**
 * Seals every event of the subject that has an old key anew, corrected, a page at a time. In how many something was put
 * right is on the disk with them. Says whether it came to the end.
 */
async function sealAnew(
  { all }: Rectifications,
  one: Rectification,
  { store, keys, ownNumber, inTurn, goesOn }: Omit<Rectifier, 'replaceIntake' | 'note'>,
): Promise<boolean> {
  const held = await hold(one, keys)
  const anew = anewOf(one, held, ownNumber(one.tenant))
  // Erased meanwhile: nothing is left that could be put right.
  if (anew === null) return true
  const rest = createRests()
  let [after, changed]: [Place | null, number] = [null, one.changed]
  while (goesOn()) {
    const places = store.find(one.tenant, one.subject, after, sealedAtOnce)
    await inTurn(async () => {
      const page = pageAnew(one, anew, places, { store, keys: held })
      changed += page.changed
      if (page.rows.length > 0) await store.replace(page.rows, rectificationRow({ ...one, changed }))
    })
    all.set(placeOf(one), { ...one, changed })
    if (places.length < sealedAtOnce) return true
    after = places.at(-1) ?? null
    await rest()
  }
  return false
}

/** Some milliseconds of work: so long others wait at most. */
const sealedAtOnce = 64

/** Beside an erasure a key may be hard to find for a moment, and what is passed over here is lost with the old key. */
async function hold({ sealed, oldIds }: Rectification, keys: Keys): Promise<OpeningKeys> {
  const newId = headOf(sealed)?.subjectKeyId ?? new Uint8Array()
  const held = new Map<string, ReturnType<Keys['subjectKey']>>()
  for (const id of [newId, ...oldIds.map(old => Buffer.from(old, 'hex'))])
    held.set(hex(id), keys.subjectKey(id) ?? (await keys.subjectKeyInTurn(id)))
  return { periodKey: keys.periodKey, subjectKey: id => held.get(hex(id)) ?? null }
}

/** What it is sealed anew with; null: there is none any more. */
function anewOf(one: Rectification, keys: OpeningKeys, own: PhoneNumber | null): Anew | null {
  const { tenant, oldIds } = one
  const newId = headOf(one.sealed)?.subjectKeyId
  const secret = newId === undefined ? null : (keys.subjectKey(newId)?.secret ?? null)
  if (newId === undefined || secret === null) return null
  const correction = openPart(keys, tenant, `rectify ${one.request}`, one.sealed) as Correction | null
  return correction === null ? null : { newId, secret, correction, oldIds, own }
}

function pageAnew(
  { tenant }: Rectification,
  anew: Anew,
  places: readonly Place[],
  { store, keys }: { readonly store: Store; readonly keys: OpeningKeys },
): { readonly rows: readonly HistoryRow[]; readonly changed: number } {
  let changed = 0
  const rows: HistoryRow[] = []
  for (const place of places) {
    const event = store.event(tenant, place)
    const after = event && resealed(event, tenant, anew, keys)
    if (!after) continue
    rows.push({ tenant, ...place, event: after.event })
    if (after.isChanged) changed += 1
  }
  return { rows, changed }
}

type Anew = {
  readonly newId: Uint8Array
  readonly secret: Buffer
  readonly correction: Correction
  readonly oldIds: readonly string[]
  readonly own: PhoneNumber | null
}

/** null: it has no part under an old key. A part whose period is over stays as it is: nobody can open it. */
function resealed(
  event: KeptEvent,
  tenant: string,
  anew: Anew,
  keys: OpeningKeys,
): { event: KeptEvent; isChanged: boolean } | null {
  const { personal, clear } = event
  if (personal === null) return null
  const belongsTo = boundTo(clear)
  let [isTouched, isChanged] = [false, false]
  let found = clear
  const after = partsOf(personal).map(part => {
    const head = headOf(part)
    if (head === null || !anew.oldIds.includes(hex(head.subjectKeyId))) return part
    const values = openPart(keys, tenant, belongsTo, part)
    const period = keys.periodKey(head.periodKeyId)
    if (values === null || period === null) return part
    const right = correct(values, anew.correction)
    isTouched = true
    isChanged ||= right.isChanged
    if (right.isChanged)
      found = correctContacts(found, anew.correction, enteredIn(values, right.values, anew))
    const seal = makeSeal({
      key: recordKey(anew.secret, period.secret, tenant),
      subjectKeyId: anew.newId,
      periodKeyId: head.periodKeyId,
      nonce: randomBytes(nonceBytes),
    })
    return sealBytes(pack(right.values), seal, tenant, belongsTo)
  })
  if (!isTouched) return null
  return { event: { ...event, clear: found, personal: joinParts(after) }, isChanged }
}

function enteredIn(before: Values, after: Values, { correction, own }: Anew): Entered {
  const [right = null] = contactsIn({ to: correction.to }, own)
  return { before: contactsIn(fieldsOf(before), own), after: contactsIn(fieldsOf(after), own), right }
}

type Values = Readonly<Record<string, unknown>>

function fieldsOf({ fields }: Values): Values {
  return typeof fields === 'object' && fields !== null ? (fields as Values) : {}
}

function hex(id: Uint8Array): string {
  return Buffer.from(id).toString('hex')
}
