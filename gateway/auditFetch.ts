import { join } from 'node:path'
import { readPublicKeys } from '../config/signing.ts'
import { type AuditRecord, auditActions } from '../core/audit.ts'
import type { AdminClient } from './adminClient.ts'
import { withPrivateFiles } from './privateFiles.ts'
import { givenOf, type Of, type Person, pathOf, purposeOf } from './subjectOptions.ts'

/** What is taken from the audit chain of a running system: all of it, the public key, or what concerns one person. */

/** As many as the API gives at most. */
const pageMax = 500

/** Records first, then heads, so that the last head speaks for the last record; what came in between follows. */
export async function fetchAudit(client: AdminClient, options: Of & { readonly out: string }): Promise<void> {
  const paths = ['records.jsonl', 'heads.jsonl', 'key.pem'].map(name => join(options.out, name))
  await withPrivateFiles(paths, async ([recordsFile, headsFile, keyFile]) => {
    const records = await readRecords(client, options, 0)
    const heads = await readHeads(client, options)
    if (indexOf(heads.at(-1)) > indexOf(records.at(-1)))
      records.push(...(await readRecords(client, options, indexOf(records.at(-1)) + 1)))
    recordsFile?.write(records.map(line => `${line}\n`).join(''))
    headsFile?.write(heads.map(line => `${line}\n`).join(''))
    keyFile?.write((await keyOf(client, options)).pem)
    process.stdout.write(
      `${records.length} records, ${heads.length} signed head${heads.length === 1 ? '' : 's'} and the public key are in ${options.out}. That they were read is a record of the chain now.\n`,
    )
  })
}

async function readRecords(client: AdminClient, options: Of, from: number): Promise<string[]> {
  const records: string[] = []
  for (;;) {
    const page = linesOf(
      await client.ask('GET', pathOf(options, `audit/records?from=${from + records.length}`)),
    )
    records.push(...page)
    if (page.length < pageMax) return records
  }
}

/** Every page ends with a head that was signed for it: only the last one's is kept. */
async function readHeads(client: AdminClient, options: Of): Promise<string[]> {
  const heads: string[] = []
  let from = 0
  for (;;) {
    const page = linesOf(await client.ask('GET', pathOf(options, `audit/heads?from=${from}`)))
    if (page.length <= pageMax) return [...heads, ...page]
    heads.push(...page.slice(0, pageMax))
    from = indexOf(heads.at(-1)) + 1
  }
}

const linesOf = (text: string) => text.split('\n').filter(line => line !== '')

function indexOf(line: string | undefined): number {
  return line === undefined ? -1 : (JSON.parse(line) as { index: number }).index
}

async function keyOf(client: AdminClient, options: Of): Promise<{ keyId: string; pem: string }> {
  return JSON.parse(await client.ask('GET', pathOf(options, 'audit/key'))) as { keyId: string; pem: string }
}

export async function fetchKey(client: AdminClient, options: Of & { readonly out: string }): Promise<void> {
  await withPrivateFiles([options.out], async ([file]) => {
    const { pem } = await keyOf(client, options)
    file?.write(pem)
    process.stdout.write(`${options.out} holds the public key ${readPublicKeys(pem)[0]?.keyId}.\n`)
  })
}

export async function showTrail(
  client: AdminClient,
  options: Of & Person & { readonly as: string },
): Promise<void> {
  const body = { ...givenOf(options), ...purposeOf(options) }
  const text = await client.ask('POST', pathOf(options, 'audit/subject'), body)
  if (options.as === 'json') {
    process.stdout.write(text)
    return
  }
  const records = linesOf(text).map(line => JSON.parse(line) as AuditRecord)
  for (const record of records) process.stdout.write(`${trailLine(record)}\n`)
  if (records.length === 0) process.stdout.write('The audit chain has no record of them.\n')
}

function trailLine({ index, atMs, action, actor, role, request, purpose, counts }: AuditRecord): string {
  const figures = Object.entries(counts).map(([what, count]) => `${what} ${count}`)
  const facts = [
    `by ${actor} (${role})`,
    ...(request === null ? [] : [`request ${request}`]),
    ...(purpose === null ? [] : [`purpose ${purpose}`]),
    ...figures,
  ]
  return `${index}  ${new Date(atMs).toISOString()}  ${auditActions[action].says} ${action}, ${facts.join(', ')}`
}
