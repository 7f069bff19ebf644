import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Made } from './collect.ts'

const run = promisify(execFile)
const npmWithinMs = 60_000
const outputBytesMax = 64 * 1024 * 1024

/**
 * The bill of materials of an installation: npm's own where npm is there, else from the lock file. Neither asks the
 * network.
 */
export async function softwareBill(folder: string, npm = 'npm'): Promise<Made> {
  const text = (await billOfNpm(folder, npm)) ?? billOfLock(folder)
  if (text === null) return { because: 'the installation holds neither npm nor a lock file to read it from' }
  const { components } = JSON.parse(text) as { components?: readonly unknown[] }
  return { name: 'sbom.cdx.json', text: `${text.trimEnd()}\n`, records: components?.length ?? 0 }
}

async function billOfNpm(folder: string, npm: string): Promise<string | null> {
  const asked = ['sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev', '--offline']
  try {
    const options = { cwd: folder, timeout: npmWithinMs, maxBuffer: outputBytesMax }
    const { stdout } = await run(npm, asked, options)
    JSON.parse(stdout)
    return stdout
  } catch {
    return null
  }
}

type Locked = {
  readonly version?: string
  readonly dev?: boolean
  readonly resolved?: string
  readonly integrity?: string
  readonly license?: string
  readonly name?: string
}

/** What is in the lock file and is not for development alone. */
function billOfLock(folder: string): string | null {
  try {
    const lock = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')) as {
      name: string
      version: string
      packages: Record<string, Locked>
    }
    const components = Object.entries(lock.packages)
      .filter(([path, { dev }]) => path !== '' && dev !== true)
      .map(([path, locked]) => componentOf(path, locked))
    const root = { type: 'application', name: lock.name, version: lock.version }
    const bill = {
      bomFormat: 'CycloneDX',
      specVersion: '1.5',
      version: 1,
      metadata: { component: { 'bom-ref': `${lock.name}@${lock.version}`, ...root } },
      components,
    }
    return JSON.stringify(bill, null, 2)
  } catch {
    return null
  }
}

function componentOf(path: string, { name, version = '', resolved, integrity, license }: Locked): object {
  const known = name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
  const [algorithm, digest = ''] = (integrity ?? '').split('-')
  const hashes =
    algorithm === 'sha512' ? [{ alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') }] : []
  return {
    ...{ 'bom-ref': path, type: 'library', name: known, version },
    purl: `pkg:npm/${known.replace(/^@/, '%40')}@${version}`,
    ...(hashes.length === 0 ? {} : { hashes }),
    ...(license === undefined ? {} : { licenses: [{ license: { id: license } }] }),
    ...(resolved === undefined ? {} : { externalReferences: [{ type: 'distribution', url: resolved }] }),
  }
}
