import type { Command } from 'commander'
import type { Static } from 'typebox'
import { parseDuration } from '../config/durations.ts'
import {
  type keyGiven,
  type keyShown,
  type keysListed,
  madeBody,
  revokedBody,
  rotatedBody,
} from './access/keyShapes.ts'
import {
  type AdminClient,
  type AdminOptions,
  type Configured,
  createAdminClient,
  given,
  underTenant,
  withAdminOptions,
} from './adminClient.ts'
import { checkOptions } from './bodyForm.ts'

/** `ringtrail keys …` and `ringtrail access review`: the routes of API keys from the command line. */
type Options = AdminOptions & { readonly tenant?: string }

export function addAccessCommands(program: Command, configured: Configured): void {
  const keys = program.command('keys').description('makes, lists, rotates and revokes API keys')
  const client = (options: Options) => createAdminClient(configured(options), options)
  ofTenant(keys.command('create'))
    .description('makes an API key and prints it, this once')
    .requiredOption('--name <name>', 'what it is for, such as reports; never a person’s name')
    .requiredOption('--role <role>', 'what its holder may do, see docs/access.md')
    .option('--expires-in <duration>', 'such as 90d, or never; left out: 365d')
    .option('--purpose <reference>', 'a ticket or a reference, for the audit record')
    .action(
      async (options: Options & { name: string; role: string; expiresIn?: string; purpose?: string }) => {
        const { name, role, purpose } = options
        const body = { name, role, ...lasting(options.expiresIn), ...given({ purpose }) }
        checkOptions(madeBody(options.tenant ? 'tenant' : 'processor'), body)
        give(await client(options).ask('POST', `${underTenant(options.tenant)}/keys`, body))
      },
    )
  ofTenant(keys.command('list'))
    .description('lists API keys without their secrets')
    .action(async (options: Options) => list(client(options), options))
  ofTenant(keys.command('rotate <id>'))
    .description('gives a key a new secret and prints it, this once')
    .option('--overlap <duration>', 'how long the old secret works on; left out: 24h')
    .option('--expires-in <duration>', 'such as 90d, or never; left out: as long as before')
    .option('--purpose <reference>', 'a ticket or a reference, for the audit record')
    .action(
      async (id: string, options: Options & { overlap?: string; expiresIn?: string; purpose?: string }) => {
        const { overlap, purpose } = options
        const body = { ...given({ overlap, purpose }), ...lasting(options.expiresIn) }
        checkOptions(rotatedBody, body)
        give(
          await client(options).ask(
            'POST',
            `${underTenant(options.tenant)}/keys/${encodeURIComponent(id)}/rotate`,
            body,
          ),
        )
      },
    )
  ofTenant(keys.command('revoke <id>'))
    .description('ends a key for good')
    .option('--purpose <reference>', 'a ticket or a reference, for the audit record')
    .action(async (id: string, options: Options & { purpose?: string }) => {
      const path = `${underTenant(options.tenant)}/keys/${encodeURIComponent(id)}/revoke`
      const body = given({ purpose: options.purpose })
      checkOptions(revokedBody, body)
      const shown = JSON.parse(await client(options).ask('POST', path, body))
      const { name, revokedAt } = shown as Static<typeof keyShown>
      process.stdout.write(`${id} (${name}) is revoked since ${revokedAt}\n`)
    })
  const access = program.command('access').description('who may do what')
  ofTenant(access.command('review'))
    .description('prints the report for the review of access')
    .option('--as <form>', 'text, csv or json', 'text')
    .action(async (options: Options & { as: string }) => {
      const path = `${underTenant(options.tenant)}/access-review?as=${encodeURIComponent(options.as)}`
      const text = await client(options).ask('GET', path)
      process.stdout.write(text.endsWith('\n') ? text : `${text}\n`)
    })
}

function ofTenant(command: Command): Command {
  return withAdminOptions(command).option(
    '--tenant <id>',
    'of which tenant; left out: the processor’s own keys, which reach all tenants',
  )
}

function lasting(expiresIn: string | undefined): { expiresIn?: string | null } {
  if (expiresIn === undefined) return {}
  if (expiresIn === 'never') return { expiresIn: null }
  if (!parseDuration(expiresIn))
    throw new Error('--expires-in has to be a duration such as 90d, at most 3650d, or never.')
  return { expiresIn }
}

/** The key alone goes to standard output, so that it can go straight into a file. */
function give(answer: string): void {
  const { key, id, role, expiresAt, oldSecretUntil } = JSON.parse(answer) as Static<typeof keyGiven>
  const ends = expiresAt === null ? 'It never expires.' : `It expires ${expiresAt}.`
  const old = oldSecretUntil === null ? '' : ` The old secret works until ${oldSecretUntil}.`
  process.stdout.write(`${key}\n`)
  process.stderr.write(`Key ${id}, role ${role}. ${ends}${old} Its text is shown this once.\n`)
}

async function list(client: AdminClient, options: Options): Promise<void> {
  const { keys } = JSON.parse(await client.ask('GET', `${underTenant(options.tenant)}/keys`)) as Static<
    typeof keysListed
  >
  for (const { id, name, role, standing, expiresAt, lastUsedAt } of keys) {
    const ends = expiresAt === null ? 'never ends' : `ends ${expiresAt}`
    const used = lastUsedAt === null ? 'never used' : `last used ${lastUsedAt}`
    process.stdout.write(`${id}  ${role}  ${name}  ${standing}, ${ends}, ${used}\n`)
  }
}
