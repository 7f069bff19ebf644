import {
  type Approximate,
  type Breach,
  breachNatures,
  type BreachCounts,
  type BreachPhase,
  countedKinds,
  type CountedKind,
} from '../../core/breach.ts'
import { auditActions, type AuditAction } from '../../core/audit.ts'
import { categoryWords, type CategoryWords } from '../../core/breachWords.ts'
import type { Config } from '../types.ts'

/** What a controller is told of a breach: Article 33(3) GDPR, as far as it is known. `null` is never blank in the text. */
export type BreachPack = {
  readonly kind: 'ringtrail-breach-pack'
  readonly version: 1
  readonly breach: string
  readonly reference: string | null
  readonly phase: BreachPhase
  readonly controller: {
    readonly tenant: string
    readonly name: string | null
    readonly contact: string | null
  }
  readonly processor: {
    readonly name: string | null
    readonly contact: string | null
    readonly dataProtectionOfficer: string | null
  }
  readonly madeAt: string
  readonly clock: {
    readonly awareAt: string
    readonly dueAt: string
    readonly leftMinutes: number
    readonly told: readonly { readonly phase: BreachPhase; readonly at: string }[]
  }
  readonly scope: {
    readonly from: string
    readonly to: string
    readonly partitions: readonly number[] | null
    readonly actors: readonly string[] | null
  }
  readonly nature: string
  readonly categories: readonly (CategoryWords & {
    readonly kind: CountedKind
    readonly records: Approximate
  })[]
  readonly subjects: { readonly visitors: Approximate; readonly callers: Approximate }
  readonly acted: BreachCounts['acted']
  readonly measures: readonly {
    readonly action: string
    readonly says: string
    readonly count: number
  }[]
  /** What is not known yet, and who says it. */
  readonly open: readonly string[]
}

/** What counts as a measure against a breach, of all that the chain holds. */
const measureActions: readonly AuditAction[] = [
  ...([
    'access-key-revoked',
    'access-key-rotated',
    'keys-destroyed',
    'subject-erased',
    'configured',
  ] as const),
  ...(['subject-restricted', 'restore-tested'] as const),
]

export type PackFacts = {
  readonly config: Pick<Config, 'tenants' | 'processor'>
  readonly breach: Breach
  readonly tenant: string
  readonly phase: BreachPhase
  readonly counts: BreachCounts
  /** What the processor did, from its own chain; a tenant’s own breach is not told of it. */
  readonly processorMeasures: Readonly<Record<string, number>>
  readonly nowMs: number
}

export function breachPack(facts: PackFacts): BreachPack {
  const { config, breach, tenant, phase, counts, nowMs } = facts
  const { name = null, contact = null } = config.tenants.find(one => one.id === tenant)?.controller ?? {}
  const { scope, awareAt, dueAt } = breach
  const categories = countedKinds
    .filter(kind => counts.records[kind].count > 0)
    .map(kind => ({ kind, ...categoryWords(kind), records: counts.records[kind] }))
  return {
    kind: 'ringtrail-breach-pack',
    version: 1,
    breach: breach.id,
    reference: breach.reference,
    phase,
    controller: { tenant, name, contact },
    processor: processorOf(config),
    madeAt: iso(nowMs),
    clock: {
      awareAt: iso(awareAt),
      dueAt: iso(dueAt),
      leftMinutes: Math.floor(Math.max(0, dueAt - nowMs) / 60_000),
      told: breach.phases.map(one => ({ phase: one.phase, at: iso(one.at) })),
    },
    scope: {
      from: iso(scope.fromMs),
      to: iso(scope.toMs),
      partitions: scope.partitions,
      actors: scope.actors,
    },
    nature: breachNatures[breach.nature],
    categories,
    subjects: { visitors: counts.visitors, callers: counts.callers },
    acted: counts.acted,
    measures: measuresOf(counts.measures, facts.processorMeasures),
    open: openQuestions(phase, counts),
  }
}

function processorOf({ processor }: Pick<Config, 'processor'>): BreachPack['processor'] {
  const { name = null, contact = null, dataProtectionOfficer = null } = processor ?? {}
  return { name, contact, dataProtectionOfficer }
}

function measuresOf(
  own: Readonly<Record<string, number>>,
  processors: Readonly<Record<string, number>>,
): BreachPack['measures'] {
  return measureActions.flatMap(action => {
    const count = (own[action] ?? 0) + (processors[action] ?? 0)
    return count === 0 ? [] : [{ action, says: auditActions[action].says, count }]
  })
}

/** What no count can know; it gets less from phase to phase. */
function openQuestions(phase: BreachPhase, { auditRecords, acted }: BreachCounts): readonly string[] {
  const always = [
    'Whether sealed fields could be opened: only with the keys, or a key of access whose scope sees personal data. To be said by the processor.',
  ]
  const early = ['How it happened and since when, as far as the scope above does not say it.']
  const last = ['The final account: cause, effect, and what keeps it from happening again.']
  const unseen =
    auditRecords === 0
      ? ['The audit chain held no records to take measures and doings of actors from.']
      : acted !== null && Object.keys(acted.actions).length === 0
        ? ['The named actors did nothing in this time that the chain records.']
        : []
  return [...always, ...(phase < 3 ? early : last), ...unseen]
}

const iso = (at: number) => new Date(at).toISOString()
