import { setTimeout as wait } from 'node:timers/promises'
import type { Command } from 'commander'
import { receiptSentences } from '../../config/receipts.ts'
import { type DeletionCertificate, standingOf } from '../../core/receipt.ts'
import {
  type AdminClient,
  type AdminOptions,
  type Configured,
  createAdminClient,
  given,
  underTenant,
  withAdminOptions,
} from '../adminClient.ts'
import { withPrivateFiles } from '../privateFiles.ts'

/** `ringtrail tenant …`: the end of a contract from the command line. */
type Options = AdminOptions & { readonly tenant: string }

export function addTenantCommands(program: Command, configured: Configured): void {
  const tenant = program.command('tenant').description('the end of a contract')
  const client = (options: Options) => createAdminClient(configured(options), options)
  ofTenant(tenant.command('return'))
    .description('writes all of the tenant’s data as a package, on the worker’s disk')
    .option('--purpose <reference>', 'a ticket or a reference, for the audit record')
    .action(async (options: Options & { purpose?: string }) => returnAll(client(options), options))
  ofTenant(tenant.command('received'))
    .description(
      'says that a return package was received, and waits until it is removed from the worker’s disk',
    )
    .requiredOption('--request <id>', 'as the return answered it')
    .requiredOption('--manifest <sha256>', 'of manifest.json as it was received: sha256sum manifest.json')
    .option('--purpose <reference>', 'a ticket or a reference, for the audit record')
    .action(async (options: Received) => received(client(options), options))
  ofTenant(tenant.command('end'))
    .description('deletes all of the tenant’s data, for good, and prints what the certificate says')
    .requiredOption('--confirm <id>', 'the tenant’s id once more')
    .option(
      '--returned <request>',
      'the return package that was taken before; left out: the last one finished',
    )
    .option('--purpose <reference>', 'a ticket or a reference, for the audit record')
    .option('--out <file>', 'where the certificate goes')
    .option('--wait', 'until nothing can be read anywhere any more, for at most two minutes after that')
    .action(async (options: Ending) => give(options.out, () => end(client(options), options)))
  ofTenant(tenant.command('certificate'))
    .description('fetches the certificate as of now; its last states come within 8 days')
    .option('--request <id>', 'of an earlier end, as its certificate has it; left out: of the last')
    .option('--out <file>', 'where it goes')
    .action(async (options: Options & { request?: string; out?: string }) => {
      const query = new URLSearchParams(given({ request: options.request }))
      const path = `${underTenant(options.tenant)}/certificate?${query}`
      await give(options.out, () => client(options).ask('GET', path))
    })
}

type Ending = Options & { confirm: string; returned?: string; purpose?: string; out?: string; wait?: boolean }

function ofTenant(command: Command): Command {
  return withAdminOptions(command).requiredOption('--tenant <id>', 'which tenant')
}

const lookEveryMs = 300
const sayEveryMs = 10_000
/** A large tenant's data leaves in minutes. */
const allGoneWithinMs = 60 * 60_000
const unreadableWithinMs = 120_000

type Returning = {
  request: string
  records: number
  state: string
  directory: string | null
  manifestSha256: string | null
  keptUntil: string | null
}
type Received = Options & { request: string; manifest: string; purpose?: string }

async function returnAll(client: AdminClient, options: Options & { purpose?: string }): Promise<void> {
  const body = given({ purpose: options.purpose })
  let said = JSON.parse(await client.ask('POST', `${underTenant(options.tenant)}/return`, body)) as Returning
  const say = createSaying()
  while (said.state === 'writing') {
    await wait(lookEveryMs)
    say(`${said.records} records are written …`)
    const text = await client.ask('GET', `${underTenant(options.tenant)}/return/${said.request}`)
    said = JSON.parse(text) as Returning
  }
  if (said.state === 'failed') throw new Error('The worker could not write the package; its log says why.')
  const { records, directory, request, manifestSha256, keptUntil } = said
  const lines = [
    `${records} records in ${directory ?? ''}, in clear text; request ${request}`,
    `SHA-256 of the manifest ${manifestSha256}; the package is removed at ${keptUntil}, or when it is said to be received`,
  ]
  process.stdout.write(lines.map(line => `${line}\n`).join(''))
}

const removedWithinMs = 60_000

async function received(client: AdminClient, options: Received): Promise<void> {
  const { tenant, request, manifest, purpose } = options
  const path = `${underTenant(tenant)}/return/${encodeURIComponent(request)}`
  await client.ask('POST', `${path}/received`, { manifestSha256: manifest, ...given({ purpose }) })
  const until = Date.now() + removedWithinMs
  for (;;) {
    const { state } = JSON.parse(await client.ask('GET', path)) as Returning
    if (state === 'removed')
      return void process.stdout.write(`The package of request ${request} is removed.\n`)
    if (Date.now() > until)
      throw new Error('It is on record; the package is not removed yet. Look at the worker.')
    await wait(lookEveryMs)
  }
}

/** Resolves to the certificate as soon as it says that neither a key nor a row is left. */
async function end(client: AdminClient, options: Ending): Promise<string> {
  const { confirm, returned, purpose } = options
  const body = { confirm, ...given({ returned, purpose }) }
  await client.ask('POST', `${underTenant(options.tenant)}/end`, body)
  const until = Date.now() + allGoneWithinMs
  let goneAt: number | null = null
  const say = createSaying()
  for (;;) {
    const text = await client.ask('GET', `${underTenant(options.tenant)}/certificate`).catch(() => null)
    const certificate = text === null ? null : (JSON.parse(text) as DeletionCertificate)
    if (text !== null && certificate !== null && isAllGone(certificate)) {
      goneAt ??= Date.now()
      if (options.wait !== true || standingOf(certificate.states) !== 'under-way') return text
      if (Date.now() > goneAt + unreadableWithinMs) return text
    }
    if (Date.now() > until)
      throw new Error(
        'The tenant has ended; not everything of it is gone yet. Ask for the certificate later.',
      )
    say('The tenant has ended; its data is being deleted …')
    await wait(lookEveryMs)
  }
}

/** Keys go first: that a row is left is known when somebody has looked. */
function isAllGone({ states, deleted }: DeletionCertificate): boolean {
  const keys = states.find(({ store }) => store === 'keys')?.state
  return keys !== 'unused' && deleted['rows found afterwards'] === 0
}

/** Says how it goes, now and then. */
function createSaying(): (line: string) => void {
  let saidAt = performance.now()
  return line => {
    if (performance.now() - saidAt < sayEveryMs) return
    saidAt = performance.now()
    process.stderr.write(`${line}\n`)
  }
}

/** A place that is taken is said before anything is asked for. */
async function give(out: string | undefined, certificate: () => Promise<string>): Promise<void> {
  await withPrivateFiles(out === undefined ? [] : [out], async ([file]) => {
    const text = await certificate()
    file?.write(`${text}\n`)
    const sentences = receiptSentences(JSON.parse(text) as DeletionCertificate)
    process.stdout.write(`${sentences.join('\n')}\n`)
  })
}
