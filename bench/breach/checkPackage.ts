import { join } from 'node:path'
import { openPackage, verifyPackage } from '../../config/export/readPackage.ts'
import type { PageViewRecord } from '../../config/export/records.ts'
import { linesOf } from '../../config/jsonLines.ts'
import type { PublicKey } from '../../config/signing.ts'
import { firstPage, pageOf } from './events.ts'
import type { Truth } from './seeded.ts'

/**
 * Whether a return package of tenant acme is whole and signed, holds as much as the truth, and says of each page what was
 * sealed. Gives what is not so.
 */
export async function checkPackage(
  directory: string,
  truth: Truth,
  expected: readonly PublicKey[],
): Promise<string[]> {
  const { manifest, signedBy, troubles } = await verifyPackage(await openPackage(directory), expected)
  const found = troubles.map(({ file, says }) => `${file} ${says}`)
  if (signedBy === null) found.push('the package is not signed')
  for (const [kind, count] of Object.entries(truth.records)) {
    const said = manifest?.counts[kind as keyof typeof truth.records]
    if (said !== count) found.push(`${kind}: ${said} records were returned, the truth is ${count}`)
  }
  let wrong = 0
  for await (const line of linesOf(join(directory, 'page-views.jsonl')))
    if (!isRight(JSON.parse(line) as PageViewRecord)) wrong += 1
  if (wrong > 0) found.push(`${wrong} page views do not say what was sealed`)
  return found
}

/** An event's sealed address holds its number, and so does the id of its page, but for the first of a visit. */
function isRight({ id, personal }: PageViewRecord): boolean {
  const page = Number(id.slice(id.lastIndexOf('/') + 1))
  const [, row] = /^https:\/\/www\.acme\.example\/garden\/chairs\/(\d+)\?/.exec(personal?.url ?? '') ?? []
  return row !== undefined && (page === firstPage || page === pageOf(Number(row)))
}
