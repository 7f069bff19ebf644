import type { Outcome } from '../../core/outcome.ts'
import { type State, tablesOf } from '../../core/state.ts'

/** Of whom was erased nothing is left in any row of the tenant but an objection. Throws where it is. */
export function checkErased(state: State, outcomes: readonly Outcome[]): void {
  for (const outcome of outcomes) {
    if (outcome.kind !== 'subject-erased') continue
    const left = wordsOf(state, outcome.tenant)
    for (const name of [...outcome.visitors, ...outcome.callers, ...outcome.sessions])
      if (left.has(name)) throw new Error('somebody who was erased is named in a row')
  }
}

function wordsOf(state: State, tenant: string): Set<string> {
  const words = new Set<string>()
  for (const [table, rows] of tablesOf(state)) {
    if (table === 'policies' || table === 'producers') continue
    for (const [key, row] of rows.entries()) {
      const [owner, ...rest] = key.split(' ')
      if (owner !== tenant) continue
      const isObjection = table === 'restricted' && JSON.stringify(row).includes('"objected"')
      const text = isObjection ? '' : `${rest.join(' ').replace(/^[vc]:/, '')} ${JSON.stringify(row)}`
      for (const word of text.split(/[\s"]/)) words.add(word)
    }
  }
  return words
}
