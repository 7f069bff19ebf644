import { expect, test } from 'vitest'
import { drive } from './drive.ts'
import { drawnBefore, drawnLast, drawnSince, drawnToCalibrate } from './drawn.ts'
import { createOurs } from './ours.ts'
import { trafficOf } from './people.ts'
import { calibrationShapes, heldOutShapes } from './shapes.ts'
import type { Shape } from './shape.ts'

const short = (shape: Shape): Shape => ({ ...shape, days: 5, visitsPerDay: 600 })
const [middling] = calibrationShapes as [Shape]

test('the same seed tells of the same people, and another of others', () => {
  expect(trafficOf(short(middling))).toEqual(trafficOf(short(middling)))
  expect(trafficOf(short({ ...middling, seed: 9 }))).not.toEqual(trafficOf(short(middling)))
})

test('everything that people do happens', () => {
  const { happenings } = trafficOf({ ...middling, days: 10 })
  const kinds = new Set(happenings.map(({ kind }) => kind))
  expect([...kinds].sort()).toEqual(['click', 'close', 'note', 'open', 'page', 'ring', 'wake'])
  const calls = happenings.flatMap(one => (one.kind === 'ring' ? [one.call] : []))
  const share = (is: (call: (typeof calls)[number]) => boolean) => calls.filter(is).length / calls.length
  expect(share(({ person }) => person === null)).toBeGreaterThan(0.04)
  expect(share(({ phone }) => phone === null)).toBeGreaterThan(0.03)
  expect(share(({ phone }) => phone?.startsWith('board') === true)).toBeGreaterThan(0.01)
  expect(share(({ phone }) => phone?.startsWith('phone-of') === true)).toBeGreaterThan(0.01)
  const dialled = calls.flatMap(({ dials }) => ('note' in dials ? [dials.note] : []))
  expect(new Set(dialled).size).toBeLessThan(dialled.length * 0.9)
})

test('the core says the same of the same traffic, and each kind of match is met', () => {
  const traffic = trafficOf(short(middling))
  const shape = short(middling)
  const judged = drive(traffic, createOurs(shape))
  expect(drive(traffic, createOurs(shape))).toEqual(judged)
  const tight = { ...shape, pool: { ...shape.pool, size: 20 } }
  const kinds = new Set([...judged, ...drive(traffic, createOurs(tight))].map(({ kind }) => kind))
  for (const kind of ['exact', 'tail', 'cooldown', 'shared', 'returning']) expect(kinds).toContain(kind)
  expect(judged.filter(({ isRight }) => isRight).length).toBeGreaterThan(judged.length / 2)
})

test('no shape that was held out is one of those that were used, and each has a seed of its own', () => {
  const drawn = [drawnToCalibrate(), drawnBefore(), drawnSince(), drawnLast()]
  const all = [...calibrationShapes, ...heldOutShapes, ...drawn.flat()]
  expect(new Set(all.map(({ seed }) => seed)).size).toBe(all.length)
  const chosen = [...calibrationShapes, ...heldOutShapes]
  expect(new Set(chosen.map(({ name }) => name)).size).toBe(chosen.length)
  expect(drawn.map(shapes => shapes.length)).toEqual([48, 10, 10, 40])
  expect(calibrationShapes.length).toBeGreaterThanOrEqual(8)
  expect(heldOutShapes.length).toBeGreaterThanOrEqual(6)
})
