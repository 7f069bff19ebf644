import { callerNumber, ringAndEnd } from '../load/caller.ts'
import { createChance } from '../load/chance.ts'
import { createVisitor } from '../load/visitor.ts'
import { benchSettings, startSystem, temporaryFolder } from '../system.ts'

/** Everything that a system is asked for on an ordinary day, twice on one data directory; prints what became of it as JSON. */
export type Scenario = { readonly visitors: number; readonly exact: number }

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

const folder = temporaryFolder()
const first = await useAll(`${folder.path}/data`)
const second = await useAll(`${folder.path}/data`)
folder.remove()
const done: Scenario = { visitors: 2 * visitors, exact: first + second }
process.stdout.write(JSON.stringify(done), () => process.exit(0))
