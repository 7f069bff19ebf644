import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { findNatsServer } from '../../config/setup/natsServer.ts'
import {
  benchTenant,
  settingsOf,
  siteKey,
  bearer,
  startSystem,
  type System,
  temporaryFolder,
} from '../system.ts'
import { limitFiles, metric, until } from './badInputsClient.ts'
import { canaries, findCanaries, findForms, type Heard } from './canaries.ts'
import { callWithCanaries, poisonWithCanaries, type Traffic, visitWithCanaries } from './canaryTraffic.ts'

// Everything that the whole system says to anybody who runs it is listened to, while visitors and callers bring canaries.

const folder = temporaryFolder()
const storeDir = join(folder.path, 'nats')
const running: { system: System | null; nats: ChildProcess | null } = { system: null, nats: null }
afterAll(async () => {
  await running.system?.killTree()
  running.nats?.kill('SIGKILL')
  folder.remove()
})

/** A nats-server with monitoring, which ours has not; the first start takes free ports and later ones keep them. */
const ports = { client: -1, monitor: -1 }
async function startNats(): Promise<void> {
  const { path } = await findNatsServer()
  mkdirSync(storeDir, { recursive: true })
  for (const file of readdirSync(storeDir)) if (file.endsWith('.ports')) rmSync(join(storeDir, file))
  const config = join(storeDir, 'server.conf')
  writeFileSync(
    config,
    `host: "127.0.0.1"\nport: ${ports.client}\nhttp: "127.0.0.1:${ports.monitor}"\nmax_payload: 8388608\nports_file_dir: ${JSON.stringify(storeDir)}\njetstream { store_dir: ${JSON.stringify(storeDir)} }\n`,
  )
  const nats = spawn(path, ['-c', config], { stdio: 'ignore' })
  running.nats = nats
  const file = join(storeDir, `nats-server_${nats.pid}.ports`)
  const text = await until(
    async () => readFileSync(file, 'utf8'),
    said => said.includes('monitoring'),
  )
  const said = JSON.parse(text) as { nats: string[]; monitoring: string[] }
  ports.client = Number(new URL(said.nats[0] ?? '').port)
  ports.monitor = Number(new URL(said.monitoring[0] ?? '').port)
}

function settings(): object {
  const tenant = benchTenant('bench', siteKey, {}) as { carriers: object }
  const carriers = {
    generic: { bearer, secrets: ['whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY='] },
    twilio: { authToken: 'x' },
  }
  return settingsOf([{ ...tenant, carriers }], {
    nats: { url: `nats://127.0.0.1:${ports.client}` },
    publicUrl: 'https://ring.acme.example',
    trustedProxies: ['127.0.0.0/8'],
    logLevel: 'trace',
  })
}

const dataDir = join(folder.path, 'data')
const start = async () => {
  const system = await startSystem({ dataDir, settings: settings() })
  running.system = system
  return system
}

const heard: Heard[] = []
const asked = async (source: string, address: string) => {
  const answer = await fetch(address)
  const said = [...answer.headers].map(([name, value]) => `${name}: ${value}`)
  heard.push({ source, text: [...said, await answer.text()].join('\n') })
}

async function listenToMonitors(system: System): Promise<void> {
  const admin = `http://127.0.0.1:${system.adminPort}`
  for (const path of [
    '/metrics',
    '/readyz',
    '/livez',
    `/${canaries.call}`,
    `/v1/calls/${encodeURIComponent(canaries.email)}`,
  ])
    await asked(`admin ${path.split('/')[1]}`, admin + path)
  await asked('healthz', `http://127.0.0.1:${system.publicPort}/healthz`)
  const monitor = `http://127.0.0.1:${ports.monitor}`
  for (const path of [
    'varz',
    'connz?subs=1&auth=1',
    'subsz?subs=1',
    'jsz?streams=1&consumers=1&config=1',
    'accountz',
    'healthz',
  ])
    await asked(`nats ${path.split('?')[0]}`, `${monitor}/${path}`)
}

function listenToCommands(): void {
  for (const command of ['check', 'egress', 'record', 'snippet']) {
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['gateway/main.ts', command, '--config', `${dataDir}.yaml`],
      {
        cwd: join(import.meta.dirname, '../..'),
        encoding: 'utf8',
        env: { ...process.env, RINGTRAIL_CANARY: canaries.phone },
      },
    )
    heard.push({ source: `ringtrail ${command}`, text: stdout + stderr })
  }
}

test('nothing that the system says to those who run it is about a visitor or caller', async () => {
  await startNats()
  let system = await start()
  const traffic: Traffic = { errors: [], ids: [], b: '' }
  await visitWithCanaries(system, traffic)
  await callWithCanaries(system, traffic, 'calm')
  await poisonWithCanaries({ servers: `nats://127.0.0.1:${ports.client}`, name: 'test' })
  await until(
    () => metric(system, 'ringtrail_set_aside_total'),
    count => count === 4,
  )
  await listenToMonitors(system)

  // No room on the disk: stores and outbox fail, each in its own way.
  limitFiles(system.pid, 8_192)
  await callWithCanaries(system, traffic, 'full')
  limitFiles(system.pid, null)
  await listenToMonitors(system)

  running.nats?.kill('SIGKILL')
  await callWithCanaries(system, traffic, 'dark')
  await startNats()
  await visitWithCanaries(system, traffic)
  await listenToMonitors(system)
  await system.killTree()
  heard.push({ source: 'what the first process printed', text: system.output() })

  system = await start()
  await visitWithCanaries(system, traffic)
  await callWithCanaries(system, traffic, 'again')
  await listenToMonitors(system)
  await system.stop()
  heard.push({ source: 'what the second process printed', text: system.output() }, ...traffic.errors)
  listenToCommands()

  expect(traffic.ids.length).toBeGreaterThan(0)
  expect(new Set(traffic.errors.map(({ source }) => source)).size).toBeGreaterThan(5)
  expect(
    heard
      .filter(({ source }) => source.includes('process printed'))
      .every(({ text }) => text.includes('started')),
  ).toBe(true)
  const sessions = Object.fromEntries(traffic.ids.map((id, at) => [`session ${at}`, id]))
  expect(findCanaries(heard, { ...canaries, ...sessions, lent: traffic.b })).toEqual([])
  // nats-server's own ids and the inboxes of clients have 22 letters too; exact ids were looked for there as well.
  const ours = heard.filter(({ source }) => !source.startsWith('nats '))
  expect(findForms(ours)).toEqual([])
  // What goes wrong has to have gone wrong, or nothing was heard about it.
  const printed = heard.map(({ text }) => text).join('\n')
  for (const word of ['set_aside', 'commit_failed', 'not-json', 'unknown-tenant', 'call-conflict'])
    expect(printed).toContain(word)
})

test.each(Object.entries(canaries))('the ear hears %s in every form', (name, value) => {
  const bytes = Buffer.from(value)
  const forms = [
    value.toUpperCase(),
    encodeURIComponent(value),
    bytes.toString('hex'),
    bytes.toString('base64url'),
    Buffer.from(`"b":"${value}"`).toString('base64'),
    Buffer.from(`xx${value}yy`).toString('base64url'),
    [...bytes].join(','),
  ]
  for (const form of forms)
    expect(findCanaries([{ source: 'x', text: `ab ${form}` }], canaries), form).not.toEqual([])
  const found = findCanaries([{ source: 'x', text: `{"msg":"${value}"}` }], canaries)
  expect(found.some(one => one.startsWith(`x: ${name} as`))).toBe(true)
})

test('the ear hears what only has the form of a personal value, and not what has it by chance', () => {
  const text = (...values: string[]) => [{ source: 'x', text: values.join(' ') }]
  for (const value of [
    '+4512345678',
    '+45 12 34 56 78',
    '0045 12345678',
    'a@b.example',
    '8.8.8.8',
    '2a00:1450::1',
    'n1Xb3kqvT0aaZZ19-_pQ7w',
  ])
    expect(findForms(text(value)), value).toHaveLength(1)
  expect(
    findForms(
      text('127.0.0.1', '0.0.0.0:8080', '12:30:59', '4294967296', '2026-01-02T03:04:05.678Z', '2.10.27'),
    ),
  ).toEqual([])
})
