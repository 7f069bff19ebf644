import { openKeyStore } from './keyStore.ts'
import { makeGateway, rootKey, subjects } from './testKeys.ts'

/**
 * For the kill test: takes and erases without end, and says before and after each what it is about. A process of its own,
 * so that it can be killed.
 */

export type Said = {
  readonly did: 'taking' | 'took' | 'erasing' | 'erased'
  readonly from: number
  readonly to: number
}
export const perTake = 120
/** Of each batch that was taken, these go. */
export const perErase = 10

const say = (said: Said) => new Promise(resolve => process.send?.(said, undefined, {}, resolve))

async function churn(directory: string, start: number): Promise<never> {
  const store = await openKeyStore({ directory, rootKey })
  const gateway = makeGateway(store.intake())
  for (let from = start; ; from += perTake) {
    await say({ did: 'taking', from, to: from + perTake })
    await store.take(subjects('acme', from, from + perTake).map(gateway))
    await say({ did: 'took', from, to: from + perTake })
    await say({ did: 'erasing', from, to: from + perErase })
    const names = subjects('acme', from, from + perErase).map(({ name }) => name)
    await store.eraseSubjects([{ tenant: 'acme', names }])
    await say({ did: 'erased', from, to: from + perErase })
  }
}

if (process.argv[1] === import.meta.filename) await churn(String(process.argv[2]), Number(process.argv[3]))
