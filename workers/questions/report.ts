import type { Dimension } from '../../core/shownCall.ts'
import type { CreditModel, Report, ReportRow } from '../../core/wire/questions.ts'
import { callOutcomes, type CallTable } from './callTable.ts'
import type { Chooses } from './choosing.ts'
import { flag } from './columns.ts'
import { none } from './interned.ts'
import { sharesOf } from '../../core/shares.ts'

/** Which calls of the order a question is about. */
export type Stretch = { readonly from: number; readonly to: number; readonly chooses: Chooses }

type Sums = { -readonly [Name in Exclude<keyof ReportRow, 'group' | 'dayMs'>]: ReportRow[Name] }

type Group = Sums & { readonly source: number; readonly day: number; lastCall: number }

export type Reported = { readonly rows: ReportRow[]; readonly total: ReportRow; readonly more: number }

const dayMs = 86_400_000
const [answered, missed] = [callOutcomes.indexOf('answered'), callOutcomes.indexOf('missed')]

/** Adds calls up by group: one pass over columns. Each group is kept with one of its sources, which says its name. */
export function reportOn(table: CallTable, { from, to, chooses }: Stretch, report: Report): Reported {
  const groups = new Map<number, Group>()
  const total = newGroup(none, 0)
  const nameOf = naming(table, report.by)
  const { columns, order } = table
  const shareOut = sharing(table, report.model)
  for (let place = from; place < to; place++) {
    const slot = order[place] as number
    if (!chooses(slot)) continue
    const day = report.daily ? Math.floor((columns.rangAt[slot] as number) / dayMs) : 0
    add(total, table, slot, 1)
    shareOut(slot, (source, share) => {
      const name = nameOf(source) * daysMax + day
      const group = groups.get(name) ?? newGroup(source, day)
      groups.set(name, group)
      add(group, table, slot, share)
    })
  }
  const sorted = [...groups.values()].sort(report.daily ? byDay : byCredit)
  const shown = sorted.slice(0, report.most).map(group => rowOf(table, report, group))
  return {
    rows: shown,
    total: rowOf(table, { by: [], daily: false }, total),
    more: sorted.length - shown.length,
  }
}

/** Days since 1970 stay below it for longer than anybody will ask. */
const daysMax = 100_000

const byCredit = (one: Group, other: Group) => other.credit - one.credit
const byDay = (one: Group, other: Group) => one.day - other.day || byCredit(one, other)

/** One number for a source's values of the dimensions. */
function naming({ sources }: CallTable, by: readonly Dimension[]): (source: number) => number {
  const parts = by.map(dimension => [sources.partsOf(dimension), sources.sizeOf(dimension) + 1] as const)
  return source => {
    let name = 0
    for (const [ids, size] of parts) name = name * size + (source === none ? 0 : (ids[source] as number) + 1)
    return name
  }
}

type Take = (source: number, share: number) => void

/** A call without a touch is nobody's, wholly. */
function sharing({ columns, touches, sources }: CallTable, model: CreditModel) {
  return (slot: number, take: Take): void => {
    const count = columns.touchCount[slot] as number
    const begin = columns.touches[slot] as number
    if (count === 0) return take(none, 1)
    if (count === 1) return take(touches.sourceOf(begin), 1)
    const rangAt = columns.rangAt[slot] as number
    const weighed = Array.from({ length: count }, (_, index) => ({
      beforeMs: rangAt - touches.atOf(begin + index),
      isDirect: sources.isDirect(touches.sourceOf(begin + index)),
    }))
    for (const [index, share] of sharesOf(weighed, model).entries())
      if (share > 0) take(touches.sourceOf(begin + index), share)
  }
}

function newGroup(source: number, day: number): Group {
  const nothing = { calls: 0, credit: 0, qualified: 0, answered: 0, missed: 0, firstTime: 0, talkMs: 0 }
  return { ...nothing, expectedRight: 0, source, day, lastCall: none }
}

function add(group: Group, { columns }: CallTable, slot: number, share: number): void {
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
