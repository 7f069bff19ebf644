import { createHash } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { lowerImports } from './elfImports.ts'
import { projectFolder } from './places.ts'
import { uwsHashes } from './uwsHashes.ts'
import { isAtLeast } from './versions.ts'

/** The glibc that the uWebSockets.js binaries were built for. */
export const glibcWanted = '2.38'

/** What became of the binary: rewritten now, before, not necessary on this glibc, or not one that we know. */
export type Fate = 'rewritten' | 'rewritten-before' | 'not-needed' | 'unknown'

/** The glibc that this process runs on, such as `2.36`; null where there is none (musl, macOS, Windows). */
export function glibcVersion(): string | null {
  if (process.platform !== 'linux') return null
  // Without this the report looks every peer's address up in the DNS. The types do not know it yet.
  Object.assign(process.report, { excludeNetwork: true })
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } }
  return header.glibcVersionRuntime ?? null
}

/** Where the uWebSockets.js binary for this Node and machine lies. */
export function uwsBinaryPath(): string {
  const file = `uws_${process.platform}_${process.arch}_${process.versions.modules}.node`
  return join(projectFolder, 'node_modules', 'uWebSockets.js', file)
}

/**
 * Makes the installed binary loadable where glibc is older than it wants, by rewriting it in place. Doing so twice
 * changes nothing. A binary that is not on the list stays as it is. Throws when the result is not what it has to be.
 */
export function makeLoadable(path = uwsBinaryPath(), glibc = glibcVersion()): Fate {
  if (glibc === null || isAtLeast(glibc, glibcWanted)) return 'not-needed'
  const image = readFileSync(path)
  const found = sha256(image)
  const known = Object.values(uwsHashes)
  if (known.some(({ lowered }) => lowered === found)) return 'rewritten-before'
  const wanted = known.find(({ published }) => published === found)?.lowered
  if (wanted === undefined) return 'unknown'
  const lowered = lowerImports(image)
  if (sha256(lowered) !== wanted)
    throw new Error(`Rewriting ${path} did not give the expected file; it was left as it is.`)
  replace(path, lowered)
  return 'rewritten'
}

/** The old file stays whole until the new one is: a process that has it loaded keeps its copy. */
function replace(path: string, content: Buffer): void {
  const fresh = `${path}.${process.pid}`
  writeFileSync(fresh, content, { mode: 0o644 })
  renameSync(fresh, path)
}

/** The SHA-256 of some bytes in hexadecimal digits. */
export function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}
