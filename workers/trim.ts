import type { PositionsSaid } from '../core/wire/control.ts'

/**
 * Up to where the log may be trimmed. Any number of owners follow it, and each knows only itself; so every owner says
 * once a minute how far its stores are on disk, and the log loses nothing unless every partition has an owner that was
 * heard within the hour and all owners that were heard are past it, for as long as `keepMs`. An owner that comes back
 * within that time finds what it missed; one that stays away longer needs a copy of another's data directory.
 */
export type Horizon = {
  hear(said: PositionsSaid, at: number): void
  /** What lies before this sequence is not needed any more; null: nothing may go. */
  before(at: number): number | null
}

type Heard = PositionsSaid & { readonly at: number }
type Sample = { readonly at: number; readonly lowest: number }

const forgottenAfterMs = 3_600_000

export function createHorizon(partitions: number, keepMs: number): Horizon {
  const owners = new Map<string, Heard>()
  const samples: Sample[] = []
  return {
    hear: (said, at) => {
      owners.set(said.owner, { ...said, at })
      for (const [owner, heard] of owners) if (heard.at < at - forgottenAfterMs) owners.delete(owner)
    },
    before: at => {
      const lowest = lowestOf([...owners.values()], partitions, at)
      if (lowest === null) return null
      samples.push({ at, lowest })
      const old = samples.findLastIndex(sample => sample.at <= at - keepMs)
      const sample = samples[old]
      if (sample === undefined) return null
      samples.splice(0, old)
      // An owner that came since then may stand further back than all did at the time.
      return Math.min(sample.lowest, lowest)
    },
  }
}

/** The lowest position of all owners, or null while a partition has none that was heard lately. */
function lowestOf(owners: readonly Heard[], partitions: number, at: number): number | null {
  const heard = owners.filter(owner => owner.at >= at - forgottenAfterMs)
  const owned = new Set(heard.flatMap(owner => owner.partitions))
  for (let partition = 0; partition < partitions; partition++) if (!owned.has(partition)) return null
  return Math.min(...heard.map(owner => owner.lowest))
}
