import { preflight } from './preflight.ts'
import { type Fate, glibcVersion, glibcWanted, makeLoadable } from './uwsBinary.ts'

const sentences: Readonly<Record<Fate, string>> = {
  'not-needed': 'uWebSockets.js loads as it is.',
  rewritten: `uWebSockets.js was built for glibc ${glibcWanted}; its imports were lowered to fit this one.`,
  'rewritten-before': 'uWebSockets.js had been fitted to this glibc before.',
  unknown: 'The uWebSockets.js binary is none that we know; it was left as it is, and loads.',
}

/** Makes the installed parts ready to run and says in a sentence what was done; throws a sentence when it cannot. */
export function setUp(): string {
  const fate = makeLoadable()
  preflight()
  return `Node ${process.versions.node}, glibc ${glibcVersion() ?? 'none'}: ${sentences[fate]}`
}
