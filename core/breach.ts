import type { AuditAction, Note } from './audit.ts'

/**
 * A breach of personal data as it is kept: whose, since when it is known, what it reaches, how far the controllers have
 * been told. It follows from the audit notes alone, so it is the same wherever they are read.
 */

const hour = 3_600_000
/** From becoming aware to the controllers having the first document. */
export const breachClockMs = 24 * hour
export const breachPhases = [1, 2, 3] as const
export type BreachPhase = (typeof breachPhases)[number]

const listed = <Name extends string>(natures: Readonly<Record<Name, string>>) => natures

/** Article 33(3)(a) GDPR and EDPB Guidelines 9/2022: confidentiality, integrity, availability. */
export const breachNatures = listed({
  'unauthorised-access': 'Confidentiality: data could be read by somebody who had no right to it.',
  disclosure: 'Confidentiality: data was handed or sent to somebody who should not have it.',
  alteration: 'Integrity: data was changed without right, or by mistake.',
  loss: 'Availability: data was lost or destroyed and cannot be brought back.',
  unavailability: 'Availability: data could not be reached for a time.',
})
export type BreachNature = keyof typeof breachNatures

/** null: not narrowed by it. Times are those of the records; with actors, those of what the actors did. */
export type BreachScope = {
  readonly fromMs: number
  readonly toMs: number
  readonly tenants: readonly string[] | null
  /** A worker node is named by its partitions. */
  readonly partitions: readonly number[] | null
  /** Ids of access keys. */
  readonly actors: readonly string[] | null
}

export type Breach = {
  readonly id: string
  /** '': opened by the processor. */
  readonly tenant: string
  readonly nature: BreachNature
  readonly reference: string | null
  readonly openedAt: number
  readonly awareAt: number
  readonly dueAt: number
  readonly scope: BreachScope
  readonly phases: readonly { readonly phase: BreachPhase; readonly at: number; readonly by: string }[]
  readonly packs: number
}

/** Approximate as Article 33 asks: the count, and by how much it may be off (three standard deviations); 0: exact. */
export type Approximate = { readonly count: number; readonly plusMinus: number }

export const countedKinds = ['session', 'page-view', 'engagement', 'call'] as const
export type CountedKind = (typeof countedKinds)[number]

/** By these whoever asks is given personal data; what their records count is what was handed out. */
export const handingOut: readonly AuditAction[] = [
  ...(['subject-accessed', 'subject-exported', 'tenant-returned', 'calls-opened', 'visit-opened'] as const),
]

export type BreachCounts = {
  /** Exact, but for sessions and calls, of which several rows may speak. */
  readonly records: Readonly<Record<CountedKind, Approximate>>
  readonly visitors: Approximate
  readonly callers: Approximate
  /**
   * What the actors of the scope did, and what was handed to them; null: the scope names none. `uncounted`: records of the
   * chain that say that data was handed out, and not how much.
   */
  readonly acted: {
    readonly actions: Readonly<Record<string, number>>
    readonly records: number
    readonly subjects: Approximate
    readonly uncounted: number
  } | null
  /** Records of the chain of what was done since it became known, by action; a tenant’s first configuration is none. */
  readonly measures: Readonly<Record<string, number>>
  readonly auditRecords: number
  readonly rows: number
}

/** Of all kinds together: what the rows of a pack’s table add up to. */
export function together(records: readonly Approximate[]): Approximate {
  const sum = (of: (one: Approximate) => number) => records.reduce((total, one) => total + of(one), 0)
  return { count: sum(one => one.count), plusMinus: sum(one => one.plusMinus) }
}

/** What a note makes of a breach; the same object where it is about something else. */
export function breachAfter(
  known: Breach | null,
  tenant: string,
  note: Pick<Note, 'action' | 'request' | 'purpose' | 'detail' | 'actor'>,
  at: number,
): Breach | null {
  const { action, request, detail, purpose } = note
  if (request === null) return known
  // Said again, of data that was put back: what counts is when it was said first, and by whom.
  const [saidAt, by] = [Number(detail.firstAt ?? at), String(detail.firstBy ?? note.actor)]
  if (action === 'breach-opened' && known === null) {
    const awareAt = Number(detail.awareAt ?? saidAt)
    return {
      ...{ id: request, tenant, nature: detail.nature as BreachNature, reference: purpose },
      ...{ openedAt: saidAt, awareAt, dueAt: awareAt + breachClockMs, scope: scopeIn(detail) },
      ...{ phases: [], packs: 0 },
    }
  }
  if (known === null) return null
  if (action === 'breach-pack-made') return { ...known, packs: known.packs + 1 }
  if (action !== 'breach-phase') return known
  const phase = Number(detail.phase) as BreachPhase
  return phase === nextPhase(known)
    ? { ...known, phases: [...known.phases, { phase, at: saidAt, by }] }
    : known
}

/** null: all phases are over. */
export function nextPhase({ phases }: Pick<Breach, 'phases'>): BreachPhase | null {
  return breachPhases.find(phase => phase === phases.length + 1) ?? null
}

/** For how long it has been known without the controllers having been told; 0: they have been. */
export function unnotifiedMs({ phases, awareAt }: Pick<Breach, 'phases' | 'awareAt'>, now: number): number {
  return phases.length > 0 ? 0 : Math.max(0, now - awareAt)
}

/** Notes hold plain values only. */
export function detailOf(scope: BreachScope): Note['detail'] {
  const joined = (list: readonly (string | number)[] | null) => (list === null ? null : list.join(','))
  return {
    from: scope.fromMs,
    to: scope.toMs,
    tenants: joined(scope.tenants),
    partitions: joined(scope.partitions),
    actors: joined(scope.actors),
  }
}

function scopeIn(detail: Note['detail']): BreachScope {
  const list = (value: Note['detail'][string] | undefined) =>
    typeof value !== 'string' ? null : value.split(',').filter(one => one !== '')
  return {
    fromMs: Number(detail.from ?? 0),
    toMs: Number(detail.to ?? 0),
    tenants: list(detail.tenants),
    partitions: list(detail.partitions)?.map(Number) ?? null,
    actors: list(detail.actors),
  }
}
