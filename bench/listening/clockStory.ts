import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openLink } from '../../config/nats.ts'
import { findNatsServer } from '../../config/setup/natsServer.ts'
import { subjects } from '../../core/wire/subjects.ts'
import { limitFiles, natsOptions, natsPid, until } from '../e2e/badInputsClient.ts'
import { startSystem, type System } from '../system.ts'
import { applyFile } from './adminTraffic.ts'
import { callWithCanaries } from './calls.ts'
import { breakTable } from './faults.ts'
import { listenToMonitors } from './monitors.ts'
import { listeningSettings } from './settings.ts'
import { type Traffic, visitWithCanaries } from './visits.ts'

/** `ringtrail start` with its own nats-server and a clock that is six days ahead: what is due after days, and fails. */
export async function tellOfDays(folder: string, traffic: Traffic): Promise<void> {
  const preload = join(import.meta.dirname, 'clockAhead.ts')
  const dataDir = join(folder, 'clock')
  // A log of which padding would take more than it may.
  const settings = listeningSettings({ nats: { logSize: '1MiB' } })
  const env = { PATH: `${await slowNats(folder)}:${process.env.PATH}` }
  const system = await startSystem({ dataDir, settings, preload, env, inspect: true })
  try {
    await visitWithCanaries(system, traffic)
    await callWithCanaries(system, traffic, 'days')
    limitFiles(system.pid, 8_192)
    await callWithCanaries(system, traffic, 'days full')
    await untilSaid(system, 'erasure_at_risk', 'padding_failed', 'compaction_failed')
    limitFiles(system.pid, null)
    await untilSaid(system, 'store_compacted')
    await untilPositionsSaid(system)
    await upsetNats(system)
    await breakTable(system, system, traffic)
    await untilSaid(system, 'entries_held')
    await applyFile(system, traffic, `${dataDir}.yaml`)
    await listenToMonitors(system, traffic.ear)
    await system.stop()
  } finally {
    await system.killTree()
    traffic.ear.add('start, with its clock ahead, printed', system.output())
  }
}

const untilSaid = (system: System, ...lines: string[]) =>
  until(
    async () => lines.filter(line => !system.lines().some(({ msg }) => msg === line)),
    missing => missing.length === 0,
  )

/** From then on the log is trimmed: before, nothing is known to be on disk everywhere. */
async function untilPositionsSaid(system: System): Promise<void> {
  const link = await openLink(natsOptions(system))
  await new Promise<void>(said => link.subscribe(subjects.positions, () => said()))
  await link.close()
}

/** A folder with a nats-server that takes its time before it begins, as one with a large store does. */
async function slowNats(folder: string): Promise<string> {
  const { path } = await findNatsServer()
  const slow = join(folder, 'slow')
  mkdirSync(slow)
  writeFileSync(
    join(slow, 'nats-server'),
    `#!/bin/sh\n[ "$1" = --version ] || sleep 1.2\nexec '${path}' "$@"\n`,
  )
  chmodSync(join(slow, 'nats-server'), 0o700)
  return slow
}

/** The nats-server falls mute while something is to be removed, and cannot be started again at once. */
async function upsetNats(system: System): Promise<void> {
  // What a crash in the middle of it leaves of a return package.
  mkdirSync(join(system.dataDir, 'returns', `bench-${'unfinished'.padEnd(22, '-')}`), { recursive: true })
  process.kill(natsPid(system), 'SIGSTOP')
  await untilSaid(system, 'return_not_removed', 'trim_failed', 'erasure_round_failed', 'nats_mute')
  await untilSaid(system, 'nats_died', 'nats_starts_slowly', 'nats_runs_again')
  const config = join(system.dataDir, 'nats/server.conf')
  renameSync(config, `${config}.aside`)
  mkdirSync(config)
  process.kill(natsPid(system), 'SIGKILL')
  await untilSaid(system, 'nats_not_started')
  const runs = () => system.lines().filter(({ msg }) => msg === 'nats_runs_again').length
  const before = runs()
  rmSync(config, { recursive: true })
  await until(
    async () => runs(),
    count => count > before,
  )
}
