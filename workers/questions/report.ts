import type { Dimension } from '../../core/shownCall.ts'
import type { Report } from '../../core/wire/questions.ts'
import type { CallTable } from './callTable.ts'
import type { Chooses } from './choosing.ts'
import { none } from './interned.ts'
import type { Reported, ReportRow } from './reportRow.ts'
import { createSums, type Summed, type Sums } from './sums.ts'
import { type CreditModel, creditParts, modelsByCount, type Placed, sharesOf } from '../../core/credit.ts'

/** Which calls of the order a question is about. */
export type Stretch = { readonly from: number; readonly to: number; readonly chooses: Chooses }

const dayMs = 86_400_000

/**
 * Adds calls up by group: one pass over columns, which come in the order of days. Each group is kept with one of its sources,
 * which says its name.
 */
export function reportOn(table: CallTable, { from, to, chooses }: Stretch, report: Report): Reported {
  const { columns, order, touches } = table
  const { rangAt, touchCount } = columns
  const nameOf = table.groupNames.of(report.by)
  const sums = createSums(columns, nameOf.length)
  const all = createSums(columns, 1)
  const sharesIn = sharing(table, report.model)
  const sheet = createSheet(table, report, sums)
  let [day, dayEndsAt] = [0, report.daily ? -Infinity : Infinity]
  for (let place = from; place < to; place++) {
    const slot = order[place] as number
    if (!chooses(slot)) continue
    all.add(0, none, slot, 1)
    if ((rangAt[slot] as number) >= dayEndsAt) {
      sheet.add(day)
      day = Math.floor((rangAt[slot] as number) / dayMs)
      dayEndsAt = (day + 1) * dayMs
    }
    const count = touchCount[slot] as number
    // A call without a touch is nobody's, wholly.
    if (count <= 1) {
      const source = count === 0 ? none : touches.sourceOf(columns.touches[slot] as number)
      sums.add(nameOf[source + 1] as number, source, slot, 1)
      continue
    }
    const shares = sharesIn(slot)
    for (let index = 0; index < count; index++) {
      const parts = shares[index] as number
      if (parts === 0) continue
      const source = touches.sourceOf((columns.touches[slot] as number) + index)
      sums.add(nameOf[source + 1] as number, source, slot, parts / creditParts)
    }
  }
  sheet.add(day)
  return sheet.end(all.of(0))
}

/** The rows that are shown, those of a day together and of the most credit first. */
function createSheet(table: CallTable, report: Report, sums: Sums) {
  const rows: ReportRow[] = []
  let count = 0
  return {
    add: (day: number): void => {
      const groups = sums.take()
      count += groups.length
      if (rows.length === report.most) return
      groups.sort((one, other) => sums.creditOf(other) - sums.creditOf(one))
      const dayOfRow = report.daily ? day * dayMs : null
      for (const group of groups.slice(0, report.most - rows.length))
        rows.push({
          group: valuesOf(table, report.by, sums.sourceOf(group)),
          dayMs: dayOfRow,
          ...sums.of(group),
        })
    },
    end: (total: Summed): Reported => ({
      rows,
      total: { group: {}, dayMs: null, ...total },
      more: count - rows.length,
    }),
  }
}

function valuesOf({ sources }: CallTable, by: readonly Dimension[], source: number): ReportRow['group'] {
  const values = by.map(dimension => {
    const id = source === none ? none : (sources.partsOf(dimension)[source] as number)
    return [dimension, sources.valueOf(dimension, id)] as const
  })
  return Object.fromEntries(values)
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
