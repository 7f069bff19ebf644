import { hash } from 'node:crypto'
import type { Entry } from '../config/streamLife.ts'

/** An entry as it is known again: a log that holds another one at its sequence is another log. */
export type Mark = { readonly sequence: number; readonly timeMs: number; readonly hash: string }

const hashChars = 22

export function markOf({ sequence, timeMs, data }: Entry): Mark {
  return { sequence, timeMs, hash: hash('sha256', data, 'base64url').slice(0, hashChars) }
}

/** Whether an entry is the marked one. Its time comes in two notations, of which one is rounded. */
export function isMarked(mark: Mark, entry: Entry): boolean {
  return Math.abs(entry.timeMs - mark.timeMs) <= 1 && markOf(entry).hash === mark.hash
}
