import { type Found, findProgram, type Places, type Program } from './program.ts'

/** Checks the alert rules; used by tests alone. Debian 12's own, so that it runs on 12 and on all that is newer. */
const promtool: Program = {
  name: 'promtool',
  least: '2.40.0',
  debian: { name: 'prometheus', suite: 'bookworm', path: 'usr/bin/promtool' },
  help: 'Put one on PATH (https://github.com/prometheus/prometheus/releases; Debian: the package prometheus).',
}

/** Finds promtool, or fetches it into `.runtime/` once. Throws an Error whose message says what to do. */
export async function findPromtool(places?: Places): Promise<Found> {
  return findProgram(promtool, places)
}
