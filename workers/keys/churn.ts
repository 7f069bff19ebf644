import { blockKeys } from './ground.ts'
import { openKeyStore } from './keyStore.ts'
import { makeGateway, rootKey, subjects, type Wanted } from './testKeys.ts'

/**
 * For the kill test: takes and erases without end, and says before and after each what it is about. A process of its own,
 * so that it can be killed.
 */

export type Said = {
  readonly did: 'taking' | 'took' | 'erasing' | 'erased'
  readonly step: number
}
/** So many blocks are full before; of each of them every step erases somebody. */
export const blocks = 4
const perTake = 120
const perBlock = 3

export const before = subjects('acme', 0, blocks * blockKeys)

/** Who comes in a step. Places are used once, so who came before is in the block that their number says. */
export function takenIn(step: number): readonly Wanted[] {
  const from = before.length + step * perTake
  return subjects('acme', from, from + perTake)
}

/** Who goes in a step: some of every block that was full before, and some of those who have just come. */
export function erasedIn(step: number): readonly Wanted[] {
  const at = step * perBlock
  const old = Array.from({ length: blocks }, (_, block) => block * blockKeys + at)
  return [...old.flatMap(from => before.slice(from, from + perBlock)), ...takenIn(step).slice(0, perBlock)]
}

const say = (said: Said) => new Promise(resolve => process.send?.(said, undefined, {}, resolve))

async function churn(directory: string, start: number): Promise<never> {
  const store = await openKeyStore({ directory, rootKey })
  const gateway = makeGateway(store.intake())
  for (let step = start; ; step++) {
    await say({ did: 'taking', step })
    await store.take(takenIn(step).map(gateway))
    await say({ did: 'took', step })
    await say({ did: 'erasing', step })
    await store.eraseSubjects([{ tenant: 'acme', names: erasedIn(step).map(({ name }) => name) }])
    await say({ did: 'erased', step })
  }
}

if (process.argv[1] === import.meta.filename) await churn(String(process.argv[2]), Number(process.argv[3]))
