import { createSocket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { connect } from 'node:net'
import { callerNumber, ringAndEnd } from '../load/caller.ts'
import { createChance } from '../load/chance.ts'
import { createVisitor } from '../load/visitor.ts'
import { benchSettings, startSystem, temporaryFolder } from '../system.ts'
import { type Attempts, buildNamespace, countAttempts } from './namespace.ts'

/** Runs inside `unshare -rn` and prints what it did and what tried to leave, as JSON. */
export type Report = {
  readonly visitors: number
  readonly exact: number
  readonly run: Attempts
  /** After the run: what a deliberate datagram, connection, IPv6 connection and look-up added. */
  readonly control: readonly Attempts[]
}

const visitors = 20
const settings = benchSettings({}, { egress: { locations: [], peers: [] }, demo: true, logLevel: 'trace' })

async function useAll(dataDir: string): Promise<number> {
  const system = await startSystem({ dataDir, settings })
  let exact = 0
  for (let index = 0; index < visitors; index += 1) {
    const visitor = createVisitor(createChance(index + 1).id(), createChance(index + 100).id(), index)
    const { number } = await visitor.arrive(system.publicPort)
    await visitor.view(2)
    await visitor.click(3)
    const call = `${process.pid}-${Date.now()}-${index}`
    const { match } = await ringAndEnd(system.publicPort, { call, a: callerNumber(index), b: number.e164 })
    if (match.kind === 'exact') exact += 1
    visitor.leave()
  }
  for (const path of ['/demo/', '/v1/snippet.js', '/healthz'])
    await (await fetch(`http://127.0.0.1:${system.publicPort}${path}`)).text()
  for (const path of ['/metrics', '/readyz', '/livez', '/console'])
    await (await fetch(`http://127.0.0.1:${system.adminPort}${path}`)).text()
  await system.stop()
  return exact
}

/** Attempts that somebody makes; each has to be seen. They fail, and how does not matter. */
const attempts: readonly (() => Promise<unknown>)[] = [
  () =>
    new Promise<void>(resolve => {
      const socket = createSocket('udp4')
      socket.send('x', 53, '192.0.2.1', () => socket.close(() => resolve()))
    }),
  () => attemptTo('192.0.2.1'),
  () => attemptTo('2001:db8::1'),
  () => Promise.race([lookup('telemetry.example').catch(() => null), wait(1_500)]),
]

function attemptTo(host: string): Promise<void> {
  return new Promise(resolve => {
    const socket = connect(443, host)
    socket.setTimeout(200, () => socket.destroy())
    socket.on('error', () => undefined)
    socket.once('close', () => resolve())
  })
}

/** A look-up sends its first packet at once and then waits for an answer that never comes. */
const wait = (ms: number) => new Promise(resolve => setTimeout(resolve, ms).unref())

buildNamespace()
const counted = await countAttempts()
const folder = temporaryFolder()
const dataDir = `${folder.path}/data`
const first = await useAll(dataDir)
const second = await useAll(dataDir)
folder.remove()
const run = counted()
const control: Attempts[] = []
for (const attempt of attempts) {
  await attempt()
  control.push(counted())
}
const report: Report = { visitors: 2 * visitors, exact: first + second, run, control }
process.stdout.write(JSON.stringify(report), () => process.exit(0))
