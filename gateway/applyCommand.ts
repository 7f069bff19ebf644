import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { Static } from 'typebox'
import type { Config } from '../config/config.ts'
import {
  type AdminOptions,
  type Configured as Reading,
  createAdminClient,
  withAdminOptions,
} from './adminClient.ts'
import type { appliedAnswer } from './applyRoutes.ts'

type Applied = Static<typeof appliedAnswer>['tenants'][number]

/** `ringtrail apply`: puts the tenants of a changed file in force while everything runs. */
export function addApplyCommand(program: Command, configured: Reading): void {
  withAdminOptions(program.command('apply'))
    .description('puts the tenants of the configuration in force, while gateways and workers run')
    .action(async (options: AdminOptions) => {
      const config = configured(options)
      for (const one of await apply(config, options)) {
        process.stdout.write(
          `${one.tenant}: ${one.became}${one.isKnown ? '' : '; it is taken in after a restart'}\n`,
        )
        if (one.became === 'stopped') process.exitCode = 1
      }
    })
}

/** Over the nats-server, where it runs by itself; else `ringtrail start` has it to itself, and is asked to do it. */
async function apply(config: Config, options: AdminOptions): Promise<readonly Applied[]> {
  if (config.nats.url === null) {
    const body = { file: resolve(config.file) }
    const answer = await createAdminClient(config, options).ask('POST', '/v1/apply', body)
    return (JSON.parse(answer) as Static<typeof appliedAnswer>).tenants
  }
  const { applyConfig } = await import('./apply.ts')
  return [...(await applyConfig(config))].map(([tenant, became]) => ({ tenant, became, isKnown: true }))
}
