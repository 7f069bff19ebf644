import { stringify } from 'csv-stringify/sync'
import { type OpenedRecord, type RecordKind, recordSchemas } from './records.ts'

/**
 * Records as RFC 4180 CSV, the one door to csv-stringify. A column is the path of a value, such as `clear.site`; a list
 * or a map of names that are not fixed is one cell of JSON. Text is quoted and nothing is not: an empty text is `""`.
 */

/** The first characters that make a spreadsheet run a cell, also in their wide forms, and the escape itself. */
const isEscaped = /^['=+\-@\t\r\n＝＋－＠]/

/** Text that no spreadsheet takes for a formula. Whoever takes one leading apostrophe off has the text again. */
export function csvCell(text: string): string {
  return isEscaped.test(text) ? `'${text}` : text
}

type Shape = { readonly type?: string; readonly properties?: object; readonly anyOf?: readonly Shape[] }

const columnsOf = {
  session: pathsOf(recordSchemas.session),
  'page-view': pathsOf(recordSchemas['page-view']),
  engagement: pathsOf(recordSchemas.engagement),
  call: pathsOf(recordSchemas.call),
} as const satisfies Record<RecordKind, unknown>

/** The paths of a schema’s single values, in the schema’s order. */
function pathsOf(shape: Shape, above: readonly string[] = []): string[][] {
  const object = shape.properties ? shape : shape.anyOf?.find(one => one.properties)
  if (object?.properties === undefined) return [[...above]]
  return Object.entries(object.properties).flatMap(([name, inner]) =>
    pathsOf(inner as Shape, [...above, name]),
  )
}

const options = { quoted_string: true, record_delimiter: '\r\n' }

/** The names of a kind's columns, as the first line says them. */
export function csvHead(kind: RecordKind): string {
  return stringify([columnsOf[kind].map(path => path.join('.'))], options)
}

/** Lines of a kind's file; the records are of that kind. */
export function csvLines(kind: RecordKind, records: readonly OpenedRecord[]): string {
  return stringify(
    records.map(record => columnsOf[kind].map(path => cellOf(valueAt(record, path)))),
    options,
  )
}

function valueAt(record: OpenedRecord, path: readonly string[]): unknown {
  let value: unknown = record
  for (const name of path) value = (value as Record<string, unknown> | null)?.[name] ?? null
  return value
}

function cellOf(value: unknown): string | null {
  if (value === null) return null
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return csvCell(text.toWellFormed())
}
