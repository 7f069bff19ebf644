import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import WebSocket from 'ws'
import { knownSeries } from '../../core/knownSeries.ts'
import { type MeasureName, measures } from '../../core/measures.ts'
import { bearer, benchSettings, startSystem, type System, temporaryFolder } from '../system.ts'
import { metricsText, openSocket, until } from './badInputsClient.ts'
import { ring, view, visit } from './badInputsGuest.ts'

const folder = temporaryFolder()
let system: System

afterAll(async () => {
  await system?.killTree()
  folder.remove()
})

/** What a run without trouble does not show, and why. */
const unseen: Partial<Record<MeasureName, string>> = {
  ringtrail_partition_stopped: 'no partition is stopped; the series is there while one is',
}

/** The names that hold at least one series, histograms by their count. */
function seen(text: string): Set<string> {
  const lines = text.split('\n').filter(line => line !== '' && !line.startsWith('#'))
  return new Set(lines.map(line => /^\w+/.exec(line)?.[0].replace(/_count$/, '') ?? ''))
}

function value(text: string, series: string): number {
  const line = text.split('\n').find(one => one.startsWith(`${series} `))
  return line === undefined ? Number.NaN : Number(line.split(' ').at(-1))
}

test('after a visit and a call every measure of the list has a series, and what was counted is not zero', async () => {
  system = await startSystem({ dataDir: join(folder.path, 'data'), settings: benchSettings() })
  const before = await metricsText(system)
  for (const name of Object.keys(measures) as MeasureName[])
    for (const labels of knownSeries(name)) {
      const said = measures[name].labels.map((label, index) => `${label}="${labels[index]}"`).join(',')
      expect(value(before, said === '' ? name : `${name}{${said}}`), `${name} ${said}`).not.toBeNaN()
    }
  const guest = await visit(system)
  expect(await view(guest, 2)).toBe('ack')
  expect(await ring(system, 'one', guest)).toBe('exact, the right session')
  await (await openSocket(system)).close()
  const carrier = new WebSocket(`ws://127.0.0.1:${system.publicPort}/v1/calls/bench`, {
    headers: { authorization: `Bearer ${bearer}` },
  })
  await new Promise(resolve => carrier.once('open', resolve))
  const text = await until(
    () => metricsText(system),
    now =>
      value(now, 'ringtrail_sockets_closed_total{reason="left"}') === 1 &&
      value(now, 'ringtrail_results_stored_total') > 0 &&
      value(now, 'ringtrail_sockets{kind="carrier"}') === 1,
  )
  carrier.terminate()
  const there = seen(text)
  const missing = Object.keys(measures).filter(name => !there.has(name))
  expect(missing).toEqual(Object.keys(unseen))
  for (const series of [
    'ringtrail_log_bytes',
    'ringtrail_disk_used_ratio{folder="streams"}',
    'ringtrail_sockets{kind="visitor"}',
    'ringtrail_answers_total{kind="exact"}',
    'ringtrail_entries_total{kind="signal"}',
  ])
    expect(value(text, series), series).toBeGreaterThan(0)
})

test('nothing on /metrics is missing from the list', async () => {
  const names = [...seen(await metricsText(system))].map(name => name.replace(/_(bucket|sum)$/, ''))
  expect(names.filter(name => !(name in measures))).toEqual([])
})

test('the only counter without known series has its labels from the configuration, and starts at 0 too', async () => {
  const open = (Object.keys(measures) as MeasureName[]).filter(
    name => measures[name].type === 'counter' && knownSeries(name).length === 0,
  )
  expect(open).toEqual(['ringtrail_pool_overflowed_total'])
  const text = await metricsText(system)
  for (const got of ['share', 'fallback'])
    expect(value(text, `${open[0]}{tenant="bench",pool="sales",got="${got}"}`)).toBe(0)
})
