import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { type DebianPackage, fetchDebianPackage, isAsUnpacked } from './debianPackage.ts'
import { runtimeFolder } from './places.ts'
import { isAtLeast } from './versions.ts'

const run = promisify(execFile)
const versionTimeoutMs = 10_000

/** A program that we start but that no npm package brings. `help` is the sentence for when it cannot be had. */
export type Program = { name: string; least: string; debian: DebianPackage; help: string }

/** A program that was found, and the version that it printed. */
export type Found = { path: string; version: string }

/** Where to look, where to put what is fetched, how to fetch, and whom to tell. Tests bring their own. */
export type Places = {
  folders: readonly string[]
  runtime: string
  fetch: (wanted: DebianPackage, folder: string) => Promise<void>
  say: (sentence: string) => void
}

/** PATH, and the folders where Debian puts servers and which an ordinary user's PATH leaves out. */
export function usualPlaces(): Places {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(folder => folder !== '')
  return {
    folders: [...folders, '/usr/local/sbin', '/usr/sbin', '/usr/local/bin'],
    runtime: runtimeFolder,
    fetch: fetchDebianPackage,
    say: sentence => void process.stderr.write(`${sentence}\n`),
  }
}

/**
 * Finds a program that is new enough: on PATH, else as fetched before, else it fetches Debian's package, without
 * root. Nothing is fetched when it is there. Throws an Error whose message says what to do.
 */
export async function findProgram(program: Program, places = usualPlaces()): Promise<Found> {
  const { installed, tooOld } = await lookOnPath(program, places.folders)
  if (installed !== null) return installed
  const folder = join(places.runtime, program.name)
  const path = join(folder, program.debian.path)
  const fetchedBefore = isAsUnpacked(folder, program.debian.path)
  const trouble = fetchedBefore ? null : await fetchInto(folder, program, places)
  const found = trouble === null ? await foundAt(path) : null
  if (found !== null && isAtLeast(found.version, program.least)) return found
  throw new Error(sayWhatToDo(program, tooOld, trouble ?? `${path} does not run here`))
}

async function lookOnPath(
  program: Program,
  folders: readonly string[],
): Promise<{ installed: Found | null; tooOld: Found | null }> {
  let tooOld: Found | null = null
  for (const folder of new Set(folders)) {
    const found = await foundAt(join(folder, program.name))
    if (found === null) continue
    if (isAtLeast(found.version, program.least)) return { installed: found, tooOld }
    tooOld ??= found
  }
  return { installed: null, tooOld }
}

async function foundAt(path: string): Promise<Found | null> {
  if (!existsSync(path)) return null
  try {
    const { stdout, stderr } = await run(path, ['--version'], { timeout: versionTimeoutMs })
    const version = /\bv?(\d+\.\d+\.\d+)/.exec(`${stdout}\n${stderr}`)?.[1]
    return version === undefined ? null : { path, version }
  } catch {
    return null
  }
}

/** Returns null, or why it could not be fetched. */
async function fetchInto(folder: string, { name, debian }: Program, places: Places): Promise<string | null> {
  places.say(`Fetching ${name} from Debian ${debian.suite}, once, into ${folder} …`)
  try {
    await places.fetch(debian, folder)
    return null
  } catch (error) {
    return lastLineOf(error)
  }
}

function lastLineOf(error: unknown): string {
  const { stderr, message, code } = error as { stderr?: string; message?: string; code?: unknown }
  if (code === 'ENOENT') return 'there is no apt-get or dpkg-deb here'
  const lines = (stderr || message || String(error)).trim().split('\n')
  return lines.find(line => line.startsWith('E:')) ?? lines.at(-1) ?? 'no reason given'
}

function sayWhatToDo(program: Program, tooOld: Found | null, trouble: string): string {
  const seen = tooOld === null ? 'none is on PATH' : `${tooOld.path} is ${tooOld.version}`
  return (
    `Ringtrail needs ${program.name} ${program.least} or newer; ${seen}, and Debian's package could not be fetched ` +
    `(${trouble}). ${program.help}`
  )
}
