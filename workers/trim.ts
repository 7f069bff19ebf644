import type { PositionsSaid } from '../core/wire/control.ts'

/**
 * Up to where the owners need the log no more. Any number of them follow it, and each knows only itself; so every owner
 * says once a minute how far its stores are on disk. One that has been silent for an hour is not waited for, but while
 * a partition has no other the log loses nothing.
 */
export type Horizon = {
  hear(said: PositionsSaid, at: number): void
  /** The lowest sequence that all owners have on disk; null: a partition has no owner that was heard. */
  lowest(at: number): number | null
}

type Heard = PositionsSaid & { readonly at: number }

const forgottenAfterMs = 3_600_000

export function createHorizon(partitions: number): Horizon {
  const owners = new Map<string, Heard>()
  return {
    hear: (said, at) => void owners.set(said.owner, { ...said, at }),
    lowest: at => {
      for (const [owner, heard] of owners) if (heard.at < at - forgottenAfterMs) owners.delete(owner)
      const heard = [...owners.values()]
      const owned = new Set(heard.flatMap(owner => owner.partitions))
      for (let partition = 0; partition < partitions; partition++) if (!owned.has(partition)) return null
      return Math.min(...heard.map(owner => owner.lowest))
    },
  }
}

/**
 * From where on the log may stay although it fills up: half of what it may hold. What all owners have on disk is kept
 * for comfort, and visits would be refused for want of room. Entries are taken to be of one size.
 */
export function halfFrom(log: LogExtent, bytesMax: number): number {
  const { firstSequence, lastSequence, bytes } = log
  if (bytes <= bytesMax / 2) return firstSequence
  const goes = 1 - bytesMax / 2 / bytes
  return firstSequence + Math.ceil((lastSequence - firstSequence + 1) * goes)
}

type LogExtent = { readonly firstSequence: number; readonly lastSequence: number; readonly bytes: number }
