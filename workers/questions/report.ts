import type { Dimension } from '../../core/shownCall.ts'
import type { Report, ReportRow } from '../../core/wire/questions.ts'
import { callOutcomes, type CallTable } from './callTable.ts'
import type { Chooses } from './choosing.ts'
import { type Columns, flag } from './columns.ts'
import { none } from './interned.ts'
import { type CreditModel, creditParts, sharesOf } from '../../core/credit.ts'

/** Which calls of the order a question is about. */
export type Stretch = { readonly from: number; readonly to: number; readonly chooses: Chooses }

type Sums = { -readonly [Name in Exclude<keyof ReportRow, 'group' | 'dayMs'>]: ReportRow[Name] }

type Group = Sums & { readonly source: number; readonly day: number; lastCall: number }

export type Reported = { readonly rows: ReportRow[]; readonly total: ReportRow; readonly more: number }

const dayMs = 86_400_000
const summed = [
  ...(['credit', 'qualified', 'answered', 'missed', 'firstTime', 'talkMs', 'expectedRight'] as const),
]
const [answered, missed] = [callOutcomes.indexOf('answered'), callOutcomes.indexOf('missed')]

/** Adds calls up by group: one pass over columns. Each group is kept with one of its sources, which says its name. */
export function reportOn(table: CallTable, { from, to, chooses }: Stretch, report: Report): Reported {
  const { columns, order, touches } = table
  const { rangAt, touchCount } = columns
  const groups = createGroups(table, report.by)
  const sharesIn = sharing(table, report.model)
  let calls = 0
  for (let place = from; place < to; place++) {
    const slot = order[place] as number
    if (!chooses(slot)) continue
    calls += 1
    const day = report.daily ? Math.floor((rangAt[slot] as number) / dayMs) : 0
    const count = touchCount[slot] as number
    // A call without a touch is nobody's, wholly.
    if (count <= 1) {
      const source = count === 0 ? none : touches.sourceOf(columns.touches[slot] as number)
      add(groups.of(source, day), columns, slot, 1)
    } else for (const { source, share } of sharesIn(slot)) add(groups.of(source, day), columns, slot, share)
  }
  const all = groups.all()
  const sorted = all.sort(report.daily ? byDay : byCredit)
  const shown = sorted.slice(0, report.most).map(group => rowOf(table, report, group))
  const total = rowOf(table, { by: [], daily: false }, { ...sumOf(all), calls })
  return { rows: shown, total, more: sorted.length - shown.length }
}

const byCredit = (one: Group, other: Group) => other.credit - one.credit
const byDay = (one: Group, other: Group) => one.day - other.day || byCredit(one, other)

function sumOf(groups: readonly Group[]): Group {
  const sum = newGroup(none, 0)
  for (const group of groups) for (const name of summed) sum[name] += group[name]
  return sum
}

/** Groups by source and day. That of a source is worked out once, and then found by number; days come in their order. */
function createGroups(table: CallTable, by: readonly Dimension[]) {
  const nameOf = naming(table, by)
  const byName = new Map<number, Group[]>()
  const bySource: (Group[] | undefined)[] = []
  const daysOf = (source: number): Group[] => {
    const name = nameOf(source)
    const known = byName.get(name) ?? []
    byName.set(name, known)
    bySource[source + 1] = known
    return known
  }
  return {
    of: (source: number, day: number): Group => {
      const days = bySource[source + 1] ?? daysOf(source)
      const last = days.at(-1)
      if (last !== undefined && last.day === day) return last
      const group = newGroup(source, day)
      days.push(group)
      return group
    },
    all: (): Group[] => [...byName.values()].flat(),
  }
}

/** One number for a source's values of the dimensions. */
function naming({ sources }: CallTable, by: readonly Dimension[]): (source: number) => number {
  const parts = by.map(dimension => [sources.partsOf(dimension), sources.sizeOf(dimension) + 1] as const)
  return source => {
    let name = 0
    for (const [ids, size] of parts) name = name * size + (source === none ? 0 : (ids[source] as number) + 1)
    return name
  }
}

function sharing({ columns, touches, sources, halfLifeMs }: CallTable, model: CreditModel) {
  return (slot: number): { readonly source: number; readonly share: number }[] => {
    const begin = columns.touches[slot] as number
    const found = Array.from({ length: columns.touchCount[slot] as number }, (_, index) => begin + index)
    const weighed = found.map(place => ({
      at: touches.atOf(place),
      isDirect: sources.isDirect(touches.sourceOf(place)),
    }))
    const shares = sharesOf(weighed, model, halfLifeMs)
    return found
      .map((place, index) => ({
        source: touches.sourceOf(place),
        share: (shares[index] as number) / creditParts,
      }))
      .filter(({ share }) => share > 0)
  }
}

function newGroup(source: number, day: number): Group {
  const nothing = { calls: 0, credit: 0, qualified: 0, answered: 0, missed: 0, firstTime: 0, talkMs: 0 }
  return { ...nothing, expectedRight: 0, source, day, lastCall: none }
}

function add(group: Group, columns: Columns, slot: number, share: number): void {
  const flags = columns.flags[slot] as number
  const outcome = columns.outcome[slot]
  const talkMs = columns.talkMs[slot] as number
  // Of several touches of one call in the same group each brings its share, and the call counts once.
  if (group.lastCall !== slot) group.calls += 1
  group.lastCall = slot
  group.credit += share
  if ((flags & flag.qualified) !== 0) group.qualified += share
  if ((flags & flag.firstTime) !== 0) group.firstTime += share
  if (outcome === answered) group.answered += share
  if (outcome === missed) group.missed += share
  if (talkMs > 0) group.talkMs += talkMs * share
  group.expectedRight += ((columns.confidence[slot] as number) / 1_000) * share
}

function rowOf({ sources }: CallTable, { by, daily }: Pick<Report, 'by' | 'daily'>, group: Group): ReportRow {
  const { source, day, lastCall: _, talkMs, ...sums } = group
  const values = by.map(dimension => {
    const id = source === none ? none : (sources.partsOf(dimension)[source] as number)
    return [dimension, sources.valueOf(dimension, id)] as const
  })
  const rounded = Object.fromEntries(
    Object.entries(sums).map(([name, sum]) => [name, Math.round(sum * 1e3) / 1e3]),
  )
  const rest = { ...(rounded as Omit<Sums, 'talkMs'>), talkMs: Math.round(talkMs) }
  return { group: Object.fromEntries(values), dayMs: daily ? day * dayMs : null, ...rest }
}
