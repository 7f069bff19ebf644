import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { weights } from '../../core/weights.ts'
import { compare } from './compare.ts'
import { calibrationOf } from './measure.ts'
import { comparedPicture, reliabilityPicture } from './pictures.ts'
import { reliabilityOf } from './reliability.ts'
import { scenarios } from './scenarios.ts'
import { seenIn } from './seen.ts'
import { calibrationShapes, heldOutShapes } from './shapes.ts'
import type { Shape } from './shape.ts'
import { tables } from './tables.ts'
import { weightsText } from './writeWeights.ts'

/** The bounds of docs/accuracy.md on less traffic, where a figure of chance is larger: `npm run accuracy` holds the true ones. */

const shorter = (shape: Shape): Shape => ({ ...shape, days: 8 })
const timeout = 300_000

test('on traffic that was held out a confidence means what it says', { timeout }, () => {
  const { overall, byKind } = calibrationOf(heldOutShapes.map(shorter))
  expect(overall.calls).toBeGreaterThan(5_000)
  expect(overall.error).toBeLessThan(0.03)
  expect(Math.abs(overall.confidence - overall.right)).toBeLessThan(0.02)
  for (const [kind, of] of byKind) if (of.calls >= 500) expect(of.error, kind).toBeLessThan(0.08)
  expect(reliabilityPicture([['all', overall], ...byKind])).toMatch(/^<svg [\s\S]*<\/svg>\n$/)
})

test('where as many calls are attributed, fewer are wrong than by any published way of lending', {
  timeout,
}, () => {
  const compared = scenarios.map(scenario => compare({ ...scenario, days: 8 }))
  for (const { name, peers, ours } of compared) {
    for (const peer of peers) {
      expect(peer.oursThere?.attributed, `${name}: ${peer.name}`).toBeGreaterThanOrEqual(peer.attributed)
      expect(peer.oursThere?.wrong, `${name}: ${peer.name}`).toBeLessThan(peer.wrong)
      expect(ours.attributed).toBeGreaterThanOrEqual(peer.attributed)
    }
  }
  expect(comparedPicture(compared)).toMatch(/^<svg [\s\S]*<\/svg>\n$/)
})

test('the expected calibration error is the mean over answers of how far a bin is off', () => {
  const answers = (count: number, right: number, confidence: number) =>
    Array.from({ length: count }, (_, at) => ({ confidence, isRight: at < right }))
  expect(reliabilityOf(answers(10, 8, 800)).error).toBeCloseTo(0, 9)
  expect(reliabilityOf([...answers(10, 8, 800), ...answers(30, 3, 200)]).error).toBeCloseTo(0.075, 9)
})

test('what the weights are made from is what the core goes by: it splits each call as they say', () => {
  const [middling] = calibrationShapes as readonly [Shape, ...Shape[]]
  const seen = seenIn({ ...middling, days: 5, visitsPerDay: 600 })
  expect(seen.length).toBeGreaterThan(50)
  expect(seen.some(({ suspects }) => suspects.some(({ isRight }) => isRight))).toBe(true)
})

test('the weights in the core are as they are written, with a value for each place', () => {
  const file = new URL('../../core/weights.ts', import.meta.url)
  expect(readFileSync(file, 'utf8')).toBe(weightsText(weights))
  for (const [name, { places }] of Object.entries(tables))
    expect(weights[name as keyof typeof weights], name).toHaveLength(places)
})
