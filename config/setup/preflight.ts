import { createRequire } from 'node:module'
import { glibcVersion, glibcWanted } from './uwsBinary.ts'
import { isAtLeast } from './versions.ts'

/** The first Node that runs our files as they are, without a warning. */
export const nodeWanted = '24.12.0'

/**
 * Checks what nothing else can be started without: this Node, and a uWebSockets.js that loads. Throws an Error whose
 * message is a sentence that says what to do. To be called before anything imports uWebSockets.js.
 */
export function preflight(): void {
  const trouble = nodeTrouble(process.versions.node) ?? uwsTrouble()
  if (trouble !== null) throw new Error(trouble)
}

/** What is wrong with a Node version, in a sentence, or null. */
export function nodeTrouble(version: string): string | null {
  if (isAtLeast(version, nodeWanted)) return null
  return (
    `Ringtrail needs Node ${nodeWanted} or newer and this is ${version}: run it through npm (npm start), ` +
    'which brings its own Node, after an npm ci with dev dependencies and install scripts allowed.'
  )
}

function uwsTrouble(): string | null {
  try {
    createRequire(import.meta.url)('uWebSockets.js')
    return null
  } catch (cause) {
    return sayWhyUwsFails(cause instanceof Error ? cause.message : String(cause), glibcVersion())
  }
}

/** Turns what the loader printed into a sentence that says what to do. */
export function sayWhyUwsFails(message: string, glibc: string | null): string {
  const start = 'uWebSockets.js does not load here: '
  if (/Cannot find (module|package) 'uWebSockets\.js'/.test(message))
    return `${start}it is not installed; run npm ci.`
  if (message.includes('GLIBC_')) {
    return (
      `${start}glibc is ${glibc ?? 'unknown'} and its binary wants ${glibcWanted}. Run npm run setup, use the ` +
      'Debian 13 image (Dockerfile), or switch to the official tarball as docs/uws.md describes.'
    )
  }
  const lastLine = message.trim().split('\n').at(-1) ?? ''
  return `${start}${lastLine.trim()} — docs/uws.md lists the platforms and the ways out.`
}
