import type { Input } from '../core/input.ts'
import type { Outcome } from '../core/outcome.ts'
import { sessionOf } from '../core/reply.ts'

/**
 * What is kept of an event beside its sealed part; null: nothing, because it was a repeat or refused. A hello that comes
 * again is kept without its page view, so that whoever reads the history counts each view once (rule V4).
 */
export function keptOf(clear: Input, outcomes: readonly Outcome[]): Input | null {
  const has = (kind: Outcome['kind']) => outcomes.some(outcome => outcome.kind === kind)
  switch (clear.kind) {
    case 'page':
      return has('page-viewed') ? clear : null
    case 'engagement':
      return has('engaged') ? clear : null
    case 'signal':
      return has('call-changed') ? clear : null
    case 'call-rectified':
      return has('call-rectified') ? clear : null
    case 'hello':
      if (sessionOf(outcomes) === null) return null
      return has('page-viewed') ? clear : { ...clear, page: null }
    default:
      return null
  }
}
