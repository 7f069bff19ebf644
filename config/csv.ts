import { stringify } from 'csv-stringify/sync'

/** The one door to csv-stringify: RFC 4180. Text is quoted and nothing is not: an empty text is `""`. */

const options = { quoted_string: true, record_delimiter: '\r\n' }

/** The first characters that make a spreadsheet run a cell, also in their wide forms, and the escape itself. */
const isEscaped = /^['=+\-@\t\r\n＝＋－＠]/

/** Text that no spreadsheet takes for a formula. Whoever takes one leading apostrophe off has the text again. */
export function csvCell(text: string): string {
  return isEscaped.test(text) ? `'${text}` : text
}

export function csvLines(rows: readonly (readonly (string | null)[])[]): string {
  return stringify(
    rows.map(row => [...row]),
    options,
  )
}

/** A table with the names of its columns in the first line. */
export function csvTable(
  columns: readonly string[],
  rows: readonly Readonly<Record<string, unknown>>[],
): string {
  const cells = rows.map(row =>
    columns.map(column => {
      const value = row[column]
      return value === null || value === undefined ? null : csvCell(String(value).toWellFormed())
    }),
  )
  return csvLines([columns, ...cells])
}
