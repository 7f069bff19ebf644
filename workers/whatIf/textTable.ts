/** Columns as wide as they have to be: the first is text and stands left, the others are figures and stand right. */
export function textTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  left: readonly number[] = [0],
): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map(row => (row[column] ?? '').length)))
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0
        return left.includes(column) ? cell.padEnd(width) : cell.padStart(width)
      })
      .join('  ')
      .trimEnd()
  return [line(head), widths.map(width => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n')
}

export const percent = (share: number, digits = 1) => `${(100 * share).toFixed(digits)} %`
export const counted = (count: number) => count.toLocaleString('en-US').replaceAll(',', ' ')
export const momentText = (ms: number) => `${new Date(ms).toISOString().slice(0, 16)}Z`
