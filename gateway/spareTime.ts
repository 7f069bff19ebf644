import { limits } from '../core/limits.ts'

/**
 * Work that nobody waits for. It begins when somebody was answered, and not beside what is still on its way; then one
 * piece is done in each turn of the event loop, so that what comes in waits for one piece at most.
 */
export type SpareTime = {
  /** False where as much waits as may: then it is not done, and whoever needs it does it themselves. */
  later(piece: () => void): boolean
  /** Somebody was answered. */
  begin(): void
  /** What waits is not done any more. */
  stop(): void
}

export function createSpareTime(): SpareTime {
  const pieces: (() => void)[] = []
  let isGoing = false
  const go = () => {
    pieces.shift()?.()
    isGoing = pieces.length > 0
    if (isGoing) setImmediate(go)
  }
  return {
    later: piece => {
      if (pieces.length >= limits.sparePiecesMax) return false
      pieces.push(piece)
      return true
    },
    begin: () => {
      if (isGoing || pieces.length === 0) return
      isGoing = true
      setImmediate(go)
    },
    stop: () => {
      pieces.length = 0
    },
  }
}
