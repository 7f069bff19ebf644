import type { CreditModel } from './wire/questions.ts'

/** How the visits that led to a call share it. Shares add up to one. */

/** What is asked of a touch: when it was before the ring, and whether it came by itself. */
export type Weighed = { readonly beforeMs: number; readonly isDirect: boolean }

const halfLifeMs = 7 * 86_400_000
/** Of first and last; those between share the rest. */
const ends = 0.4

export function sharesOf(touches: readonly Weighed[], model: CreditModel): number[] {
  const count = touches.length
  const only = (place: number) => touches.map((_, index) => Number(index === place))
  switch (model) {
    case 'first-touch':
      return only(0)
    case 'last-touch':
      return only(count - 1)
    case 'last-non-direct': {
      const last = touches.findLastIndex(({ isDirect }) => !isDirect)
      return only(last === -1 ? count - 1 : last)
    }
    case 'linear':
      return touches.map(() => 1 / count)
    case 'position-based':
      return byPosition(count)
    case 'time-decay': {
      const weights = touches.map(({ beforeMs }) => 2 ** (-beforeMs / halfLifeMs))
      const sum = weights.reduce((all, one) => all + one, 0)
      return weights.map(weight => (sum > 0 ? weight / sum : 1 / count))
    }
  }
}

function byPosition(count: number): number[] {
  if (count <= 2) return Array.from({ length: count }, () => 1 / count)
  const between = (1 - 2 * ends) / (count - 2)
  return Array.from({ length: count }, (_, index) => (index === 0 || index === count - 1 ? ends : between))
}
