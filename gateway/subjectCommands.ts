import { counted } from '../config/counted.ts'
import type { Command } from 'commander'
import { receiptSentences } from '../config/receipts.ts'
import { type ErasureReceipt, standingOf } from '../core/receipt.ts'
import { type AdminClient, createAdminClient, type Configured } from './adminClient.ts'
import type { AuditCommands } from './auditCommand.ts'
import { fetchAudit, fetchKey, showTrail } from './auditFetch.ts'
import { withPrivateFiles } from './privateFiles.ts'
import { addRectify } from './rectifyCommand.ts'
import {
  byWhatWasGiven,
  collected,
  givenOf,
  type InForce,
  type Named,
  type Of,
  type OfAny,
  type Open,
  ofPeople,
  ofTenant,
  ofTenantOrProcessor,
  type Person,
  pathOf,
  purposeOf,
  sayInForce,
  withPurpose,
} from './subjectOptions.ts'

/**
 * The rights of persons from the command line, one command for each route. What names a person in the clear, a phone
 * number or an e-mail address, is never an argument: it is read from a file or from standard input.
 */

export function addSubjectCommands(
  program: Command,
  configured: Configured,
  { audit, receipt }: AuditCommands,
): void {
  const open: Open = options => createAdminClient(configured(options), options)
  const subjects = program.command('subjects').description('what a person asks for: docs/requests.md')
  addReading(subjects, open)
  addChanging(subjects, open)
  ofTenant(receipt.command('fetch'))
    .description('writes the signed receipt of an erasure, as of now, into a file')
    .requiredOption('--request <id>', 'as the erasure answered it')
    .requiredOption('--out <file>', 'a new file')
    .action((options: Of & { request: string; out: string }) => fetchReceipt(open(options), options))
  ofTenantOrProcessor(audit.command('fetch'))
    .description('writes all records, the signed heads and the public key; that they were read is recorded')
    .requiredOption('--out <directory>', 'for records.jsonl, heads.jsonl and key.pem, new files')
    .action((options: OfAny & { out: string }) => fetchAudit(open(options), options))
  ofTenantOrProcessor(audit.command('key'))
    .description('writes the public key that verifies receipts and heads: take it before you need it')
    .requiredOption('--out <file>', 'a new file')
    .action((options: OfAny & { out: string }) => fetchKey(open(options), options))
  const trail = withPurpose(audit.command('subject'))
    .description('what happened to a person’s data; that it was asked is recorded')
    .option('--subject <handle>', 'v:… or c:…, as a search answered it', collected)
    .option('--as <form>', 'text, or json for the records themselves', 'text')
  byWhatWasGiven(trail).action((options: Of & Person & { as: string }) => showTrail(open(options), options))
}

function addReading(subjects: Command, open: Open): void {
  byWhatWasGiven(withPurpose(subjects.command('find')))
    .description('whose data is held, by what the person gave')
    .action((options: Of & Person) => find(open(options), options))
  ofPeople(subjects.command('access'))
    .description('writes the report of Article 15')
    .option('--as <form>', 'html, text or json', 'html')
    .requiredOption('--out <file>', 'a new file')
    .action((options: Of & Named & { as: string; out: string }) =>
      takeFile(open(options), 'access', options, { as: options.as }),
    )
  ofPeople(subjects.command('export'))
    .description('writes the package of Article 20')
    .requiredOption('--out <file>', 'a new .zip')
    .action((options: Of & Named & { out: string }) => takeFile(open(options), 'export', options, {}))
}

function addChanging(subjects: Command, open: Open): void {
  addRectify(subjects, open)
  const modes = {
    restrict: ['restricted', 'from now on the data is stored only (Article 18)'],
    object: ['objected', 'the person objects: the data is no longer used (Article 21)'],
    lift: ['lifted', 'ends a restriction or an objection'],
  } as const
  for (const [word, [mode, says]] of Object.entries(modes)) {
    ofPeople(subjects.command(word))
      .description(says)
      .action(async (options: Of & Named) => {
        await change(open(options), 'restrict', options, { mode })
      })
  }
  ofPeople(subjects.command('erase'))
    .description('erases people (Article 17)')
    .option('--wait', 'until what was sealed can no longer be read, for at most two minutes')
    .action((options: Of & Named & { wait?: boolean }) => erase(open(options), options))
}

const say = (text: string) => void process.stdout.write(`${text}\n`)

type Found = {
  readonly subject: string
  readonly by: keyof typeof how
  readonly sessions: number
  readonly events: number
  readonly calls: number
  readonly firstAt: string | null
  readonly lastAt: string | null
  readonly restriction: { readonly mode: keyof typeof modes; readonly since: string } | null
}
const modes = { restricted: 'restricted', objected: 'has objected' }
const how = {
  name: 'is this visitor',
  session: 'had this visit',
  entered: 'entered this in a form',
  call: 'is linked by a call',
}

function howFound({ subject, by }: Found): string {
  return by === 'name' && subject.startsWith('c:') ? 'called from this number' : how[by]
}

async function find(client: AdminClient, options: Of & Person): Promise<void> {
  const body = { ...givenOf(options), ...purposeOf(options) }
  const answer = await client.ask('POST', pathOf(options, 'subjects/find'), body)
  const { request, subjects } = JSON.parse(answer) as { request: string; subjects: Found[] }
  for (const one of subjects) {
    const counts = [counted(one.sessions, 'visit'), counted(one.events, 'event'), counted(one.calls, 'call')]
    const times = one.firstAt === null ? '' : `, ${one.firstAt} to ${one.lastAt}`
    const { restriction } = one
    const inForce = restriction === null ? '' : `; ${modes[restriction.mode]} since ${restriction.since}`
    say(`${one.subject}  ${howFound(one)}: ${counts.join(', ')}${times}${inForce}`)
  }
  if (subjects.length === 0) say('Nothing is held under this.')
  say(`Request ${request}.`)
}

/** The file is made first: what could not be written would have been read, and recorded, for nothing. */
async function takeFile(
  client: AdminClient,
  what: 'access' | 'export',
  options: Of & Named & { readonly out: string },
  more: object,
): Promise<void> {
  await withPrivateFiles([options.out], async ([file]) => {
    const body = { subjects: options.subject, ...more, ...purposeOf(options) }
    const { bytes, request } = await client.askBytes(pathOf(options, `subjects/${what}`), body)
    file?.write(bytes)
    say(`${options.out} is written (${bytes.length} bytes), readable by you alone. Request ${request}.`)
  })
}

async function change(
  client: AdminClient,
  what: string,
  options: Of & Named,
  more: object,
): Promise<InForce> {
  const body = { subjects: options.subject, ...more, ...purposeOf(options) }
  return sayInForce(await client.ask('POST', pathOf(options, `subjects/${what}`), body))
}

const askAgainAfterMs = 500
const waitForMs = 120_000

async function erase(client: AdminClient, options: Of & Named & { readonly wait?: boolean }): Promise<void> {
  const { request } = await change(client, 'erase', options, {})
  if (options.wait !== true) return
  const until = Date.now() + waitForMs
  for (;;) {
    const receipt = await receiptOf(client, options, request)
    if (receipt !== null && standingOf(receipt.states) !== 'under-way') {
      for (const line of receiptSentences(receipt)) say(line)
      return
    }
    if (Date.now() > until) {
      throw new Error(
        `After two minutes not everything is undecryptable yet. Fetch the receipt of request ${request} later.`,
      )
    }
    await new Promise(resolve => setTimeout(resolve, askAgainAfterMs))
  }
}

/** null: nobody answers just now. */
async function receiptOf(client: AdminClient, options: Of, request: string): Promise<ErasureReceipt | null> {
  const path = pathOf(options, `erasures/${encodeURIComponent(request)}`)
  try {
    return JSON.parse(await client.ask('GET', path)) as ErasureReceipt
  } catch (error) {
    if ((error as Error).message.endsWith('(not-now)')) return null
    throw error
  }
}

async function fetchReceipt(
  client: AdminClient,
  options: Of & { readonly request: string; readonly out: string },
): Promise<void> {
  await withPrivateFiles([options.out], async ([file]) => {
    const path = pathOf(options, `erasures/${encodeURIComponent(options.request)}`)
    file?.write(`${await client.ask('GET', path)}\n`)
    say(`${options.out} is written. Verify it: ringtrail receipt verify --receipt ${options.out} --key KEY`)
  })
}
