import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { sha256 } from './uwsBinary.ts'

const run = promisify(execFile)
const aptTimeoutMs = 300_000

/** A program as one of Debian's packages holds it. `path` is the program's place inside the package. */
export type DebianPackage = { name: string; suite: string; path: string }

/** One line of a sources.list for a suite. */
export type Archive = (suite: string) => string

// Debian signs its index and the index names the package's hash: apt checks both, so plain HTTP is enough.
const debianArchive: Archive = suite =>
  `deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian ${suite} main`

/** What was unpacked, kept beside it. */
export type Origin = { package: string; suite: string; deb: string; debSha256: string; programSha256: string }

/**
 * Fetches and unpacks one package into `folder`, without root and without touching the system's package lists.
 * `folder` appears whole or not at all; if somebody else was faster, theirs stays. Throws what apt-get said.
 */
export async function fetchDebianPackage(
  wanted: DebianPackage,
  folder: string,
  archive = debianArchive,
): Promise<void> {
  const work = `${folder}.${process.pid}`
  rmSync(work, { recursive: true, force: true })
  try {
    const deb = await downloadDeb(wanted.name, archive(wanted.suite), work)
    await run('dpkg-deb', ['-x', join(work, deb), join(work, 'unpacked')])
    settle(keepWhatWeUse(wanted, work, deb), folder, wanted.path)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** Downloads into the folder and returns the file's name. */
async function downloadDeb(name: string, source: string, work: string): Promise<string> {
  for (const part of ['lists/partial', 'cache/archives/partial', 'etc']) {
    mkdirSync(join(work, part), { recursive: true })
  }
  writeFileSync(join(work, 'etc/sources.list'), `${source}\n`)
  await aptGet(work, ['update'])
  await aptGet(work, ['download', name])
  const deb = readdirSync(work).find(file => file.endsWith('.deb'))
  if (deb === undefined) throw new Error('apt-get download left no file')
  return deb
}

async function aptGet(work: string, command: string[]): Promise<void> {
  const settings = {
    'Dir::State::lists': join(work, 'lists'),
    'Dir::Cache': join(work, 'cache'),
    'Dir::Etc::sourcelist': join(work, 'etc/sources.list'),
    'Dir::Etc::sourceparts': '/dev/null',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '2',
    'Acquire::http::Timeout': '20',
    'APT::Update::Error-Mode': 'any',
    // As root, apt would fetch as its own user, who cannot write here.
    'APT::Sandbox::User': 'root',
  }
  const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])
  await run('apt-get', ['-qq', ...options, ...command], {
    cwd: work,
    timeout: aptTimeoutMs,
    env: { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
  })
}

/** The program, its licence and where it came from, in a folder of their own, whose path is returned. */
function keepWhatWeUse({ name, suite, path }: DebianPackage, work: string, deb: string): string {
  const [unpacked, kept] = [join(work, 'unpacked'), join(work, 'kept')]
  mkdirSync(dirname(join(kept, path)), { recursive: true })
  renameSync(join(unpacked, path), join(kept, path))
  renameSync(join(unpacked, 'usr/share/doc', name, 'copyright'), join(kept, 'copyright'))
  const debSha256 = sha256(readFileSync(join(work, deb)))
  const programSha256 = sha256(readFileSync(join(kept, path)))
  const origin: Origin = { package: name, suite, deb, debSha256, programSha256 }
  writeFileSync(join(kept, 'origin.json'), `${JSON.stringify(origin, null, 2)}\n`)
  return kept
}

/** Somebody else's whole folder stays; what is there and not whole (half of one, or changed) gives way. */
function settle(fresh: string, folder: string, path: string): void {
  if (isAsUnpacked(folder, path)) return
  rmSync(folder, { recursive: true, force: true })
  renameSync(fresh, folder)
}

/** Whether the program in `folder` is still, byte for byte, what was unpacked there. */
export function isAsUnpacked(folder: string, path: string): boolean {
  try {
    const origin = JSON.parse(readFileSync(join(folder, 'origin.json'), 'utf8')) as Origin
    return sha256(readFileSync(join(folder, path))) === origin.programSha256
  } catch {
    return false
  }
}
