import { statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { unpack } from '../../config/pack.ts'
import type { Erasure } from '../../workers/erasures.ts'
import { searchFiles } from '../canary/search.ts'
import { loadOfMachine } from '../path/processor.ts'
import { checkPackage } from './checkPackage.ts'
import { type Digest, digestOf, type Stores, withStores } from './digest.ts'
import { idOf } from './events.ts'
import { messagesOf, type Seed, seededSpanMs, type Truth, truthsOf, type Window } from './seeded.ts'
import {
  certified,
  checkCertificate,
  comparePack,
  type Compared,
  endTenant,
  isWithin,
  lookedAt,
  ownersKey,
  packOf,
  publicKeys,
  returnTenant,
} from './steps.ts'
import { watched, type Watched } from './watched.ts'
import { fillGround, type Ground, makeGround, startWorld, type World } from './world.ts'

export type DrillSetup = {
  readonly rows: number
  readonly folder: string
  readonly calmSeconds: number
  readonly say: (line: string) => void
}
export type Step = Omit<Watched<unknown>, 'result'> & { readonly name: string }
export type DrillReport = {
  readonly rows: number
  readonly bytes: number
  readonly keys: number
  readonly loads: readonly number[]
  readonly steps: readonly Step[]
  readonly packs: readonly { readonly name: string; readonly compared: readonly Compared[] }[]
  /** From the entry that ended the tenant, in seconds. */
  readonly ended: Readonly<Record<'keysGone' | 'rowsGone' | 'intakeGone', number>>
  readonly certificate: readonly string[]
  readonly others: readonly { readonly tenant: string; readonly before: Digest; readonly after: Digest }[]
  readonly bytesAfter: number
  readonly compactedSeconds: number
  readonly troubles: readonly string[]
}
type Run = DrillSetup & {
  readonly ground: Ground
  readonly seed: Seed
  readonly steps: Step[]
  readonly loads: number[]
  readonly troubles: string[]
}

const others = ['other', 'third'] as const
const day = 86_400_000

/** Fills a system, makes the packs of a breach, ends the contract of its largest tenant, and looks at what is left. */
export async function drill(setup: DrillSetup): Promise<DrillReport> {
  const seed = { rows: setup.rows, fromMs: Date.now() - seededSpanMs }
  const ground = makeGround(setup.folder)
  const run: Run = { ...setup, ground, seed, steps: [], loads: [loadOfMachine()], troubles: [] }
  await fillGround(ground, seed, setup.say)
  const bytes = bytesOf(ground)
  const before = await look(run)
  setup.say('the others are digested')
  const windows = windowsOf(seed)
  const truths = truthsOf(
    seed,
    windows.map(([, window]) => window),
  )
  const world = await startWorld(ground)
  const lived = await live(run, world, { windows, truths, before })
  const after = await look(run)
  const compacted = await compact(run)
  return {
    ...{ rows: setup.rows, bytes, keys: before.acme.subjectKeys + before.acme.periodKeys },
    ...{ loads: run.loads, steps: run.steps, ...lived, ended: after.ended, ...compacted },
    others: others.map(tenant => ({ tenant, before: before[tenant], after: after[tenant] })),
    troubles: [...run.troubles, ...leftTroubles(before, after)],
  }
}

type Windows = readonly (readonly [name: string, window: Window])[]

function windowsOf({ fromMs }: Seed): Windows {
  const toMs = fromMs + seededSpanMs
  const all = { fromMs, toMs }
  return [
    ['everything', { tenant: 'acme', ...all }],
    ['everything', { tenant: 'other', ...all }],
    ['everything', { tenant: 'third', ...all }],
    ['one day', { tenant: 'acme', fromMs: fromMs + 20 * day, toMs: fromMs + 21 * day }],
    ['one hour', { tenant: 'acme', fromMs: fromMs + 30 * day, toMs: fromMs + 30 * day + day / 24 }],
  ]
}

type Known = { readonly windows: Windows; readonly truths: readonly Truth[]; readonly before: Looked }

async function live(
  run: Run,
  world: World,
  known: Known,
): Promise<Pick<DrillReport, 'packs' | 'certificate'>> {
  try {
    await step(run, world, 'calm', () => wait(run.calmSeconds * 1_000))
    const packs = await makePacks(run, world, known)
    return { packs, certificate: await endContract(run, world, known) }
  } finally {
    await world.stop()
  }
}

async function step<Result>(
  run: Run,
  world: World,
  name: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const { result, ...seen } = await watched(world, work)
  run.steps.push({ name, ...seen })
  run.loads.push(loadOfMachine())
  const odd = Object.entries(seen.kinds).filter(([kind]) => kind !== 'exact' && kind !== 'deferred')
  run.troubles.push(...odd.map(([kind, count]) => `${name}: ${count} calls were answered with ${kind}`))
  run.say(`${name}: ${seen.seconds.toFixed(1)} s`)
  return result
}

async function makePacks(run: Run, world: World, { windows, truths }: Known): Promise<DrillReport['packs']> {
  const packs: { name: string; compared: Compared[] }[] = []
  for (const name of new Set(windows.map(([one]) => one))) {
    const places = windows.flatMap(([one, window], place) => (one === name ? [{ ...window, place }] : []))
    const { fromMs = 0, toMs = 0 } = places[0] ?? {}
    const controllers = await step(run, world, `breach pack, ${name}`, () =>
      packOf(world.system, fromMs, toMs),
    )
    for (const { tenant, place } of places) {
      const pack = controllers.find(one => one.tenant === tenant)?.pack
      const compared = pack === undefined ? [] : comparePack(pack, truths[place] as Truth)
      if (compared.length === 0) run.troubles.push(`there is no pack for ${tenant}`)
      const wrong = compared.filter(one => !isWithin(one))
      run.troubles.push(...wrong.map(({ what }) => `${name}, ${tenant}: ${what} is wrong`))
      packs.push({ name: `${name}, ${tenant}`, compared })
    }
  }
  return packs
}

async function endContract(run: Run, world: World, { truths, before }: Known): Promise<readonly string[]> {
  const { system } = world
  const truth = truths[0] as Truth
  const key = await ownersKey(system)
  const keys = await publicKeys(system, key)
  const returned = await step(run, world, 'return package', () => returnTenant(system, key))
  run.troubles.push(...(await checkPackage(returned.directory, truth, keys)))
  run.say('the package is verified')
  await step(run, world, 'end, until its keys and its rows are gone', async () => {
    await endTenant(system, key, returned.request)
    await lookedAt(system, key)
  })
  const certificate = await certified(system, key, 'intake keys')
  const { subjectKeys, periodKeys } = before.acme
  const expected = { keys, returned, truth, subjectKeys, periodKeys }
  const { troubles, sentences } = checkCertificate(certificate, expected)
  run.troubles.push(...troubles)
  return sentences
}

type Looked = Readonly<Record<(typeof others)[number], Digest>> & {
  readonly acme: { readonly rows: number; readonly subjectKeys: number; readonly periodKeys: number }
  readonly ended: DrillReport['ended']
}

/** What the stores hold, while no system runs. */
async function look({ ground, seed }: Run): Promise<Looked> {
  const { config, rootKey } = ground
  return withStores(config, rootKey, async stores => {
    const { subjectKeys = 0, periodKeys = 0 } = stores.keys.inventory().tenants.get('acme') ?? {}
    const rows = stores.store.rowsLeft('acme', Number.MAX_SAFE_INTEGER)
    const [other, third] = others.map(tenant => digestOf(stores, tenant, messagesOf(seed))) as [
      Digest,
      Digest,
    ]
    return { other, third, acme: { rows, subjectKeys, periodKeys }, ended: endOf(stores) }
  })
}

function endOf({ store }: Stores): DrillReport['ended'] {
  const [end] = [...store.erasures()].map(({ bytes }) => unpack(bytes) as Erasure)
  const after = (at: number | null | undefined) =>
    at == null || end === undefined ? 0 : (at - end.atMs) / 1_000
  return {
    keysGone: after(end?.keysGoneAt),
    rowsGone: after(end?.rowsGoneAt),
    intakeGone: after(end?.intakeGoneAt),
  }
}

function leftTroubles(before: Looked, after: Looked): string[] {
  const { rows, subjectKeys, periodKeys } = after.acme
  const troubles = others
    .filter(tenant => before[tenant].sha256 !== after[tenant].sha256)
    .map(tenant => `what ${tenant} has is not as before`)
  if (rows + subjectKeys + periodKeys > 0)
    troubles.push(`of acme ${rows} rows and ${subjectKeys} keys are left`)
  return troubles
}

/** Ids of visitors of one tenant, from all over the time. */
const sampleOf = (tenant: 'acme' | 'other') => [1, 2, 3, 5, 8].map(number => idOf('visitor', tenant, number))

/** The stores written anew, as each of them is within a day; then no byte of the tenant's is in them. */
async function compact(run: Run): Promise<Pick<DrillReport, 'bytesAfter' | 'compactedSeconds'>> {
  const { config, rootKey, dataDir } = run.ground
  const began = performance.now()
  await withStores(config, rootKey, async ({ store, keys }) => {
    await store.compact()
    await keys.compact()
  })
  const compactedSeconds = (performance.now() - began) / 1_000
  const files = [join(dataDir, 'partitions'), config.keyDir]
  const left = searchFiles(files, sampleOf('acme')).length
  if (left > 0) run.troubles.push(`ids of acme are in the files: ${left} times`)
  if (searchFiles(files, sampleOf('other')).length === 0)
    run.troubles.push('ids of other are not found in the files: the search is blind')
  return { bytesAfter: bytesOf(run.ground), compactedSeconds }
}

function bytesOf({ dataDir, config }: Ground): number {
  const files = [
    join(dataDir, 'partitions', '000', 'data.mdb'),
    join(config.keyDir, '000', 'keys', 'data.mdb'),
  ]
  return files.reduce((sum, file) => sum + statSync(file).size, 0)
}
