import type { Seen } from './seen.ts'
import { neighbours, placesInAll, plainPlaces, type Weight } from './tables.ts'

/**
 * Finds the weights under which what truly happened is most likely: conditional logistic regression, by Newton's method. A
 * little is held against weights that are extreme, and against neighbours that differ, so that few calls do not say much.
 */

const againstExtremes = 0.5
const againstSteps = 6
const rounds = 15

/** Natural logarithms of the weights, place by place. */
export function likeliestWeights(all: readonly Seen[]): number[] {
  let logs: number[] = Array.from({ length: placesInAll }, () => 0)
  for (let round = 0; round < rounds; round++) {
    const slope = slopeAt(all, logs)
    const step = solve(slope.second, slope.first)
    const longest = Math.max(...step.map(Math.abs))
    const scale = Math.min(1, 2 / longest)
    logs = logs.map((log, place) => log + scale * (step[place] as number))
    if (longest < 1e-5) break
  }
  return logs
}

type Slope = { readonly first: number[]; readonly second: number[][] }

function slopeAt(all: readonly Seen[], logs: readonly number[]): Slope {
  const first = logs.map(log => -againstExtremes * log)
  const second: number[][] = logs.map((_, row) =>
    logs.map((__, column) => (row === column ? againstExtremes : 0)),
  )
  for (const [one, other] of neighbours) smooth(first, second, logs, one, other)
  for (const seen of all) add(first, second, logs, seen)
  for (const place of plainPlaces) {
    first[place] = 0
    second.forEach((row, at) => {
      row[place] = at === place ? 1 : 0
    })
    ;(second[place] as number[]).fill(0)
    ;(second[place] as number[])[place] = 1
  }
  return { first, second }
}

function smooth(
  first: number[],
  second: number[][],
  logs: readonly number[],
  one: Weight,
  other: Weight,
): void {
  const pull = againstSteps * ((logs[one] as number) - (logs[other] as number))
  first[one] = (first[one] as number) - pull
  first[other] = (first[other] as number) + pull
  for (const [row, column, by] of [
    [one, one, 1],
    [other, other, 1],
    [one, other, -1],
    [other, one, -1],
  ] as const)
    (second[row] as number[])[column] = ((second[row] as number[])[column] as number) + by * againstSteps
}

/** Of one call: what was more likely than it should have been, and less. */
function add(first: number[], second: number[][], logs: readonly number[], { suspects, nobody }: Seen): void {
  const choices = [...suspects.map(one => one.weights), nobody]
  const sizes = choices.map(weights => Math.exp(weights.reduce((sum, at) => sum + (logs[at] as number), 0)))
  const all = sizes.reduce((sum, size) => sum + size, 0)
  const shares = sizes.map(size => size / all)
  const isRight = choices.map((_, at) => suspects[at]?.isRight ?? !suspects.some(one => one.isRight))
  const right = shares.reduce((sum, share, at) => sum + (isRight[at] ? share : 0), 0)
  const mean = new Map<Weight, number>()
  choices.forEach((weights, at) => {
    const share = shares[at] as number
    const truly = isRight[at] ? share / right : 0
    for (const one of weights) {
      first[one] = (first[one] as number) + truly - share
      mean.set(one, (mean.get(one) ?? 0) + share)
      const row = second[one] as number[]
      for (const other of weights) row[other] = (row[other] as number) + share
    }
  })
  for (const [one, by] of mean) {
    const row = second[one] as number[]
    for (const [other, and] of mean) row[other] = (row[other] as number) - by * and
  }
}

/** Gauss, with the largest pivot. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, at) => [...row, right[at] as number])
  const size = rows.length
  for (let column = 0; column < size; column++) {
    let pivot = column
    for (let row = column; row < size; row++)
      if (Math.abs(rows[row]?.[column] as number) > Math.abs(rows[pivot]?.[column] as number)) pivot = row
    const top = rows[pivot] as number[]
    rows[pivot] = rows[column] as number[]
    rows[column] = top
    for (let row = 0; row < size; row++) if (row !== column) eliminate(rows[row] as number[], top, column)
  }
  return rows.map((row, at) => (row[size] as number) / (row[at] as number))
}

function eliminate(row: number[], top: readonly number[], column: number): void {
  const by = (row[column] as number) / (top[column] as number)
  if (by === 0) return
  for (let at = column; at < row.length; at++) row[at] = (row[at] as number) - by * (top[at] as number)
}
