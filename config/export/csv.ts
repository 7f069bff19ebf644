import { csvCell, csvLines } from '../csv.ts'
import { type OpenedRecord, type RecordKind, recordSchemas } from './records.ts'

/**
 * Records as CSV. A column is the path of a value, such as `clear.site`; a list
 * or a map of names that are not fixed is one cell of JSON.
 */

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

/** The names of a kind's columns, as the first line says them. */
export function csvHead(kind: RecordKind): string {
  return csvLines([columnsOf[kind].map(path => path.join('.'))])
}

/** Lines of a kind's file; the records are of that kind. */
export function csvOf(kind: RecordKind, records: readonly OpenedRecord[]): string {
  return csvLines(records.map(record => columnsOf[kind].map(path => cellOf(valueAt(record, path)))))
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
