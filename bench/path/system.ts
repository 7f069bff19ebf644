import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Durability } from './floor.ts'

/** A whole Ringtrail in a process of its own, on free ports, in a directory that goes with it. */
export type System = { readonly port: number; readonly pid: number; stop(): Promise<void> }

export const bearer = 'bench-bearer-0123456789-0123456789'
export const siteKey = 'pk_bench'
export const origin = 'http://localhost'

const main = new URL('../../gateway/main.ts', import.meta.url).pathname
const readyWithinMs = 30_000

export async function startSystem(durability: Durability): Promise<System> {
  const directory = mkdtempSync(join(tmpdir(), `ringtrail-bench-${durability}-`))
  const [port, adminPort] = [await freePort(), await freePort()]
  const file = join(directory, 'ringtrail.yaml')
  writeFileSync(file, configText(directory, durability, port, adminPort))
  const child = spawn(process.execPath, [main, 'start', '--config', file], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const leave = () => void child.kill('SIGTERM')
  process.once('exit', leave)
  const stop = async () => {
    await end(child)
    process.off('exit', leave)
    rmSync(directory, { recursive: true, force: true })
  }
  try {
    await ready(child, adminPort)
  } catch (error) {
    await stop()
    throw error
  }
  return { port, pid: child.pid as number, stop }
}

function configText(directory: string, durability: Durability, port: number, adminPort: number): string {
  return `listen: { public: "127.0.0.1:${port}", admin: "127.0.0.1:${adminPort}" }
dataDir: ${JSON.stringify(join(directory, 'data'))}
nats: { durability: ${durability} }
logLevel: silent
partitions: 4
tenants:
  - id: bench
    consent: assumed
    sites: [{ key: ${siteKey}, origins: ["${origin}"], bots: allow }]
    defaultForward: "+45 78 79 22 22"
    targets: [{ id: sales, replace: "+45 78 79 22 22", forward: "+45 78 79 22 22", pool: sales }]
    pools: [{ id: sales, numbers: ["+4570000001..+4570001000"], idleTimeout: 20m, tail: 20m, coolDown: 20m }]
    carriers: { generic: { bearer: "${bearer}" } }
`
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port is free')
  return address.port
}

async function ready(child: ChildProcess, adminPort: number): Promise<void> {
  const until = performance.now() + readyWithinMs
  while (performance.now() < until && child.exitCode === null && child.signalCode === null) {
    const answer = await fetch(`http://127.0.0.1:${adminPort}/readyz`).catch(() => null)
    if (answer?.ok) return
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  throw new Error('Ringtrail did not become ready')
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}
