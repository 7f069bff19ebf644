import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { chart } from '../../workers/whatIf/chart.ts'
import { type Combination, simulate } from '../../workers/whatIf/simulate.ts'
import { simulateCsv, simulateJson, simulateText } from '../../workers/whatIf/simulateReport.ts'
import { temporaryFolder } from '../system.ts'
import { makeRecord } from './folder.ts'
import { recordIn, silent } from './reading.ts'
import type { Tell } from './recordLife.ts'
import { minutes, nine, person } from './scene.ts'

const folder = temporaryFolder()
afterAll(() => folder.remove())

/**
 * Ten come within ten minutes and ring a minute after they came; ten more do the same two hours later, of whom one rings
 * six minutes after. 5 minutes idle timeout, 20 tail, 10 cool-down.
 */
const twenty = (tell: Tell) => {
  for (const from of [0, 120]) {
    const people = Array.from({ length: 10 }, (_, place) => person(tell, `${'abcdefghij'[place]}${from}`))
    people.forEach((one, place) => {
      one.comes(minutes(from + place))
      if (from === 0 || place > 0) one.rings(minutes(from + place + 0.5), `${from}-${place}`)
    })
    if (from > 0) people[0]?.rings(minutes(from + 6), 'late')
  }
}

let made = 0

async function record(overflow: string, live = twenty) {
  made += 1
  const pool = { numbers: ['+4570000001..+4570000010'], overflow }
  const { dataDir } = await makeRecord(join(folder.path, String(made)), pool, { fromMs: nine, live })
  return recordIn(dataDir)
}

const minute = 60_000
const asNow = { pool: 'sales', tailMs: 20 * minute, coolDownMs: 10 * minute }
const of = (size: number, more: Partial<Combination> = {}): Combination => ({ ...asNow, size, ...more })

test('of ten at a time four numbers serve four, and the calls of the others are unknown', async () => {
  const recorded = await record('fallback')
  const combinations = [of(4), of(10), of(20), of(10, { tailMs: 0, coolDownMs: 0 })]
  const { rows, evidenceWrong } = await simulate(recorded, combinations, silent)
  expect(
    rows.map(({ visits, fallback, shared, calls, wrong, unknown }) => [
      visits,
      fallback,
      shared,
      calls,
      wrong,
      unknown,
    ]),
  ).toEqual([
    [20, 12, 0, 20, 0, 12],
    [20, 0, 0, 20, 0, 0],
    [20, 0, 0, 20, 0, 0],
    [20, 0, 0, 20, 0, 0],
  ])
  expect(rows.map(({ isInForce }) => isInForce)).toEqual([false, true, false, false])
  expect(rows[0]?.without?.share).toBeCloseTo(0.6)
  // Whose time is over is found all the same while nobody was lent the number since (rule M13).
  expect(rows[3]?.error?.share).toBe(0)
  const matches = [...recorded.calls.values()].map(({ match }) => match)
  expect(matches.map(({ kind }) => kind).toSorted()).toEqual([...Array<string>(19).fill('exact'), 'tail'])
  const doubt = matches.reduce((sum, { confidence }) => sum + 1 - confidence / 1_000, 0)
  expect(evidenceWrong).toBeCloseTo(doubt / 20)
})

test('a visit counts once, by what it was shown at first', async () => {
  const recorded = await record('fallback', tell => {
    const [anna, ben] = [person(tell, 'anna'), person(tell, 'ben')]
    anna.comes(minutes(0))
    ben.comes(minutes(20))
    ben.comes(minutes(22))
    ben.comes(minutes(40))
  })
  const { rows } = await simulate(recorded, [of(1), of(2)], silent)
  expect(rows.map(({ visits, fallback }) => [visits, fallback])).toEqual([
    [2, 1],
    [2, 0],
  ])
})

test('where numbers are shared who came later keeps theirs, and somebody is taken for somebody else', async () => {
  const recorded = await record('share')
  const { rows } = await simulate(recorded, [of(4), of(10)], silent)
  expect(rows[0]).toMatchObject({ visits: 20, fallback: 0, shared: 12, calls: 20, unknown: 0 })
  expect(rows[0]?.wrong).toBeGreaterThan(0)
  expect(rows[1]).toMatchObject({ shared: 0, wrong: 0, unknown: 0 })
})

test('table, files and picture say the same, and no number of the pool', async () => {
  const recorded = await record('fallback')
  const simulation = await simulate(recorded, [of(4), of(10)], silent)
  const text = simulateText(recorded, simulation, 1.5)
  expect(text).toMatch(/^ *4 +20m +10m +60\.0 % .* 0 +12 +60\.0 % .* 6\.00$/m)
  expect(text).toMatch(/^ *\* 10 +20m +10m +0\.0 % .* 15\.00$/m)
  const json = JSON.parse(simulateJson(recorded, simulation, 1.5)) as { rows: { cost: number }[] }
  expect(json.rows.map(({ cost }) => cost)).toEqual([6, 15])
  const csv = simulateCsv(simulation, null)
  expect(csv.trim().split('\r\n')).toHaveLength(3)
  const picture = chart('sales', simulation.rows)
  for (const said of [text, csv, picture, JSON.stringify(json)]) expect(said).not.toMatch(/\+45|\+0\d/)
  expect(picture).toContain('tail 20m, cool-down 10m')
})

test('the same record gives the same figures', async () => {
  const recorded = await record('share')
  const [one, other] = [await simulate(recorded, [of(4)], silent), await simulate(recorded, [of(4)], silent)]
  expect(one).toEqual(other)
})
