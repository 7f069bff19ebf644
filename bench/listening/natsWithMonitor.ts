import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findNatsServer } from '../../config/setup/natsServer.ts'
import { until } from '../e2e/badInputsClient.ts'
import type { Ear } from './ear.ts'

/** A nats-server with monitoring, which ours has not, as an operator runs it; its first start takes free ports and later ones keep them. */
export type MonitoredNats = {
  readonly url: string
  readonly port: number
  /** Hears its monitor. */
  listen(): Promise<void>
  /** Ids of the gateways that are connected, as their subscriptions tell. */
  gateways(): Promise<readonly string[]>
  signal(signal: NodeJS.Signals): void
  /** SIGKILL, and a start on the same store. */
  restart(): Promise<void>
  stop(): void
}

const paths = [
  'varz',
  'connz?subs=1&auth=1',
  'subsz?subs=1',
  'jsz?streams=1&consumers=1&config=1',
  'accountz',
  'healthz',
]

export async function startMonitoredNats(storeDir: string, ear: Ear): Promise<MonitoredNats> {
  mkdirSync(storeDir, { recursive: true })
  const ports = { client: -1, monitor: -1 }
  let child = await start(storeDir, ports, ear)
  return {
    url: `nats://127.0.0.1:${ports.client}`,
    port: ports.client,
    listen: async () => {
      for (const path of paths)
        await ear.ask(`nats ${path.split('?')[0]}`, { port: ports.monitor, path: `/${path}` })
    },
    gateways: async () => {
      const said = await (await fetch(`http://127.0.0.1:${ports.monitor}/subsz?subs=1`)).text()
      return [...new Set([...said.matchAll(/ringtrail\.v1\.gateway\.([\w-]+)"/g)].map(([, id]) => id ?? ''))]
    },
    signal: signal => void child.kill(signal),
    restart: async () => {
      child.kill('SIGKILL')
      child = await start(storeDir, ports, ear)
    },
    stop: () => void child.kill('SIGKILL'),
  }
}

async function start(
  storeDir: string,
  ports: { client: number; monitor: number },
  ear: Ear,
): Promise<ChildProcess> {
  const { path } = await findNatsServer()
  for (const file of readdirSync(storeDir)) if (file.endsWith('.ports')) rmSync(join(storeDir, file))
  const config = join(storeDir, 'server.conf')
  const place = JSON.stringify(storeDir)
  writeFileSync(
    config,
    `host: "127.0.0.1"\nport: ${ports.client}\nhttp: "127.0.0.1:${ports.monitor}"\nmax_payload: 8388608\nports_file_dir: ${place}\njetstream { store_dir: ${place} }\n`,
  )
  const nats = spawn(path, ['-c', config], { stdio: ['ignore', 'pipe', 'pipe'] })
  for (const stream of [nats.stdout, nats.stderr])
    stream.on('data', (chunk: Buffer) => ear.add('nats printed', String(chunk)))
  const file = join(storeDir, `nats-server_${nats.pid}.ports`)
  const text = await until(
    async () => readFileSync(file, 'utf8'),
    said => said.includes('monitoring'),
  )
  const said = JSON.parse(text) as { nats: string[]; monitoring: string[] }
  ports.client = Number(new URL(said.nats[0] ?? '').port)
  ports.monitor = Number(new URL(said.monitoring[0] ?? '').port)
  return nats
}
