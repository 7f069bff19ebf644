import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { attempts } from './attempts.ts'
import { type Attempts, buildNamespace, countAttempts, totalOf } from './namespace.ts'
import { watchSockets } from './watch.ts'

/** `unshare -rn node bench/egress/inside.ts REPORT PROGRAM …`: runs the program in a network of its own, and writes what it saw. */
export type Inside = {
  /** How the program ended; null: a signal ended it. */
  readonly status: number | null
  /** What tried to leave while it ran. */
  readonly run: Attempts
  /** Whose sockets led away, and where. */
  readonly seen: readonly string[]
  /** Deliberate attempts after it that were not counted: where there is one, a count of 0 says nothing. */
  readonly uncounted: readonly string[]
}

function ended(program: string, args: readonly string[]): Promise<number | null> {
  const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', resolve)
  })
}

async function notCounted(counted: () => Attempts): Promise<string[]> {
  const missed: string[] = []
  for (const [name, attempt] of Object.entries(attempts)) {
    const before = totalOf(counted())
    await attempt()
    if (totalOf(counted()) === before) missed.push(name)
  }
  return missed
}

const [report = '', program = '', ...args] = process.argv.slice(2)
buildNamespace()
const counted = await countAttempts()
const watched = watchSockets()
const status = await ended(program, args)
const [run, seen] = [counted(), watched()]
const uncounted = await notCounted(counted)
writeFileSync(report, JSON.stringify({ status, run, seen, uncounted } satisfies Inside))
process.exit(0)
