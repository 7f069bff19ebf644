import { counted } from '../../config/counted.ts'
import { setTimeout as wait } from 'node:timers/promises'
import type { Command } from 'commander'
import type { Static } from 'typebox'
import { directoryTarget, type Target } from '../../config/export/target.ts'
import type { BreachPack } from '../../config/breach/pack.ts'
import { together } from '../../core/breach.ts'
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
import {
  type breachesListed,
  type breachShown,
  openBody,
  openBodyOfProcessor,
  type packAnswered,
  phaseBody,
} from './breachShapes.ts'

/** `ringtrail breach …`: opens a breach, makes its packs, moves its phases, lists them. */
type Options = AdminOptions & { readonly tenant?: string }
type Opening = Options & {
  nature: string
  from?: string
  to?: string
  awareAt?: string
  reference?: string
  actors?: string
  tenants?: string
  partitions?: string
}

export function addBreachCommands(program: Command, configured: Configured): void {
  const breach = program.command('breach').description('breaches of personal data, and their 24-hour clock')
  const client = (options: Options) => createAdminClient(configured(options), options)
  ofTenant(breach.command('open'))
    .description('opens a breach and starts its clock')
    .requiredOption('--nature <nature>', 'unauthorised-access, disclosure, alteration, loss, unavailability')
    .option('--from <time>', 'the first moment of the records that it reaches; left out: all that is held')
    .option('--to <time>', 'the moment after the last; left out: now')
    .option('--aware-at <time>', 'when it became known; left out: now')
    .option('--actors <ids>', 'ids of access keys whose doings are counted, with commas')
    .option('--tenants <ids>', 'the processor’s: which controllers; left out: all')
    .option('--partitions <numbers>', 'the processor’s: what the node owns')
    .option('--reference <text>', 'a ticket; never a person’s name')
    .action(async (options: Opening) => {
      const body = openingOf(options)
      checkOptions(options.tenant ? openBody : openBodyOfProcessor, body)
      print(await client(options).ask('POST', `${underTenant(options.tenant)}/breaches`, body))
    })
  ofTenant(breach.command('list'))
    .description('lists breaches')
    .action(async (options: Options) => {
      const text = await client(options).ask('GET', `${underTenant(options.tenant)}/breaches`)
      const { breaches } = JSON.parse(text) as Static<typeof breachesListed>
      for (const one of breaches) process.stdout.write(`${lineOf(one)}\n`)
    })
  ofTenant(breach.command('phase <id>'))
    .description('records that the document of a phase was given to the controller')
    .requiredOption('--phase <number>', '1, 2 or 3')
    .option('--reference <text>', 'a ticket or the letter; never a person’s name')
    .action(async (id: string, options: Options & { phase: string; reference?: string }) => {
      const { phase, reference } = options
      const body = { phase: Number(phase), ...given({ reference }) }
      checkOptions(phaseBody, body)
      print(await client(options).ask('POST', `${underTenant(options.tenant)}/breaches/${id}/phase`, body))
    })
  ofTenant(breach.command('pack <id>'))
    .description('counts what it reaches, and writes a document and its figures for each controller')
    .requiredOption('--out <dir>', 'a directory that is new or empty')
    .action(async (id: string, options: Options & { out: string }) => {
      await writePacks(
        client(options),
        `${underTenant(options.tenant)}/breaches/${encodeURIComponent(id)}/pack`,
        options,
      )
    })
}

const askAgainMs = 500

/** The directory comes first: a place that is taken is said before a pack is recorded. */
async function writePacks(client: AdminClient, path: string, { out }: { out: string }): Promise<void> {
  const began = performance.now()
  const target = await directoryTarget(out)
  try {
    const { controllers } = await packed(client, path)
    for (const { tenant, pack, text } of controllers) {
      await writeFile(target, `${tenant}.json`, `${JSON.stringify(pack, null, 2)}\n`)
      await writeFile(target, `${tenant}.md`, text)
    }
    if (controllers.length === 0) {
      process.stdout.write(
        'No tenant lies in the scope of this breach: there is nobody to tell, and no pack.\n',
      )
      return
    }
    const took = ((performance.now() - began) / 1_000).toFixed(1)
    process.stdout.write(
      `${counted(controllers.length, 'pack')} in ${out}, of ${recordsIn(controllers)}, in ${took} s\n`,
    )
  } catch (error) {
    await target.abandon()
    throw error
  }
}

/** What the tables of the packs add up to. */
function recordsIn(controllers: Static<typeof packAnswered>['controllers']): string {
  const categories = controllers.flatMap(({ pack }) => pack.categories as BreachPack['categories'])
  const { count, plusMinus } = together(categories.map(({ records }) => records))
  return `${plusMinus === 0 ? '' : 'about '}${counted(count, 'record')}`
}

async function packed(client: AdminClient, path: string): Promise<Static<typeof packAnswered>> {
  for (;;) {
    const answer = JSON.parse(await client.ask('POST', path)) as Static<typeof packAnswered>
    if (answer.ready) return answer
    process.stderr.write(`${counted(answer.read, 'event')} read …\n`)
    await wait(askAgainMs)
  }
}

async function writeFile(target: Target, name: string, text: string): Promise<void> {
  const file = await target.create(name)
  await file.write(text)
  await file.close()
}

function ofTenant(command: Command): Command {
  return withAdminOptions(command).option('--tenant <id>', 'of one tenant’s own; left out: the processor’s')
}

function openingOf(options: Opening): object {
  const { nature, from, to, awareAt, reference } = options
  const list = (text: string | undefined) => text?.split(',')
  return given<unknown>({
    ...{ nature, from, to, awareAt, reference, actors: list(options.actors) },
    ...{ tenants: list(options.tenants), partitions: list(options.partitions)?.map(Number) },
  })
}

function print(answer: string): void {
  process.stdout.write(`${lineOf(JSON.parse(answer) as Static<typeof breachShown>)}\n`)
}

function lineOf({ id, nature, standing, dueAt, leftMinutes, phases }: Static<typeof breachShown>): string {
  const [hours, minutes] = [Math.floor(leftMinutes / 60), leftMinutes % 60]
  const left = standing === 'clock-runs' ? `, ${hours} h ${minutes} min left` : ''
  const told = phases.map(({ phase, at }) => `phase ${phase} ${at}`).join(', ')
  return `${id}  ${nature}  ${standing}, due ${dueAt}${left}${told === '' ? '' : `, ${told}`}`
}
