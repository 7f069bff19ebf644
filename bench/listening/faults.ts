import { limits } from '../../core/limits.ts'
import { limitFiles, metric, until } from '../e2e/badInputsClient.ts'
import { defectInMain, defectInThreads, throwing } from '../kill/inspector.ts'
import { gone, type System } from '../system.ts'
import { asker, type Keys } from './adminTraffic.ts'
import { callWithCanaries, streamWithCanaries } from './calls.ts'
import { canaries } from './canaries.ts'
import { askWithoutFiles } from './noFiles.ts'
import type { Roles } from './rolesStory.ts'
import { helloWithCanaries, type Traffic, visitWithCanaries } from './visits.ts'

/** What can go wrong in a role, and a defect that quotes a caller in its message. */

const quoting = `${canaries.phone} of ${canaries.email} at ${canaries.ipv4}`
const broken = `${canaries.call}-broken`
/** The table in which it lands refuses one call. */
const brokenTable = `{
  const { set } = Map.prototype
  Map.prototype.set = function (key, value) {
    if (String(key).includes(${JSON.stringify(broken)})) {
      Map.prototype.set = set
      throw new Error(${JSON.stringify(quoting)} + key)
    }
    return set.call(this, key, value)
  }
}`

const untilSaid = (system: System, line: string) =>
  until(
    async () => system.lines().some(({ msg }) => msg === line),
    said => said,
  )

/** It can open nothing, its threads crash, its disk is full, and it is frozen. */
export async function breakWorker(
  { traffic }: Roles,
  gateway: System,
  worker: System,
  { analyst, officer }: Keys,
): Promise<void> {
  const { ear } = traffic
  await askWithoutFiles(worker.pid, worker.adminPort, '/metrics', ear)
  await defectInThreads(worker.inspector(), throwing(quoting), threads => threads)
  for (const line of ['thread_died', 'reader_died']) await untilSaid(worker, line)
  await until(
    async () => (await fetch(`http://127.0.0.1:${worker.adminPort}/readyz`)).status,
    status => status === 200,
  )
  limitFiles(worker.pid, 8_192)
  await callWithCanaries(gateway, traffic, 'worker full')
  await until(
    () => metric(worker, 'ringtrail_commit_failures_total'),
    count => count > 0,
  )
  const body = JSON.stringify({ subjects: [`v:${canaries.visitor}`], purpose: 'ticket 3' })
  await asker(gateway, traffic)('/v1/tenants/bench/subjects/export', { key: officer.key, body })
  limitFiles(worker.pid, null)
  process.kill(worker.pid, 'SIGSTOP')
  await helloWithCanaries(gateway, traffic)
  await streamWithCanaries(gateway, traffic, limits.signalsPerSocketInFlightMax + 10)
  await asker(gateway, traffic)(`/v1/calls/${canaries.call}?tenant=bench`, {
    method: 'GET',
    key: analyst.key,
  })
  process.kill(worker.pid, 'SIGCONT')
  await visitWithCanaries(gateway, traffic)
}

/** A table of it breaks, in whichever of its threads owns the tenant. */
export async function breakTable(gateway: System, worker: System, traffic: Traffic): Promise<void> {
  await defectInThreads(worker.inspector(), brokenTable, threads => threads)
  await callWithCanaries(gateway, traffic, 'broken')
  await untilSaid(worker, 'partition_stopped')
}

/**
 * The log and the disk are away at once; one dies with a call in its outbox, and comes back with another file, which it gives;
 * the other crashes.
 */
export async function breakGateways(
  { wire, nats, traffic, start }: Roles,
  first: System,
  second: System,
): Promise<System> {
  const { ear } = traffic
  await askWithoutFiles(first.pid, first.adminPort, '/metrics', ear)
  wire.to = 1
  wire.cut()
  limitFiles(first.pid, 8_192)
  await callWithCanaries(first, traffic, 'nowhere')
  limitFiles(first.pid, null)
  await callWithCanaries(first, traffic, 'outbox')
  await first.killMain()
  const again = await start('gateway', 'gateway-1', {
    server: { disk: { stopAt: 0.001 } },
    pool: { overflow: 'fallback' },
  })
  await untilSaid(again, 'outbox_resent')
  await helloWithCanaries(again, traffic)
  nats.signal('SIGKILL')
  await callWithCanaries(again, traffic, 'dark')
  await nats.restart()
  await defectInMain(second.inspector(), throwing(quoting))
  await gone(second.pid)
  return again
}
