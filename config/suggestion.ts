/** The word of a list that somebody probably meant, or null: one slip per three letters, case and dashes aside. */
export function suggest(written: string, words: readonly string[]): string | null {
  const plain = (text: string) => text.toLowerCase().replace(/[-_]/g, '')
  const near = words
    .map(word => ({ word, slips: distance(plain(written.slice(0, 64)), plain(word)) }))
    .filter(({ word, slips }) => slips <= Math.ceil(word.length / 3))
  return near.sort((one, other) => one.slips - other.slips)[0]?.word ?? null
}

/** Levenshtein's distance. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (const [index, letter] of [...one].entries()) {
    const next = [index + 1]
    for (let column = 1; column <= other.length; column += 1) {
      const replaced = (row[column - 1] ?? 0) + (letter === other[column - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[other.length] ?? 0
}
