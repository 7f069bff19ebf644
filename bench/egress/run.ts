import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Inside } from './inside.ts'

/** What a program printed and did in a network of its own. */
export type Ran = Inside & { readonly output: string }

const repository = join(import.meta.dirname, '../..')

/** Throws a sentence where this machine lets an ordinary user have no network of its own. */
export function assertNamespaces(): void {
  const allowed = spawnSync('unshare', ['-rn', 'true'], { encoding: 'utf8' })
  if (allowed.status === 0) return
  throw new Error(
    `This machine gives an ordinary user no network namespace (unshare -rn: ${allowed.stderr || String(allowed.error)}). ` +
      'What leaves the system cannot be counted here: allow unprivileged user namespaces, or run this as root.',
  )
}

/** Runs a program in a network of its own, from the project's folder. Throws where nothing could be counted. */
export async function runInside(program: readonly string[]): Promise<Ran> {
  const folder = mkdtempSync(join(tmpdir(), 'ringtrail-egress-'))
  const file = join(folder, 'report.json')
  const inside = join(import.meta.dirname, 'inside.ts')
  const child = spawn('unshare', ['-rn', process.execPath, inside, file, ...program], {
    cwd: repository,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said: string[] = []
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => void said.push(chunk.toString()))
  try {
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', () => resolve())
    })
    const output = said.join('')
    if (child.exitCode !== 0) throw new Error(`nothing was counted: ${output}`)
    return { ...(JSON.parse(readFileSync(file, 'utf8')) as Inside), output }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
