import type { CloseReason } from '../core/knownSeries.ts'

/** What the code with which a socket ended says of why. */
export function closeReason(code: number): CloseReason {
  switch (code) {
    case 1000:
    case 1001:
    case 1005:
      return 'left'
    case 1006:
      return 'lost'
    case 1003:
    case 1009:
      return 'refused'
    case 1012:
      return 'restarting'
    default:
      return 'other'
  }
}
