import { borders } from '../../core/weigh.ts'

/** The tables of weights, and what of them is to be found out. */

export type TableName =
  | 'quiet'
  | 'shown'
  | 'clicked'
  | 'caller'
  | 'rested'
  | 'crowd'
  | 'known'
  | 'knownSure'
  | 'redialled'
  | 'mixed'
  | 'busy'
  | 'rung'

type Table = {
  readonly places: number
  /** Weights in thousandths of that of nobody; others are factors in hundredths. */
  readonly isWhole: boolean
  /** The place whose factor is 1; null: none. */
  readonly plain: number | null
  /** Its places are in order, so that neighbours are alike. */
  readonly isOrdered: boolean
}

const whole = (places: number): Table => ({ places, isWhole: true, plain: null, isOrdered: true })
const factor = (places: number, plain: number, isOrdered = true): Table => ({
  places,
  isWhole: false,
  plain,
  isOrdered,
})

export const tables: Readonly<Record<TableName, Table>> = {
  quiet: whole(borders.quiet.length + 1),
  shown: factor(borders.shown.length + 1, 0),
  clicked: factor(borders.clicked.length + 2, 0, false),
  caller: factor(6, 0, false),
  rested: factor(borders.rested.length + 1, borders.rested.length),
  crowd: whole(borders.crowd.length + 1),
  known: whole(borders.known.length + 1),
  knownSure: factor(borders.knownSure.length + 1, borders.knownSure.length),
  redialled: factor(2, 0, false),
  mixed: factor(2, 0, false),
  busy: factor(borders.busy.length + 1, 0),
  rung: factor(borders.rung.length + 1, 0),
}

/** One place of one table, counted through all tables. */
export type Weight = number

const names = Object.keys(tables) as TableName[]
const starts = new Map<TableName, number>()
let places = 0
for (const name of names) {
  starts.set(name, places)
  places += tables[name].places
}
export const placesInAll = places

export function weightAt(table: TableName, place: number): Weight {
  return (starts.get(table) as number) + place
}

/** Places that are as they are. */
export const plainPlaces: readonly Weight[] = names.flatMap(name => {
  const { plain } = tables[name]
  return plain === null ? [] : [weightAt(name, plain)]
})

/** Neighbours in a table. */
export const neighbours: readonly (readonly [Weight, Weight])[] = names.flatMap(name =>
  tables[name].isOrdered
    ? Array.from(
        { length: tables[name].places - 1 },
        (_, place) => [weightAt(name, place), weightAt(name, place + 1)] as const,
      )
    : [],
)

/** The tables as the core reads them: whole numbers. */
export function tablesOf(logs: readonly number[]): Record<TableName, number[]> {
  return Object.fromEntries(
    names.map(name => {
      const { places: count, isWhole } = tables[name]
      const scale = isWhole ? 1_000 : 100
      const value = (place: number) =>
        Math.max(1, Math.round(scale * Math.exp(logs[weightAt(name, place)] as number)))
      return [name, Array.from({ length: count }, (_, place) => value(place))]
    }),
  ) as Record<TableName, number[]>
}
