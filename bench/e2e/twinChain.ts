import { verifyChain } from '../../config/auditVerify.ts'
import { canonical } from '../../config/canonical.ts'
import type { SignedHead } from '../../config/signedHead.ts'
import { readPublicKeys } from '../../config/signing.ts'
import type { AuditRecord } from '../../core/audit.ts'
import { headLines, linesOf, recordLines } from '../../gateway/auditPages.ts'
import type { System } from '../system.ts'
import { askAdmin, makeKey } from './adminWorld.ts'
import { until } from './badInputsClient.ts'

/**
 * What tenant acme reads of its audit chain. A reading holds what is stored by then, and what the system does by itself it
 * does when it comes to it: so every reading is compared with the whole chain, and that with the other run's.
 */
export type Chain = {
  readonly records: readonly AuditRecord[]
  readonly lines: readonly string[]
  /** The first thing that is wrong with it; null: it is whole and signed. */
  readonly trouble: object | null
}

const path = '/v1/tenants/acme'

/** The chain when all that was asked for is done. */
export async function wholeChain(system: System): Promise<Chain> {
  const { id, key } = await makeKey(system, 'acme', 'privacy-officer')
  const ask = async (method: string, asked: string) => (await askAdmin(system, method, asked, { key })).text
  const readAll = async () => {
    // Heads first: so none is of a record that is not read.
    const heads = await headLines({ ask }, path)
    const lines: string[] = []
    for await (const line of recordLines({ ask }, path, 0)) lines.push(line)
    return { heads, lines }
  }
  const { heads, lines } = await until(readAll, read => isDone(read.lines))
  const { publicKey } = JSON.parse(await ask('GET', `${path}/audit/key`)) as { publicKey: string }
  const trouble = await verifyChain(lines, heads, readPublicKeys(publicKey))
  // That it was read, and by which key, may be stored already, or not.
  const records = lines.filter(line => !line.includes(id)).map(recordIn)
  return { records, lines, trouble }
}

/** Every erasure has its keys destroyed, and says so. */
function isDone(lines: readonly string[]): boolean {
  const of = (action: string) => lines.filter(line => line.includes(`"action":"${action}"`)).length
  return of('keys-destroyed') >= of('subject-erased')
}

/** Whether each line that was read, of records or of heads, is in the chain as it stands in the end. */
export function strangersIn({ lines }: Chain, readings: readonly string[]): string[] {
  const known = new Set(lines)
  const isHead = (line: string) => 'signature' in JSON.parse(line)
  const isOurs = (line: string) =>
    isHead(line) ? recordIn(lines[headIn(line).index] ?? '{}').hash === headIn(line).hash : known.has(line)
  return readings.flatMap(linesOf).filter(line => !isOurs(line))
}

/**
 * The records as they can be compared: what somebody did, in order, then what the system did, without their places and
 * hashes, which follow from when that was.
 */
export function comparable({ records }: Chain): string[] {
  const without = ({ index: _i, previous: _p, hash: _h, ...record }: AuditRecord) => canonical(record)
  const [byItself, asked] = [
    records.filter(({ actor }) => actor === 'system'),
    records.filter(({ actor }) => actor !== 'system'),
  ]
  return [...asked, ...byItself].map(without)
}

const recordIn = (line: string) => JSON.parse(line) as AuditRecord
const headIn = (line: string) => JSON.parse(line) as SignedHead
