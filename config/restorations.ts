import type { AuditRecord } from '../core/audit.ts'
import { readCanonical } from './canonical.ts'
import type { Lines } from './headsInOrder.ts'
import type { SignedHead } from './signedHead.ts'

/**
 * What records of a chain say of copies of the data that were put back. The chain went on from the copy, so heads that were signed
 * in between speak for records that are not in it. That a record says so counts only where a head was signed for it since: without
 * the key nobody makes one.
 */
export type Restoration = {
  /** Of the record that says it. */
  readonly index: number
  /** When it was found, by the clock that heads are signed by; and of when the copy was. */
  readonly foundAt: number
  readonly until: number
  /** The first record that is not from the copy, and the last that there was before, with its hash. */
  readonly from: number
  readonly before: number
  readonly beforeHash: string
  /** The last that there ever was, before other copies were put back. */
  readonly highest: number
  /** Of records that came in between `from` and the one that says it. */
  readonly between: ReadonlyMap<number, string>
}

/** So many stand in between at most (`workers/restored.ts`). */
const betweenMax = 1_000

/** All that a chain says. Whether the chain is whole is another question. */
export async function restorationsIn(records: Lines): Promise<Restoration[]> {
  const found: Restoration[] = []
  const latest = new Map<number, string>()
  for await (const line of records) {
    // Canonical is looked at where it counts, with the rest of the record.
    const record = line.includes('"restored"') ? (readCanonical(line) as AuditRecord | undefined) : undefined
    if (record?.action === 'restored') found.push(readRestoration(record, latest))
    const { index, hash } = place(line)
    latest.set(index, hash)
    if (latest.size > betweenMax) latest.delete(latest.keys().next().value ?? -1)
  }
  return found
}

/** Read without parsing: a chain may be long, and is parsed where it is verified. The last are the record's own. */
function place(line: string): { index: number; hash: string } {
  const index = Number(/.*"index":(\d+)[,}]/.exec(line)?.[1] ?? -1)
  return { index, hash: /.*"hash":"([0-9a-f]{64})"/.exec(line)?.[1] ?? '' }
}

function readRestoration({ index, detail }: AuditRecord, latest: ReadonlyMap<number, string>): Restoration {
  const number = (name: string) => Number(detail?.[name] ?? Number.NaN)
  const from = number('from')
  return {
    index,
    from,
    foundAt: number('foundAt'),
    until: number('until'),
    before: number('before'),
    beforeHash: String(detail?.beforeHash),
    highest: number('highest'),
    between: new Map([...latest].filter(([at]) => at >= from && at < index)),
  }
}

/** Whether a head speaks for records that are not in the chain any more; null: it does not, so it has to fit. */
export function lostBy(restorations: readonly Restoration[], head: SignedHead): Restoration | null {
  const isOf = ({ foundAt, from, before, beforeHash, highest, between }: Restoration) => {
    if (head.atMs >= foundAt || head.index < from || head.index > highest) return false
    if (between.get(head.index) === head.hash) return false
    // Of what was there when the copy was put back, the end is known.
    return head.index !== before || before !== highest || head.hash === beforeHash
  }
  return restorations.find(isOf) ?? null
}
