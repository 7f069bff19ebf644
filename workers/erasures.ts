import { pack, unpack } from '../config/pack.ts'
import { namesOf } from '../core/subjectNames.ts'
import type { SubjectErased, TenantEnded } from '../core/input.ts'
import type { Note } from '../core/wire/note.ts'
import { createErased, type Erased } from './erased.ts'
import { type Given, givenOf, isSame, type Keep, type Remembered, type TenantEnd } from './given.ts'
import type { Applied } from './group.ts'
import type { RequestRow } from './requestRows.ts'
import { type InTurn, oneAfterAnother } from './rounds.ts'
import type { Store } from './store.ts'

/**
 * Erasures that were asked for, and how far each has come. The row is put with the commit that holds the entry, so what
 * was acknowledged is carried out, whatever dies.
 */
export type Erasure = {
  readonly tenant: string
  readonly request: string
  /** `v:` visitors and `c:` callers; empty as soon as nothing more has to be destroyed. */
  readonly names: readonly string[]
  /** `withdrawal`: consent was taken back; nobody waits for it. Left out by older rows: somebody asked. */
  readonly because?: 'request' | 'withdrawal'
  /** Keyed references to them, which say nothing to whoever has no key. */
  readonly subjects: readonly string[]
  /** Of how many of them nothing was held; left out by older rows, and where it was not seen. */
  readonly unheld?: number
  /** Log time, and the entry. From then on nothing uses their data. */
  readonly atMs: number
  readonly sequence: number
  /** When return packages that may hold them had been removed; null: not yet. Left out: nobody asked, or an older version did it. */
  readonly returnsGoneAt?: number | null
  /** When, by this machine's clock, each state was reached; null: not yet. */
  readonly rowsGoneAt: number | null
  readonly keysGoneAt: number | null
  readonly intakeRotatedAt: number | null
  readonly intakeGoneAt: number | null
  /** What of the streams has to go first; null: that is not known before the old half is destroyed. */
  readonly streams: Streams | null
  /** The outbox of the gateway beside us was written anew; one elsewhere is not seen from here. */
  readonly outboxGoneAt: number | null
  /** Log and results have passed it, and the stores were written anew. */
  readonly bytesGoneAt: number | null
  readonly rows: number
  /** Ids of the keys that were destroyed, in hex. */
  readonly keyIds: readonly string[]
  /** It is the end of the whole tenant. */
  readonly end?: TenantEnd
  /** It was carried out before, on data of which this is an older copy; what was said of it then. */
  readonly given?: Given
}

/** Entries up to `upTo` have to go, and with them the block that a round of padding ending at `closedBy` has closed. */
export type Passing = { readonly upTo: number; readonly closedBy: number | null }
export type Streams = { readonly log: Passing; readonly results: Passing }

/** In memory are those of which something is left to be done, and whom they are about; the store has every one. */
export type Erasures = {
  /** By place: keys, or rows, are still to be destroyed. */
  readonly pending: Map<string, Erasure>
  /** Every key is destroyed and every row has left; bytes may be left. */
  readonly lingering: Map<string, Erasure>
  /** Heard since the last commit was begun. */
  fresh: Erasure[]
  /** Not on disk yet, and so not carried out. */
  readonly unstored: Set<string>
  /**
   * What the key store remembers and this store does not know: it was restored, or is made anew. Until the log has said
   * them again nothing of these people is shown, and nobody is answered.
   */
  readonly owed: Map<string, Remembered>
  readonly erased: Erased
  /** A tenant that has ended is written by two: each reads how far it is after the other has written. */
  readonly inTurn: InTurn
  /** From the store; null: there is no such request. */
  readonly read: (tenant: string, request: string) => Erasure | null
  /** Puts what a receipt says of it where a copy of the data does not reach; on disk before the row that says it. */
  readonly keep: Keep
}

const placeOf = ({ tenant, request }: Pick<Erasure, 'tenant' | 'request'>) => `${tenant}/${request}`

export function loadErasures(
  store: Pick<Store, 'erasures' | 'erasure'>,
  remembered: readonly Remembered[] = [],
  keep: Keep = async () => undefined,
): Erasures {
  const owed = new Map(remembered.map(one => [placeOf(one), one]))
  const erasures: Erasures = {
    ...{ pending: new Map(), lingering: new Map(), fresh: [], unstored: new Set(), owed },
    erased: createErased(),
    inTurn: oneAfterAnother(),
    keep,
    read: (tenant, request) => {
      const bytes = store.erasure(tenant, request)
      return bytes === null ? null : (unpack(bytes) as Erasure)
    },
  }
  for (const { bytes } of store.erasures()) {
    const erasure = unpack(bytes) as Erasure
    owed.delete(placeOf(erasure))
    file(erasures, erasure)
  }
  for (const [place, one] of owed) erasures.erased.add(place, one, Number.POSITIVE_INFINITY)
  return erasures
}

/** Where it belongs, by how far it has come. */
function file({ pending, lingering, erased }: Erasures, erasure: Erasure): void {
  const place = placeOf(erasure)
  // At the end of a tenant the rows go last.
  const isPending = erasure.intakeGoneAt === null || erasure.rowsGoneAt === null
  if (isPending) pending.set(place, erasure)
  else pending.delete(place)
  if (!isPending && erasure.bytesGoneAt === null) lingering.set(place, erasure)
  else lingering.delete(place)
  erased.remove(place)
  if (erasure.names.length > 0 || erasure.end !== undefined) erased.add(place, erasure, erasure.sequence)
}

/**
 * Takes the erasures of one message. What the core calls repeated is taken too: of somebody whom it has forgotten the
 * history may still hold events. Not of strangers, though: anybody can take back the consent of an id that never was. One
 * that is owed is taken even where the core knows the tenant no more.
 */
export function hearErasures(
  erasures: Erasures,
  applied: readonly Applied[],
  { atMs, sequence }: Pick<Erasure, 'atMs' | 'sequence'>,
  isHeld: (tenant: string, name: string) => boolean,
): void {
  for (const { event, outcomes, unheld } of applied) {
    const { clear } = event
    if (clear.kind !== 'subject-erased' && clear.kind !== 'tenant-ended') continue
    if (outcomes.some(one => one.kind === 'repeated' && one.what === 'message')) continue
    const place = placeOf(clear)
    const owed = erasures.owed.get(place)
    const isOwed = owed !== undefined
    if (isOwed) pay(erasures, place)
    if (!isOwed && outcomes.some(one => one.kind === 'refused')) continue
    // It ended before, and what was left is being deleted already.
    if (!isOwed && clear.kind === 'tenant-ended' && outcomes.some(one => one.kind === 'repeated')) continue
    const { tenant, request } = clear
    const names = namesIn(clear)
    const subjects = event.note?.subjects ?? []
    const because = event.note?.action === 'consent-withdrawn' ? 'withdrawal' : 'request'
    const isStrange = because === 'withdrawal' && outcomes.some(one => one.kind === 'repeated')
    if (isStrange && !names.some(name => isHeld(tenant, name))) continue
    const end = clear.kind === 'tenant-ended' ? { end: endOf(event.note) } : {}
    const asked = { tenant, request, names, because, subjects, atMs, sequence } as const
    const isAsked = because === 'request' && clear.kind === 'subject-erased'
    const returns = isAsked ? { returnsGoneAt: null } : {}
    // Of one that is owed the store knows less than there was.
    const seen = isOwed || unheld === undefined ? {} : { unheld }
    const erasure = {
      ...asked,
      ...seen,
      ...nothingDone,
      ...returns,
      ...end,
      ...(owed?.given && { given: owed.given }),
    }
    // One that is heard again after a crash may have come further.
    if (erasureOf(erasures, tenant, request) !== null) continue
    file(erasures, erasure)
    erasures.unstored.add(place)
    erasures.fresh.push(erasure)
  }
}

/** The log has said it again. */
function pay({ owed, erased }: Erasures, place: string): void {
  owed.delete(place)
  erased.remove(place)
}

function namesIn(clear: SubjectErased | TenantEnded): string[] {
  return clear.kind === 'tenant-ended' ? [] : namesOf(clear)
}

/** What was handed back before, as the note of the entry says it. */
function endOf(note: Note | undefined): TenantEnd {
  const { returnedAt, manifest, records } = note?.detail ?? {}
  const returned =
    typeof manifest === 'string'
      ? { atMs: Number(returnedAt), manifestSha256: manifest, records: Number(records) }
      : null
  return { deleted: {}, returned, leftRows: null, leftKeys: null }
}

const nothingDone = {
  rowsGoneAt: null,
  keysGoneAt: null,
  intakeRotatedAt: null,
  intakeGoneAt: null,
  streams: null,
  outboxGoneAt: null,
  bytesGoneAt: null,
  rows: 0,
  keyIds: [],
} as const

/** What the next commit has to hold. */
export function takeErasures(erasures: Erasures): Erasure[] {
  const { fresh } = erasures
  erasures.fresh = []
  return fresh
}

/** The commit is through: from now on they are carried out. */
export function committed(erasures: Erasures, taken: readonly Erasure[]): void {
  for (const erasure of taken) erasures.unstored.delete(placeOf(erasure))
}

/** Those that are on disk and have still something to destroy. */
export function pendingErasures({ pending, unstored }: Erasures): Erasure[] {
  return [...pending.values()].filter(one => !unstored.has(placeOf(one)))
}

/**
 * Whether an event is somebody's who was erased after it: nothing shows it from the moment on at which that was applied,
 * although its row may leave a little later.
 */
export function isErased(
  { erased }: Erasures,
  tenant: string,
  names: readonly string[],
  sequence: number,
): boolean {
  return erased.has(tenant, names, sequence)
}

export function rowOf(erasure: Erasure): RequestRow {
  return { tenant: erasure.tenant, request: erasure.request, bytes: pack(erasure) }
}

/** What an erasure has come to, by how it stands now. */
type Further = (now: Erasure) => Partial<Erasure>

/** Says that an erasure has come further, on disk first, and how it stands then. */
export async function advance(
  erasures: Erasures,
  store: Pick<Store, 'putErasure'>,
  erasure: Erasure,
  further: Further,
): Promise<Erasure> {
  let after = erasure
  const note: Further = now => {
    after = { ...now, ...further(now) }
    return after
  }
  await advanceWith(erasures, erasure, async rowAfter => {
    const row = rowAfter(note)
    const given = givenOf(after)
    if (given !== null && !isSame(given, givenOf(erasure))) await erasures.keep(after, given)
    await store.putErasure(row)
  })
  return after
}

/**
 * The same, where the row that says it goes to the disk in one commit with what it says: `rowAfter` makes it when that is
 * known. Where nothing is committed it is not asked.
 */
export async function advanceWith<Result>(
  erasures: Erasures,
  erasure: Erasure,
  commit: (rowAfter: (further: Further) => RequestRow) => Promise<Result>,
): Promise<Result> {
  return erasures.inTurn(async () => {
    let now = erasureOf(erasures, erasure.tenant, erasure.request) ?? erasure
    const result = await commit(further => {
      now = { ...now, ...further(now) }
      return rowOf(now)
    })
    file(erasures, now)
    return result
  })
}

export function erasureOf(erasures: Erasures, tenant: string, request: string): Erasure | null {
  const place = placeOf({ tenant, request })
  return erasures.pending.get(place) ?? erasures.lingering.get(place) ?? erasures.read(tenant, request)
}

/** All of a tenant, each once, those that are not on disk yet among them. */
export function erasuresOf(
  { pending }: Erasures,
  store: Pick<Store, 'erasuresOf'>,
  tenant: string,
): Erasure[] {
  const stored = [...store.erasuresOf(tenant)].map(({ bytes }) => unpack(bytes) as Erasure)
  const held = [...pending.values()].filter(one => one.tenant === tenant)
  return [...new Map([...stored, ...held].map(one => [placeOf(one), one])).values()]
}
