import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import type { Config } from '../../config/config.ts'
import {
  collectEvidence,
  evidenceManifestName,
  type Made,
  recordsWords,
} from '../../config/evidence/collect.ts'
import { madeFrom } from '../../config/evidence/fromConfiguration.ts'
import { loadRootKey } from '../../config/rootKey.ts'
import { createSigner, readPublicKeys, type Signer } from '../../config/signing.ts'
import type { EvidenceKind } from '../../core/evidence.ts'
import {
  type AdminClient,
  type AdminOptions,
  type Configured,
  createAdminClient,
  given,
  underTenant,
  withAdminOptions,
} from '../adminClient.ts'
import { checkOptions } from '../bodyForm.ts'
import { adminSource, keysOf } from './adminSource.ts'
import { triedBody } from './evidenceShapes.ts'
import { addEvidenceVerify } from './verifyEvidence.ts'

type Collect = AdminOptions & { from?: string; to?: string; out?: string; tenant?: string }
type Tried = AdminOptions & {
  kind: string
  reference: string
  result: string
  digest?: string
  seconds?: string
}

/** `ringtrail evidence`: dated records for an auditor, and what people tried. */
export function addEvidenceCommands(program: Command, configured: Configured): void {
  const command = withAdminOptions(program.command('evidence'))
    .description('collects dated records for an auditor into a directory')
    .option('--from <time>', 'the first moment, such as 2026-01-01T00:00:00Z')
    .option('--to <time>', 'the moment after the last')
    .option('--out <dir>', 'a directory that is new or empty')
    .option('--tenant <id>', 'of one tenant alone; left out: of all, and of the processor')
    .action((asked: Collect) => collect(configured(asked), asked))
  withAdminOptions(command.command('record'))
    .description('records that a restore or a drill was tried, and what came of it')
    .requiredOption('--kind <kind>', 'restore-test or drill')
    .requiredOption('--reference <text>', 'a ticket or the name of a report; never of a person')
    .requiredOption('--result <result>', 'passed or failed')
    .option('--digest <sha256>', 'of what was restored, or of the report')
    .option('--seconds <count>', 'how long it took')
    .action((_: unknown, said: Command) => record(configured, said.optsWithGlobals<Tried>()))
  addEvidenceVerify(command)
}

async function record(configured: Configured, asked: Tried): Promise<void> {
  const { kind, reference, result, digest, seconds } = asked
  const lasted = seconds === undefined ? undefined : Number(seconds)
  const body = { kind, reference, result, ...given<string | number>({ digest, seconds: lasted }) }
  checkOptions(triedBody, body)
  await createAdminClient(configured(asked), asked).ask('POST', '/v1/evidence', body)
  process.stdout.write(`recorded: ${kind} ${result} (${reference})\n`)
}

async function collect(config: Config, asked: Collect): Promise<void> {
  const [from, to] = [timeOf('--from', asked.from), timeOf('--to', asked.to)]
  if (to <= from) throw new Error('--to has to be later than --from.')
  if (asked.out === undefined) throw new Error('--out says where to: a directory that is new or empty.')
  // Of a server that is named without its configuration, the demo's, which is read then, says nothing.
  const isElsewhere = asked.config === undefined && asked.admin !== undefined
  const signer = isElsewhere ? null : signerOf(config)
  const client = clientOf(config, asked)
  const tenants = isElsewhere
    ? await tenantElsewhere(config, asked)
    : await tenantsOf(config, client, asked.tenant)
  const keys = signer === null ? await keysOf(client, tenants) : readPublicKeys(signer.publicKey)
  const nowMs = Date.now()
  const here = join(import.meta.dirname, '../..')
  const made = isElsewhere ? notMade() : await madeFrom(config, here, nowMs, tenants)
  made['key-inventory'] = await inventoryOf(client, tenants)
  const source = adminSource(client, tenants, keys)
  const manifest = await collectEvidence(asked.out, {
    ...{ source, made, fromMs: from, toMs: to, nowMs, signer },
  })
  const bytes = readFileSync(join(asked.out, evidenceManifestName))
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  for (const { kind, records, missing } of manifest.kinds)
    process.stdout.write(`${kind}: ${missing ?? recordsWords(records)}\n`)
  const counts = {
    records: manifest.kinds.reduce((sum, one) => sum + one.records, 0),
    missing: manifest.kinds.filter(one => one.missing !== null).length,
  }
  const note = { manifest: sha256, from: manifest.from, to: manifest.to, ...counts }
  const told = await tell(client, asked.tenant, note)
  process.stdout.write(
    `manifest ${sha256}, ${signer === null ? 'not signed: there is no root key here' : `signed with key ${signer.keyId}`}; ${told}\n`,
  )
}

/** The processor, the tenants of the file, and those whose contract ended: what was done before is evidence all the same. */
async function tenantsOf(
  { tenants }: Config,
  client: AdminClient | string,
  only: string | undefined,
): Promise<readonly string[]> {
  const all = tenants.map(({ id }) => id)
  if (only === undefined) return ['', ...new Set([...all, ...(await endedOf(client))])]
  if (!all.includes(only) && !(await isThere(client, only)))
    throw new Error(`The configuration has no tenant ${only}, and no contract of one ended here.`)
  return [only]
}

async function endedOf(client: AdminClient | string): Promise<readonly string[]> {
  try {
    if (typeof client === 'string') throw new Error(client)
    return (JSON.parse(await client.ask('GET', '/v1/ended-tenants')) as { tenants: string[] }).tenants
  } catch (error) {
    process.stdout.write(`tenants whose contract ended are left out: ${(error as Error).message}\n`)
    return []
  }
}

/** By what leaves no record. */
async function isThere(client: AdminClient | string, tenant: string): Promise<boolean> {
  if (typeof client === 'string') return false
  return client.ask('GET', `${underTenant(tenant)}/audit/key`).then(
    () => true,
    () => false,
  )
}

/** The server says whether there is such a tenant. */
async function tenantElsewhere(config: Config, asked: Collect): Promise<readonly string[]> {
  const { tenant } = asked
  if (tenant === undefined)
    throw new Error('Name one tenant with --tenant, or with --config the configuration that has them all.')
  await createAdminClient(config, asked).ask('GET', `${underTenant(tenant)}/key-inventory`)
  return [tenant]
}

function notMade(): Partial<Record<EvidenceKind, Made>> {
  const because =
    'it follows from the configuration and the installation, which --config names where they are'
  const kinds = ['sbom', 'egress-report', 'processing-record', 'configuration-now'] as const
  return Object.fromEntries(kinds.map(kind => [kind, { because }]))
}

async function tell(client: AdminClient | string, tenant: string | undefined, note: object): Promise<string> {
  if (typeof client === 'string') return `not in the audit chain: ${client}`
  try {
    await client.ask('POST', `${underTenant(tenant)}/evidence-collections`, note)
    return 'its hash is in the audit chain'
  } catch (error) {
    return `not in the audit chain: ${(error as Error).message}`
  }
}

async function inventoryOf(client: AdminClient | string, tenants: readonly string[]): Promise<Made> {
  if (typeof client === 'string') return { because: client }
  const lines: string[] = []
  try {
    for (const tenant of tenants.filter(one => one !== ''))
      lines.push(await client.ask('GET', `${underTenant(tenant)}/key-inventory`))
  } catch (error) {
    return { because: `the key store cannot be asked: ${(error as Error).message}` }
  }
  if (lines.length === 0) return { because: 'no tenant was asked about' }
  const text = lines.map(line => `${line}\n`).join('')
  return { name: 'key-inventory.jsonl', text, records: lines.length }
}

/** Without a running gateway there is evidence all the same: of what the configuration says. */
function clientOf(config: Config, asked: Collect): AdminClient | string {
  try {
    return createAdminClient(config, asked)
  } catch (error) {
    return (error as Error).message
  }
}

/** Where the root key is elsewhere, the manifest is not signed here; its hash goes into the signed chain. */
function signerOf(config: Config): Signer | null {
  const { rootKey, rootKeyCommand, dataDir } = config
  const isHere = rootKey !== null || rootKeyCommand !== null || existsSync(join(dataDir, 'root-key'))
  return isHere ? createSigner(loadRootKey(config)) : null
}

function timeOf(option: string, text: string | undefined): number {
  const at = text === undefined ? Number.NaN : Date.parse(text)
  if (Number.isNaN(at)) throw new Error(`${option} has to be a time such as 2026-01-01T00:00:00Z.`)
  return at
}
