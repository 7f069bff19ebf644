import type { Command } from 'commander'
import { type Config, formatProblems, loadConfig, policyVersion, tenantPolicy } from '../config/config.ts'
import { parseDuration } from '../config/durations.ts'
import { limits } from '../core/limits.ts'
import type { TenantPolicy } from '../core/policy.ts'

/** `ringtrail simulate` and `ringtrail replay`: what other pools, or another policy, would have made of what is on record. */

/** What is asked of whoever reads the stores. */
type AskedOf = {
  readonly places: { readonly dataDir: string; readonly keyDir: string; readonly partitions: number }
  readonly tenant: string
  readonly fromMs: number | null
  readonly toMs: number | null
  readonly out: string | null
}
type SimulateAsked = AskedOf & {
  readonly pool: string | null
  readonly sizes: readonly number[]
  readonly tailsMs: readonly number[]
  readonly coolDownsMs: readonly number[]
  readonly price: number | null
}
type ReplayAsked = AskedOf & { readonly policy: TenantPolicy; readonly version: string }
type Screen = { readonly isTTY?: boolean; write(text: string): unknown }
type Screens = { readonly out: Screen; readonly progress: Screen }

/** What of the workers the commands are given. */
export type WhatIf = {
  simulate(asked: SimulateAsked, screens: Screens): Promise<void>
  replay(asked: ReplayAsked, screens: Screens): Promise<void>
}

type Configured = (options: { config?: string }) => Config
type Options = { config: string; tenant: string; from?: string; to?: string; out?: string }
type SimulateOptions = Options & {
  pool?: string
  size?: string
  tail?: string
  coolDown?: string
  numberPrice?: string
}
type ReplayOptions = Options & { policy: string }

export function addWhatIfCommands(
  program: Command,
  configured: Configured,
  introduce: () => Promise<WhatIf>,
): void {
  ofRecord(program.command('simulate'))
    .description(
      'says what pools of other sizes and times would have done with the visits and calls on record',
    )
    .option('--pool <id>', 'of which pool; left out: of each')
    .option('--size <list>', 'how many numbers, such as 50,100,200; left out: half, as many as now, double')
    .option('--tail <list>', 'such as 5m,20m; left out: as now')
    .option('--cool-down <list>', 'such as 5m,10m; left out: as now')
    .option('--number-price <price>', 'what one number costs, such as 1.50; left out: no cost is shown')
    .action(async (options: SimulateOptions) => {
      const asked = { ...askedOf(configured(options), options), ...variedBy(options) }
      await (await introduce()).simulate(asked, screens)
    })
  ofRecord(program.command('replay'))
    .description('says which calls on record would have come out differently under another policy')
    .requiredOption(
      '--policy <file>',
      'a configuration as `ringtrail check` takes it, of which the tenant is taken',
    )
    .action(async (options: ReplayOptions) => {
      const asked = { ...askedOf(configured(options), options), ...otherPolicy(options) }
      await (await introduce()).replay(asked, screens)
    })
}

const screens: Screens = { out: process.stdout, progress: process.stderr }

function ofRecord(command: Command): Command {
  return command
    .requiredOption('--config <file>', 'the configuration of the worker whose stores are read')
    .requiredOption('--tenant <id>', 'of which controller')
    .option('--from <time>', 'the first moment, such as 2026-01-01T00:00:00Z; left out: the first on record')
    .option('--to <time>', 'the moment after the last; left out: now')
    .option('--out <folder>', 'where files go besides')
}

function askedOf({ dataDir, keyDir, partitions }: Config, options: Options): AskedOf {
  const { tenant, out } = options
  const [fromMs, toMs] = [timeOf('--from', options.from), timeOf('--to', options.to)]
  if (fromMs !== null && toMs !== null && toMs <= fromMs) throw new Error('--to has to be later than --from.')
  return { places: { dataDir, keyDir, partitions }, tenant, fromMs, toMs, out: out ?? null }
}

function timeOf(option: string, text: string | undefined): number | null {
  if (text === undefined) return null
  const at = Date.parse(text)
  if (Number.isNaN(at)) throw new Error(`${option} has to be a time such as 2026-01-01T00:00:00Z.`)
  return at
}

function variedBy({ pool, size, tail, coolDown, numberPrice }: SimulateOptions) {
  return {
    pool: pool ?? null,
    sizes: listOf(
      '--size',
      size,
      sizeOf,
      `numbers from 1 to ${limits.numbersPerPoolMax}, such as 50,100,200`,
    ),
    tailsMs: listOf('--tail', tail, parseDuration, 'durations such as 5m,20m'),
    coolDownsMs: listOf('--cool-down', coolDown, parseDuration, 'durations such as 5m,10m'),
    price: priceOf(numberPrice),
  }
}

/** Each once, in the order in which they were given. */
function listOf(
  option: string,
  text: string | undefined,
  read: (part: string) => number | null,
  wanted: string,
): number[] {
  if (text === undefined) return []
  const values = text.split(',').map(part => read(part.trim()))
  if (values.some(value => value === null)) throw new Error(`${option} has to be ${wanted}.`)
  return [...new Set(values as number[])]
}

function sizeOf(part: string): number | null {
  const size = /^[0-9]{1,6}$/.test(part) ? Number(part) : 0
  return size >= 1 && size <= limits.numbersPerPoolMax ? size : null
}

function priceOf(text: string | undefined): number | null {
  if (text === undefined) return null
  if (!/^[0-9]{1,9}(\.[0-9]{1,6})?$/.test(text))
    throw new Error('--number-price has to be a price such as 1.50.')
  return Number(text)
}

/** Every problem of the other file is told as `check` tells it. */
function otherPolicy({ policy: file, tenant }: ReplayOptions): { policy: TenantPolicy; version: string } {
  const loaded = loadConfig({ file, env: process.env })
  if (loaded.kind === 'config-problems') throw new Error(formatProblems(loaded))
  const found = loaded.tenants.find(({ id }) => id === tenant)
  if (found === undefined) throw new Error(`${file} has no tenant ${tenant}.`)
  const policy = tenantPolicy(found)
  return { policy, version: policyVersion(policy) }
}
