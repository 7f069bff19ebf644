import { join } from 'node:path'
import { counted } from '../config/counted.ts'
import { readPublicKeys } from '../config/signing.ts'
import { type AuditRecord, auditActions } from '../core/audit.ts'
import { type AdminClient, underTenant } from './adminClient.ts'
import { headLines, indexOf, linesOf, publicKeyOf, recordLines } from './auditPages.ts'
import { withPrivateFiles } from './privateFiles.ts'
import { givenOf, type Of, type OfAny, type Person, pathOf, purposeOf } from './subjectOptions.ts'

/** What is taken from the audit chain of a running system: all of it, the public key, or what concerns one person. */

/** Records first, then heads, so that the last head speaks for the last record; what came in between follows. */
export async function fetchAudit(
  client: AdminClient,
  options: OfAny & { readonly out: string },
): Promise<void> {
  const paths = ['records.jsonl', 'heads.jsonl', 'key.pem'].map(name => join(options.out, name))
  await withPrivateFiles(paths, async ([recordsFile, headsFile, keyFile]) => {
    const path = underTenant(options.tenant)
    const records: string[] = []
    for await (const line of recordLines(client, path, 0)) records.push(line)
    const heads = await headLines(client, path)
    if (indexOf(heads.at(-1)) > indexOf(records.at(-1)))
      for await (const line of recordLines(client, path, records.length)) records.push(line)
    recordsFile?.write(records.map(line => `${line}\n`).join(''))
    headsFile?.write(heads.map(line => `${line}\n`).join(''))
    keyFile?.write(await publicKeyOf(client, path))
    process.stdout.write(
      `${counted(records.length, 'record')}, ${counted(heads.length, 'signed head')} and the public key are in ${options.out}. That they were read is a record of the chain now.\n`,
    )
  })
}

export async function fetchKey(
  client: AdminClient,
  options: OfAny & { readonly out: string },
): Promise<void> {
  await withPrivateFiles([options.out], async ([file]) => {
    const pem = await publicKeyOf(client, underTenant(options.tenant))
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
