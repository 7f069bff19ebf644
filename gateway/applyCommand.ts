import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { Static } from 'typebox'
import type { Config } from '../config/config.ts'
import {
  type AdminOptions,
  type Configured as Reading,
  createAdminClient,
  given,
  withAdminOptions,
} from './adminClient.ts'
import type { appliedAnswer } from './applyRoutes.ts'
import { type Configured, isInForce } from './configure.ts'

type Applied = Static<typeof appliedAnswer>['tenants'][number]

/** `ringtrail apply`: puts the tenants of a changed file in force while everything runs. */
export function addApplyCommand(program: Command, configured: Reading): void {
  withAdminOptions(program.command('apply'))
    .description('puts the tenants of the configuration in force, while gateways and workers run')
    .option('--again <tenant...>', 'introduces a tenant anew, empty, though its contract ended')
    .action(async (options: Options) => {
      const config = configured(options)
      const restart = config.nats.url === null ? 'a restart' : 'a restart of the gateways'
      for (const one of await apply(config, options)) {
        process.stdout.write(`${sayApplied(one, restart)}\n`)
        if (!isInForce(one.became)) process.exitCode = 1
      }
    })
}

type Options = AdminOptions & { readonly again?: readonly string[] }

const because: Partial<Record<Configured, string>> = {
  ended: 'its contract ended: take it out of the file, or introduce it anew, empty, with --again',
  stopped: 'its partition is, and what was in force stays',
  'no answer': 'is a worker that owns its partition running?',
  'too long':
    'no message of this nats-server takes its policy: raise max_payload there (8MB holds 400,000 numbers), or give it fewer numbers',
}

function sayApplied({ tenant, became, isKnown }: Applied, restart: string): string {
  const isLeft = isInForce(became) && !isKnown
  const more = isLeft ? `it is taken in after ${restart}` : because[became]
  return `${tenant}: ${became}${more === undefined ? '' : `; ${more}`}`
}

/** Over the nats-server, where it runs by itself; else `ringtrail start` has it to itself, and is asked to do it. */
async function apply(config: Config, options: Options): Promise<readonly Applied[]> {
  if (config.nats.url === null) {
    const body = { file: resolve(config.file), ...given({ again: options.again }) }
    const answer = await createAdminClient(config, options).ask('POST', '/v1/apply', body)
    return (JSON.parse(answer) as Static<typeof appliedAnswer>).tenants
  }
  const { applyConfig } = await import('./apply.ts')
  // A gateway brings the tenants of its file to their partitions: what was new there, no gateway that runs knows.
  const isKnown = (became: Configured) => became !== 'new'
  return [...(await applyConfig(config, options.again ?? []))].map(([tenant, became]) => ({
    tenant,
    became,
    isKnown: isKnown(became),
  }))
}
