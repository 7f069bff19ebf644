import type { Dimension } from '../../core/shownCall.ts'
import type { Report, ReportRow } from '../../core/wire/questions.ts'
import { type FinalOutcome, finalOutcomes, outcomeNames } from '../../core/callOutcomes.ts'
import type { CallTable } from './callTable.ts'
import type { Chooses } from './choosing.ts'
import { type Columns, flag } from './columns.ts'
import { none } from './interned.ts'
import { type CreditModel, creditParts, modelsByCount, type Placed, sharesOf } from '../../core/credit.ts'

/** Which calls of the order a question is about. */
export type Stretch = { readonly from: number; readonly to: number; readonly chooses: Chooses }

type Outcomes = Pick<ReportRow, FinalOutcome>
type Sums = {
  -readonly [Name in Exclude<keyof ReportRow, 'group' | 'dayMs' | FinalOutcome>]: ReportRow[Name]
}

/** `outcomes`: by their place in `outcomeNames`. */
type Group = Sums & { readonly outcomes: Float64Array; source: number; turn: number; lastCall: number }

export type Reported = { readonly rows: ReportRow[]; readonly total: ReportRow; readonly more: number }

const dayMs = 86_400_000
const finals = finalOutcomes.map(name => [name, outcomeNames.indexOf(name)] as const)

/**
 * Adds calls up by group: one pass over columns, which come in the order of days. Each group is kept with one of its sources,
 * which says its name.
 */
export function reportOn(table: CallTable, { from, to, chooses }: Stretch, report: Report): Reported {
  const { columns, order, touches } = table
  const { rangAt, touchCount } = columns
  const groups = createGroups(table, report.by)
  const sharesIn = sharing(table, report.model)
  const sheet = createSheet(table, report)
  const sum = newGroup()
  let [day, dayEndsAt] = [0, report.daily ? -Infinity : Infinity]
  for (let place = from; place < to; place++) {
    const slot = order[place] as number
    if (!chooses(slot)) continue
    add(sum, columns, slot, 1)
    if ((rangAt[slot] as number) >= dayEndsAt) {
      sheet.add(day, groups.take())
      day = Math.floor((rangAt[slot] as number) / dayMs)
      dayEndsAt = (day + 1) * dayMs
    }
    const count = touchCount[slot] as number
    // A call without a touch is nobody's, wholly.
    if (count <= 1) {
      const source = count === 0 ? none : touches.sourceOf(columns.touches[slot] as number)
      add(groups.of(source), columns, slot, 1)
      continue
    }
    const shares = sharesIn(slot)
    for (let index = 0; index < count; index++) {
      const parts = shares[index] as number
      if (parts === 0) continue
      const source = touches.sourceOf((columns.touches[slot] as number) + index)
      add(groups.of(source), columns, slot, parts / creditParts)
    }
  }
  sheet.add(day, groups.take())
  return sheet.end(sum)
}

/** The rows that are shown, those of a day together and of the most credit first. */
function createSheet(table: CallTable, report: Report) {
  const rows: ReportRow[] = []
  let count = 0
  return {
    add: (day: number, groups: Group[]): void => {
      count += groups.length
      if (rows.length === report.most) return
      groups.sort((one, other) => other.credit - one.credit)
      for (const group of groups.slice(0, report.most - rows.length))
        rows.push(rowOf(table, report, day, group))
    },
    end: (sum: Group): Reported => {
      const total = rowOf(table, { by: [], daily: false }, 0, sum)
      return { rows, total, more: count - rows.length }
    },
  }
}

/** Groups of one day by source, used again on another day. */
function createGroups({ groupNames }: CallTable, by: readonly Dimension[]) {
  const nameOf = groupNames.of(by)
  const groups: (Group | undefined)[] = new Array(nameOf.length)
  let taken: Group[] = []
  let turn = 1
  return {
    of: (source: number): Group => {
      const name = nameOf[source + 1] as number
      const group = groups[name] ?? newGroup()
      if (group.turn === turn) return group
      groups[name] = group
      begin(group, source, turn)
      taken.push(group)
      return group
    },
    /** All that were asked for since the last time. What is in them holds until the next one is asked for. */
    take: (): Group[] => {
      const all = taken
      taken = []
      turn += 1
      return all
    },
  }
}

/** The parts that the touches of a call have. */
function sharing({ columns, touches, sources, halfLifeMs }: CallTable, model: CreditModel) {
  const take = (slot: number) => {
    const begin = columns.touches[slot] as number
    const path = new Array<Placed>(columns.touchCount[slot] as number)
    for (let index = 0; index < path.length; index++)
      path[index] = {
        at: touches.atOf(begin + index),
        isDirect: sources.isDirect(touches.sourceOf(begin + index)),
      }
    return sharesOf(path, model, halfLifeMs)
  }
  if (!modelsByCount.includes(model)) return take
  const byCount: (readonly number[])[] = []
  return (slot: number): readonly number[] => {
    const count = columns.touchCount[slot] as number
    const shares = byCount[count] ?? take(slot)
    byCount[count] = shares
    return shares
  }
}

function newGroup(): Group {
  const nothing = { calls: 0, credit: 0, qualified: 0, firstTime: 0, talkMs: 0, expectedRight: 0 }
  return {
    ...nothing,
    outcomes: new Float64Array(outcomeNames.length),
    source: none,
    turn: 0,
    lastCall: none,
  }
}

function begin(group: Group, source: number, turn: number): void {
  group.calls = 0
  group.credit = 0
  group.qualified = 0
  group.outcomes.fill(0)
  group.firstTime = 0
  group.talkMs = 0
  group.expectedRight = 0
  group.source = source
  group.turn = turn
  group.lastCall = none
}

function add(group: Group, columns: Columns, slot: number, share: number): void {
  const flags = columns.flags[slot] as number
  const outcome = columns.outcome[slot] as number
  const talkMs = columns.talkMs[slot] as number
  // Of several touches of one call in the same group each brings its share, and the call counts once.
  if (group.lastCall !== slot) group.calls += 1
  group.lastCall = slot
  group.credit += share
  if ((flags & flag.qualified) !== 0) group.qualified += share
  if ((flags & flag.firstTime) !== 0) group.firstTime += share
  group.outcomes[outcome] = (group.outcomes[outcome] as number) + share
  if (talkMs > 0) group.talkMs += talkMs * share
  group.expectedRight += ((columns.confidence[slot] as number) / 1_000) * share
}

function rowOf(
  { sources }: CallTable,
  { by, daily }: Pick<Report, 'by' | 'daily'>,
  day: number,
  group: Group,
): ReportRow {
  const { source, turn: _, lastCall: __, talkMs, outcomes, ...others } = group
  const values = by.map(dimension => {
    const id = source === none ? none : (sources.partsOf(dimension)[source] as number)
    return [dimension, sources.valueOf(dimension, id)] as const
  })
  const sums = [...Object.entries(others), ...finals.map(([name, place]) => [name, outcomes[place]] as const)]
  const rounded = Object.fromEntries(
    sums.map(([name, sum]) => [name, Math.round((sum as number) * 1e3) / 1e3]),
  )
  const rest = { ...(rounded as Omit<Sums, 'talkMs'> & Outcomes), talkMs: Math.round(talkMs) }
  return { group: Object.fromEntries(values), dayMs: daily ? day * dayMs : null, ...rest }
}
