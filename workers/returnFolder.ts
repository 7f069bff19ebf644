import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { manifestName, readManifest, sumsName } from '../config/export/manifest.ts'
import type { ReturnState } from '../core/wire/account.ts'
import type { Note } from '../core/wire/note.ts'
import type { Applied } from './group.ts'

/**
 * The folder of return packages: a directory for each, named after tenant and request; and, of each that was removed, a
 * small file that says which it was, for the certificate. Of nobody is anything in that file.
 */
export type StoredPackage = {
  readonly tenant: string
  readonly request: string
  readonly directory: string
  /** When it was finished, or written to last. */
  readonly sinceMs: number
  /** false: it is being written, or whoever wrote it died. */
  readonly isWhole: boolean
}

type Package = NonNullable<ReturnState['done']>

/** In the data directory, so that its owner alone can read it. */
export const returnsFolder = (dataDir: string) => join(dataDir, 'returns')

const requestForm = '[A-Za-z0-9_-]{22}'
const directoryForm = new RegExp(`^(.+)-(${requestForm})$`)
const requests = new RegExp(`^${requestForm}$`)

/** Where the package of a request lies; null: that is the name of none. */
export function placeOf(folder: string, tenant: string, request: string): string | null {
  return requests.test(request) ? join(folder, `${tenant}-${request}`) : null
}

/** Everything that lies there in the clear, whole or not. */
export function lyingIn(folder: string): StoredPackage[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder).flatMap(name => {
    const [, tenant, request] = directoryForm.exec(name) ?? []
    const directory = join(folder, name)
    if (tenant === undefined || request === undefined) return []
    const sinceMs = lastChange(directory)
    return sinceMs === null ? [] : [{ tenant, request, directory, sinceMs, isWhole: isWhole(directory) }]
  })
}

/** null: it has just been removed, or is no directory. */
function lastChange(directory: string): number | null {
  const found = statSync(directory, { throwIfNoEntry: false })
  if (found?.isDirectory() !== true) return null
  const files = readdirSync(directory).map(name => statSync(join(directory, name), { throwIfNoEntry: false }))
  return Math.max(found.mtimeMs, ...files.map(file => file?.mtimeMs ?? 0))
}

/** The sums are written last. */
function isWhole(directory: string): boolean {
  return existsSync(join(directory, sumsName))
}

/** null: no package of this request was finished here. */
export function packageOf(folder: string, tenant: string, request: string): Package | null {
  const directory = placeOf(folder, tenant, request)
  if (directory === null) return null
  if (isWhole(directory)) return packageIn(directory)
  const file = factsFile(directory)
  const facts = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Package) : null
  // It is removed when nothing of it lies there any more.
  return facts !== null && existsSync(directory) ? { ...facts, directory, removedAtMs: null } : facts
}

/** The package of a tenant that was finished last, though it may be removed; null: none was finished here that is remembered. */
export function lastPackageOf(folder: string, tenant: string): Package | null {
  if (!existsSync(folder)) return null
  const finished = readdirSync(folder).flatMap(name => {
    const [, of, request = ''] = directoryForm.exec(name.replace(/\.json$/, '')) ?? []
    return (of === tenant ? packageOf(folder, tenant, request) : null) ?? []
  })
  return finished.reduce<Package | null>(
    (last, one) => (last === null || one.atMs > last.atMs ? one : last),
    null,
  )
}

function packageIn(directory: string): Package | null {
  const bytes = readFileSync(join(directory, manifestName))
  const manifest = readManifest(bytes)
  if (manifest === null) return null
  const records = Object.values(manifest.counts).reduce((sum, count) => sum + count, 0)
  const manifestSha256 = createHash('sha256').update(bytes).digest('hex')
  const atMs = Math.floor(statSync(join(directory, sumsName)).mtimeMs)
  return { atMs, manifestSha256, records, directory, removedAtMs: null }
}

const factsFile = (directory: string) => `${directory}.json`

/** Takes a package away. What it is known by stays; where that is there already, another got here first. */
export async function removePackage(
  folder: string,
  one: Pick<StoredPackage, 'tenant' | 'request'>,
  now: number,
): Promise<void> {
  const directory = placeOf(folder, one.tenant, one.request)
  if (directory === null) return
  const known = isWhole(directory) ? packageIn(directory) : null
  if (known !== null) {
    const facts: Package = { ...known, directory: null, removedAtMs: now }
    await writeFile(factsFile(directory), JSON.stringify(facts), { mode: 0o600 })
  }
  // Without its sums it is no package any more, should we die before the rest is gone.
  await rm(join(directory, sumsName), { force: true })
  await rm(directory, { recursive: true, force: true })
}

/** Forgets what packages were known by that were removed before a time. */
export async function forgetRemoved(folder: string, beforeMs: number): Promise<void> {
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder)) {
    const file = join(folder, name)
    const isOld = (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Infinity) < beforeMs
    if (isOld && name.endsWith('.json') && directoryForm.test(name.slice(0, -'.json'.length)))
      await rm(file, { force: true })
  }
}

/**
 * The log says that packages are removed: each owner that has that very one takes it away, or what it never finished of it.
 * Another owner's may be whole where this one's is not, and the only one. Nobody has to wait for it.
 */
export async function hearReturns(
  folder: string,
  applied: readonly Applied[],
  failed: () => void,
): Promise<void> {
  for (const { event, outcomes } of applied) {
    const { note } = event
    if (note?.action !== 'return-removed' || note.request === null) continue
    const { request } = note
    for (const outcome of outcomes) {
      if (outcome.kind !== 'noted' || !isMeant(folder, outcome.tenant, request, note.detail)) continue
      await removePackage(folder, { tenant: outcome.tenant, request }, Date.now()).catch(failed)
    }
  }
}

function isMeant(
  folder: string,
  tenant: string,
  request: string,
  { because, manifest }: Note['detail'],
): boolean {
  const directory = placeOf(folder, tenant, request)
  if (directory === null) return false
  return isWhole(directory) ? packageIn(directory)?.manifestSha256 === manifest : because === 'unfinished'
}
