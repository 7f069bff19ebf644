import { limits } from '../core/limits.ts'
import type { AdminClient } from './adminClient.ts'

/** A chain as the admin API gives it, page by page; `path` is the tenant's, or the processor's. */

const pageMax = limits.auditRecordsPerPage

/** Lines of records from an index on. Each reading leaves a record, so the last page is the one that is not full. */
export async function* recordLines(
  client: Pick<AdminClient, 'ask'>,
  path: string,
  from: number,
): AsyncGenerator<string> {
  for (let next = from; ; ) {
    const page = linesOf(await client.ask('GET', `${path}/audit/records?from=${next}`))
    yield* page
    next += page.length
    if (page.length < pageMax) return
  }
}

/** Every page ends with a head that was signed for it: only the last one's is kept. */
export async function headLines(client: Pick<AdminClient, 'ask'>, path: string): Promise<string[]> {
  const heads: string[] = []
  for (let from = 0; ; from = indexOf(heads.at(-1)) + 1) {
    const page = linesOf(await client.ask('GET', `${path}/audit/heads?from=${from}`))
    if (page.length <= pageMax) return [...heads, ...page]
    heads.push(...page.slice(0, pageMax))
  }
}

/** The public key that they are signed with, as PEM. */
export async function publicKeyOf(client: Pick<AdminClient, 'ask'>, path: string): Promise<string> {
  return (JSON.parse(await client.ask('GET', `${path}/audit/key`)) as { pem: string }).pem
}

export function linesOf(text: string): string[] {
  return text.split('\n').filter(line => line !== '')
}

/** Of a record or a head; -1 where there is none. */
export function indexOf(line: string | undefined): number {
  return line === undefined ? -1 : (JSON.parse(line) as { index: number }).index
}
