import type { AuditRecord } from '../../core/audit.ts'
import { recordLine } from '../auditChain.ts'
import { examineChain } from '../auditVerify.ts'
import { canonical } from '../canonical.ts'
import { headLine, type SignedHead } from '../signedHead.ts'
import type { PublicKey } from '../signing.ts'

/** Where dated records come from. '' is the processor's own chain. */
export type EvidenceSource = {
  readonly tenants: readonly string[]
  /** A chain from its first record on. Throws `NotHeld` where there is none to be had. */
  records(tenant: string): AsyncIterable<AuditRecord>
  heads(tenant: string): Promise<readonly SignedHead[]>
  readonly publicKeys: readonly PublicKey[]
}

/** A chain cannot be read; the message follows “because …”. */
export class NotHeld extends Error {}

export type ChainsRead = {
  /** A line of each chain that was read. */
  readonly states: readonly string[]
  /** Why a chain was not. */
  readonly absent: ReadonlyMap<string, string>
}

/**
 * Reads every chain once: gives each record away, and says how far the chain goes and whether it is whole. The processor's
 * own is among them whoever is asked about: it says what was tried for all.
 */
export async function chainsOf(
  source: EvidenceSource,
  take: (record: AuditRecord) => Promise<void>,
): Promise<ChainsRead> {
  const states: string[] = []
  const absent = new Map<string, string>()
  for (const tenant of new Set([...source.tenants, ''])) {
    try {
      states.push(canonical(await chainState(source, tenant, take)))
    } catch (error) {
      if (!(error instanceof NotHeld)) throw error
      absent.set(tenant, error.message)
    }
  }
  return { states, absent }
}

async function chainState(
  source: EvidenceSource,
  tenant: string,
  take: (record: AuditRecord) => Promise<void>,
): Promise<object> {
  const reading = source.records(tenant)[Symbol.asyncIterator]()
  let last: AuditRecord | null = null
  const next = async () => {
    const { done, value } = await reading.next()
    if (done === true) return null
    last = value
    await take(value)
    return value
  }
  async function* lines() {
    for (let record = await next(); record !== null; record = await next()) yield recordLine(record)
  }
  const heads = (await source.heads(tenant)).map(headLine)
  const { publicKeys } = source
  const { trouble, head, records: count } = await examineChain({ records: lines(), heads, publicKeys })
  // Where it is broken, the verification ends early: what follows is evidence all the same.
  while ((await next()) !== null);
  const end = last as AuditRecord | null
  return {
    tenant,
    records: end === null ? 0 : end.index + 1,
    wholeUpTo: count - 1,
    lastHash: end?.hash ?? null,
    lastAt: end === null ? null : new Date(end.atMs).toISOString(),
    signedUpTo: head?.index ?? null,
    trouble: trouble === null ? null : `record ${trouble.index} ${trouble.says}`,
  }
}
