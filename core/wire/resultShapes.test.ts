import { readdirSync, readFileSync } from 'node:fs'
import { Check, Errors } from 'typebox/value'
import { expect, test } from 'vitest'
import { feedFrame, feedFrames } from '../feedFrame.ts'
import { usedResult } from '../restrict.ts'
import { replay } from '../scenarios/replay.ts'
import type { LogTime } from '../words.ts'
import type { ResultMessage, ResultOutcome } from './result.ts'
import { resultExamples } from './resultExamples.ts'
import { resultMessageShape } from './resultShapes.ts'

const folder = new URL('../scenarios/', import.meta.url)
const stories = readdirSync(folder).filter(name => name.endsWith('.txt'))

const kinds: readonly string[] = ['call-changed', 'session-ended', 'refused']
const told = stories.flatMap(
  name =>
    replay(readFileSync(new URL(name, folder), 'utf8')).outcomes.filter(({ kind }) =>
      kinds.includes(kind),
    ) as ResultOutcome[],
)
const resultOf = (outcome: ResultOutcome) => ({ sequence: 1, index: 0, at: 1_000 as LogTime, outcome })
const messageOf = (outcome: ResultOutcome): ResultMessage => ({
  ...{ version: 1, tenant: outcome.tenant, partition: 0, rules: 2 },
  results: [resultOf(outcome)],
})

test('every result of every story has the documented shape, in the stream and in the feed', () => {
  expect(new Set(told.map(({ kind }) => kind))).toEqual(new Set(kinds))
  for (const outcome of told) {
    expect(Errors(resultMessageShape, messageOf(outcome))).toEqual([])
    const shown = usedResult(outcome, () => false)
    if (shown !== null)
      expect(Errors(feedFrames[shown.kind], feedFrame('acme', 'id', resultOf(shown)))).toEqual([])
  }
})

test('what is not documented has not that shape', () => {
  for (const outcome of told) {
    const strange: object = { ...outcome, phone: '+4520304050' }
    expect(Check(resultMessageShape, messageOf(strange as ResultOutcome))).toBe(false)
  }
})

test('the examples have the shapes that they are examples of', () => {
  for (const message of Object.values(resultExamples)) {
    expect(Errors(resultMessageShape, message)).toEqual([])
    for (const result of message.results)
      expect(Errors(feedFrames[result.outcome.kind], feedFrame('acme', 'id', result))).toEqual([])
  }
})
