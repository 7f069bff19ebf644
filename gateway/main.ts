import { Command } from 'commander'
import {
  type Config,
  type ConfigProblems,
  describeConfig,
  formatProblems,
  loadConfig,
} from '../config/config.ts'
import { counted } from '../config/counted.ts'
import { preflight } from '../config/setup/preflight.ts'
import { addAccessCommands } from './accessCommands.ts'
import { type AdminOptions, keyFor, urlFor, withAdminOptions } from './adminClient.ts'
import { addApplyCommand } from './applyCommand.ts'
import { addAuditCommands } from './auditCommand.ts'
import { addTenantCommands } from './contract/tenantCommands.ts'
import { endOnCrash } from './crash.ts'
import { addBreachCommands } from './breach/breachCommands.ts'
import { addEvidenceCommands } from './evidence/evidenceCommands.ts'
import { addExportCommand } from './exportCommand.ts'
import { addRecordCommands } from './recordCommand.ts'
import { addSubjectCommands } from './subjectCommands.ts'
import { addWhatIfCommands } from './whatIfCommands.ts'

// What is kept here is personal data of others: nobody else on the machine reads it.
process.umask(0o077)

/** The one executable. Every command says what it could not do in one sentence and exits with 1, or 2 for its own words. */
const program = new Command('ringtrail').description('Which website visit made this phone ring')

function readConfig({ config }: { config?: string }): Config | ConfigProblems {
  return loadConfig({ ...(config === undefined ? {} : { file: config }), env: process.env })
}

/** The configuration, with what to look at in it on standard error; or every problem at once, there too. */
function configured(options: { config?: string }): Config {
  const loaded = readConfig(options)
  const doubtful = formatProblems(loaded.warnings)
  if (doubtful !== '') process.stderr.write(`${doubtful.replaceAll(/^/gm, 'warning: ')}\n`)
  return orProblems(loaded)
}

/** The same for who asks one that runs: what to look at was said when that was started. */
function running(options: { config?: string }): Config {
  return orProblems(readConfig(options))
}

function orProblems(loaded: Config | ConfigProblems): Config {
  if (loaded.kind === 'config') return loaded
  process.stderr.write(`${formatProblems(loaded)}\n`)
  process.exit(1)
}

/** What of the workers a role is given. */
async function introduceWorkers() {
  const { startWorker } = await import('../workers/worker.ts')
  const { storeFormat } = await import('../workers/store.ts')
  return { start: startWorker, storeFormat }
}

/** What a role of its own needs besides, in a sentence each. */
function inRole(role: 'gateway' | 'worker', config: Config): Config {
  if (config.nats.url === null) {
    throw new Error(
      `ringtrail ${role} needs nats.url in ${config.file}, or RINGTRAIL_NATS_URL: gateways and workers meet at a nats-server that runs by itself. ringtrail start brings its own.`,
    )
  }
  if (role === 'gateway' && config.pepper === null) {
    throw new Error(
      `ringtrail gateway needs pepperFile in ${config.file}, or RINGTRAIL_PEPPER, the same for every gateway: with peppers of their own they would take one caller for several.`,
    )
  }
  if (role === 'worker' && config.rootKey === null && config.rootKeyCommand === null) {
    throw new Error(
      `ringtrail worker needs rootKeyFile or rootKeyCommand in ${config.file}, or RINGTRAIL_ROOT_KEY, the same for every worker: receipts and audit heads would carry a signature for each of them.`,
    )
  }
  return config
}

program
  .command('start')
  .description('gateway, workers and a local nats-server in one process')
  .option('--config <file>', 'the configuration; left out: the demo')
  .action(async (options: { config?: string }) => {
    preflight()
    const config = configured(options)
    endOnCrash(config.logLevel)
    const { start } = await import('./start.ts')
    const started = await start(config, await introduceWorkers(), () => readConfig(options))
    stopOnSignals(started.stop)
    if (config.demo) process.stdout.write(welcomeText(started.publicPort ?? 0))
  })

program
  .command('gateway')
  .description('sockets and carriers only; workers run elsewhere')
  .requiredOption('--config <file>', 'the configuration')
  .action(async (options: { config: string }) => {
    preflight()
    const config = inRole('gateway', configured(options))
    endOnCrash(config.logLevel)
    const { startGateway } = await import('./start.ts')
    const { storeFormat } = await introduceWorkers()
    stopOnSignals((await startGateway(config, storeFormat)).stop)
  })

program
  .command('worker')
  .description('partitions only; gateways run elsewhere')
  .requiredOption('--config <file>', 'the configuration')
  .option('--partitions <list>', 'such as 0-7,12; left out: all')
  .action(async (options: { config: string; partitions?: string }) => {
    preflight()
    const config = inRole('worker', configured(options))
    const { parsePartitions } = await import('../config/partitions.ts')
    const { partitions: list } = options
    const partitions = list === undefined ? undefined : parsePartitions(list, config.partitions)
    endOnCrash(config.logLevel)
    const { startWorker } = await import('./start.ts')
    stopOnSignals((await startWorker(config, await introduceWorkers(), partitions)).stop)
  })

program
  .command('check')
  .description('reads the configuration and says what is wrong with it')
  .option('--config <file>', 'the configuration; left out: the demo')
  .action((options: { config?: string }) => {
    process.stdout.write(`${describeConfig(configured(options))}\n`)
  })

program
  .command('keys-lost')
  .description(
    'says that the key store of the data is lost for good, so that the next start goes on without it',
  )
  .requiredOption('--config <file>', 'the configuration; what runs with it is stopped before')
  .action(async (options: { config: string }) => {
    const { dataDir } = configured(options)
    const { own } = await import('./ownership.ts')
    const ownership = await own(dataDir)
    const { sayKeysLost } = await import('../workers/sayKeysLost.ts')
    const partitions = await sayKeysLost(dataDir, Date.now())
    ownership.release()
    const said = `${counted(partitions, 'partition')} of ${dataDir} will go on with the keys that are found at the next start.`
    process.stdout.write(`${said} Where those are not the ones that they had, every audit chain says so.\n`)
  })

program
  .command('snippet')
  .description('prints the script tag of a version of the snippet that never changes, with its integrity')
  .option('--config <file>', 'the configuration; left out: the demo')
  .action(async (options: { config?: string }) => {
    const { publicUrl, tenants } = configured(options)
    const { scriptTag } = await import('./pages/scriptTag.ts')
    if (publicUrl === null)
      process.stderr.write('warning: without publicUrl the address below is right on our own pages only\n')
    for (const site of tenants.flatMap(tenant => tenant.sites))
      process.stdout.write(`${scriptTag(publicUrl ?? '', site.key)}\n`)
  })

withAdminOptions(program.command('calls'))
  .description('prints results as they come')
  .requiredOption('--follow', 'go on until interrupted')
  .action((options: AdminOptions) => {
    const config = running(options)
    follow(urlFor(config, options), keyFor(config, options))
  })

addApplyCommand(program, running)
addAccessCommands(program, running)
addSubjectCommands(program, running, addAuditCommands(program))
addExportCommand(program)
addRecordCommands(program, configured)
addEvidenceCommands(program, running)
addBreachCommands(program, running)
addTenantCommands(program, running)
addWhatIfCommands(program, running, () => import('../workers/whatIf/whatIf.ts'))

/**
 * Prints what the feed says until the server or the user ends it. A key that the listener does not know may be another
 * process's: until there are keys it takes us without one.
 */
function follow(admin: string, key: string | null): void {
  const headers = key === null ? {} : { authorization: `Bearer ${key}` }
  const socket = new WebSocket(`${admin.replace(/^http/, 'ws')}/v1/feed`, { headers })
  let opened = false
  socket.addEventListener('open', () => {
    opened = true
  })
  socket.addEventListener('message', event => process.stdout.write(`${String(event.data)}\n`))
  socket.addEventListener('close', () => {
    if (!opened && key !== null) return follow(admin, null)
    const ending = opened
      ? `The feed at ${admin} has ended.`
      : `There is no feed at ${admin} for us. Is Ringtrail started, is this its admin listener, and is a key needed (--config, --key-file)?`
    process.stderr.write(`${ending}\n`)
    process.exitCode = 1
  })
}

/** A terminal and npm each pass on the same Ctrl-C: what comes this soon after the first is no second wish. */
const oneWishMs = 1_000

/**
 * Ends cleanly at the first signal, and at once at a later one: the kernel ends us then, and our nats-server with us,
 * because leaving in the middle of a write to the stores can wait for ever.
 */
function stopOnSignals(stop: () => Promise<void>): void {
  let askedAt: number | null = null
  const end = () => {
    const now = performance.now()
    if (askedAt !== null && now - askedAt >= oneWishMs) process.kill(process.pid, 'SIGKILL')
    if (askedAt !== null) return
    askedAt = now
    stop().then(
      () => process.exit(0),
      () => process.exit(1),
    )
  }
  process.on('SIGTERM', end)
  process.on('SIGINT', end)
}

function welcomeText(port: number): string {
  return [
    '',
    `  Ringtrail runs. Open http://localhost:${port}/demo/ and look at the phone number:`,
    '  it is lent to your visit. The page shows a curl line that rings it.',
    '',
    '',
  ].join('\n')
}

// A reader such as `head` may leave before all is written.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

program.version(
  (
    JSON.parse(
      await (await import('node:fs/promises')).readFile(new URL('../package.json', import.meta.url), 'utf8'),
    ) as { version: string }
  ).version,
)

program.parseAsync().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
})
