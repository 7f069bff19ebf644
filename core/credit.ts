import { halved } from './halving.ts'
import type { Touch } from './outcome.ts'
import { isDirect } from './touches.ts'

/** Which touch a call is credited to: the models that marketers compare (rules T5 to T7). Pure, and in whole parts. */

export const creditModels = [
  'first-touch',
  'last-touch',
  'last-non-direct',
  'linear',
  'position-based',
  'time-decay',
] as const
export type CreditModel = (typeof creditModels)[number]

/** So many parts are given for each call, never one more or less. */
export const creditParts = 1_000_000

/** What is asked of a step of a path: when it was, and whether it came by itself. */
export type Placed = { readonly at: number; readonly isDirect: boolean }

export const placed = ({ at, source }: Pick<Touch, 'at' | 'source'>): Placed => ({
  at,
  isDirect: isDirect(source),
})

/** Of models whose shares follow from how many steps a path has, whatever they are and whenever. */
export const modelsByCount: readonly CreditModel[] = [
  ...(['first-touch', 'last-touch', 'linear', 'position-based'] as const),
]

/** What each step of a path gets of `creditParts`, the latest step last. */
export function sharesOf(path: readonly Placed[], model: CreditModel, halfLifeMs: number): number[] {
  return path.length === 0 ? [] : shared(weightsOf(path, model, halfLifeMs))
}

function weightsOf(touches: readonly Placed[], model: CreditModel, halfLifeMs: number): number[] {
  const last = touches.length - 1
  const only = (chosen: number) => touches.map((_, place) => (place === chosen ? 1 : 0))
  switch (model) {
    case 'first-touch':
      return only(0)
    case 'last-touch':
      return only(last)
    case 'last-non-direct': {
      const place = touches.findLastIndex(touch => !touch.isDirect)
      return only(place < 0 ? last : place)
    }
    case 'linear':
      return touches.map(() => 1)
    case 'position-based': {
      // Both ends weigh twice as much as all in between together.
      const end = Math.max(1, 2 * (last - 1))
      return touches.map((_, place) => (place === 0 || place === last ? end : 1))
    }
    case 'time-decay': {
      const lastAt = (touches[last] as Placed).at
      return touches.map(({ at }) => halved(lastAt - at, halfLifeMs))
    }
  }
}

/** The parts in whole numbers: what rounding down leaves goes to those who lost most by it (rule T7). */
function shared(weights: readonly number[]): number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0)
  const parts: number[] = []
  const lost: number[] = []
  let left = creditParts
  for (const weight of weights) {
    const whole = Math.trunc((weight * creditParts) / sum)
    parts.push(whole)
    lost.push((weight * creditParts) % sum)
    left -= whole
  }
  for (; left > 0; left--) {
    const place = lastOfMost(lost)
    parts[place] = (parts[place] as number) + 1
    lost[place] = -1
  }
  return parts
}

function lastOfMost(values: readonly number[]): number {
  let most = 0
  for (let place = 1; place < values.length; place++)
    if ((values[place] as number) >= (values[most] as number)) most = place
  return most
}
