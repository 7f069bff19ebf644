import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { callerNumber, ringAndEnd } from '../load/caller.ts'
import { createChance } from '../load/chance.ts'
import { createVisitor, type Visitor } from '../load/visitor.ts'
import { benchSettings, startSystem, type System, temporaryFolder } from '../system.ts'

/** A system at work: six visit a site whose pool has four numbers, each rings; then other pools and policies are asked about. */
const folder = temporaryFolder()
const dataDir = join(folder.path, 'data')
const config = `${dataDir}.yaml`
const main = join(import.meta.dirname, '../../gateway/main.ts')
const out = join(folder.path, 'out')
const settings = (pool: object) => benchSettings({ numbers: ['+4570000001..+4570000004'], ...pool })
const visitors: Visitor[] = []
let system: System

beforeAll(async () => {
  system = await startSystem({ dataDir, settings: settings({}) })
  const chance = createChance(5)
  for (let place = 0; place < 6; place++) {
    const visitor = createVisitor(chance.id(), chance.id(), place)
    visitors.push(visitor)
    await visitor.arrive(system.publicPort)
    await visitor.view(2)
  }
  for (const [place, visitor] of visitors.entries()) {
    await visitor.click(3)
    const b = visitor.seen()?.number.e164 ?? ''
    await ringAndEnd(system.publicPort, { call: `call-${place}`, a: callerNumber(place), b })
  }
})

afterAll(async () => {
  for (const visitor of visitors) visitor.leave()
  await system?.killTree()
  folder.remove()
})

function ringtrail(...words: string[]) {
  const asked = [words[0] ?? '', '--config', config, '--tenant', 'bench', ...words.slice(1)]
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...asked], { encoding: 'utf8' })
  return { status, stdout, stderr }
}

function otherPolicy(pool: object): string {
  const file = join(folder.path, 'other.yaml')
  writeFileSync(file, JSON.stringify(settings(pool)))
  return file
}

test('while the system runs its stores are read, and it goes on', async () => {
  const { status, stdout } = ringtrail('simulate', '--size', '4')
  expect(status).toBe(0)
  expect(stdout).toMatch(/^Pool sales: 6 visits/m)
  const b = visitors[5]?.seen()?.number.e164 ?? ''
  const called = await ringAndEnd(system.publicPort, { call: 'call-6', a: callerNumber(6), b })
  expect(called.match.kind).toBe('shared')
})

test('after it ended each call comes out as it was recorded, and another pool makes the difference that it has to', async () => {
  for (const visitor of visitors) visitor.leave()
  expect(await system.stop()).toBe(0)
  const same = ringtrail('replay', '--policy', config)
  expect(same.stdout).toContain('gives each of them the kind, visit and source that were recorded')
  expect(same.stdout).toContain('0 of 7 calls come out differently (0.0 %).')
  // With six numbers each has one: who shared is exact. The seventh rang the same number as the sixth.
  const six = otherPolicy({ numbers: ['+4570000001..+4570000006'] })
  const other = ringtrail('replay', '--policy', six, '--out', out)
  expect(other.status).toBe(0)
  const lines = readFileSync(join(out, 'replay.ndjson'), 'utf8').trim().split('\n')
  const kinds = lines.map(line => {
    const { before, after } = JSON.parse(line) as { before: { kind: string }; after: { kind: string } }
    return `${before.kind} ${after.kind}`
  })
  expect(new Set(kinds)).toEqual(new Set(['shared exact']))
  expect(`${other.stdout}${lines.join('')}`).not.toMatch(/\+4520|\+4570/)
})

test('a simulation says how many numbers would have been enough, in a table, in files and in a picture', () => {
  const { status, stdout, stderr } = ringtrail(
    ...['simulate', '--size', '3,4,6', '--tail', '1m,5m', '--number-price', '1.50', '--out', out],
  )
  expect(status).toBe(0)
  expect(stderr).toContain('simulating 6 combinations')
  expect(stdout).toMatch(/^ *\* 4 +1m +1m +33\.3 % /m)
  expect(stdout).toMatch(/^ *6 +5m +1m +0\.0 % .* 9\.00$/m)
  const { rows } = JSON.parse(readFileSync(join(out, 'simulate.json'), 'utf8')) as {
    rows: { shared: number; visits: number }[]
  }
  expect(rows.map(({ shared }) => shared)).toEqual([3, 2, 0, 3, 2, 0])
  expect(readFileSync(join(out, 'simulate.svg'), 'utf8')).toContain('</svg>')
  expect(readFileSync(join(out, 'simulate.csv'), 'utf8').trim().split('\r\n')).toHaveLength(7)
})

test('neither needs a key: without those of the system they say the same', () => {
  const before = ringtrail('replay', '--policy', config).stdout
  rmSync(join(dataDir, 'root-key'))
  rmSync(join(dataDir, 'keys'), { recursive: true })
  expect(ringtrail('replay', '--policy', config)).toMatchObject({ status: 0, stdout: before })
})

test('what cannot be answered is one sentence', () => {
  const wrong = (...words: string[]) => {
    const { status, stderr } = ringtrail(...words)
    expect(status).toBe(1)
    return stderr
  }
  const bad = otherPolicy({ tail: 'soon' })
  expect(wrong('replay', '--policy', bad)).toMatch(
    /other\.yaml:1:\d+ tenants\[0\]\.pools\[0\]\.tail: has to be/,
  )
  expect(wrong('replay', '--policy', join(folder.path, 'none.yaml'))).toContain('cannot be read (ENOENT)')
  expect(wrong('simulate', '--pool', 'nobody')).toContain('Tenant bench has no pool nobody; it has sales.')
  expect(wrong('simulate', '--size', '0')).toContain('--size has to be numbers from 1 to 100000')
  expect(wrong('simulate', '--tail', 'soon')).toContain('--tail has to be durations such as 5m,20m.')
  expect(wrong('simulate', '--from', 'soon')).toContain(
    '--from has to be a time such as 2026-01-01T00:00:00Z.',
  )
  expect(wrong('simulate', '--from', '2020-01-01', '--to', '2020-02-01')).toContain(
    'no visit and no call is on record',
  )
  expect(wrong('simulate', '--out', join(config, 'x'))).toMatch(/Nothing can be written to .* \(ENOTDIR\)\./)
})
