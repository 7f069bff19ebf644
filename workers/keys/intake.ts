import { createHash } from 'node:crypto'
import { makeIntakePair } from '../../config/intakeKeys.ts'
import { pack } from '../../config/pack.ts'
import { commit, type Ground, idBytes, idText, type Intake } from './ground.ts'

/** This owner's halves of what gateways wrap keys for: the private ones lie in the vault. */

export const intakeIdBytes = 8

export type IntakeInUse = { readonly id: Uint8Array; readonly publicHalf: Uint8Array }

export function intakeInUse(ground: Ground): IntakeInUse {
  const pair = newest(ground)
  if (pair === undefined) throw new Error(`The key store in ${ground.directory} has no intake key.`)
  return { id: idBytes(pair.id), publicHalf: Uint8Array.from(pair.publicHalf) }
}

function newest({ intakes }: Ground): Intake | undefined {
  return [...intakes.values()].sort((a, b) => b.order - a.order)[0]
}

/** A new pair is in use from here on; the others still open what was wrapped for them. `nowMs`: Unix ms. */
export async function rotateIntake(ground: Ground, nowMs: number): Promise<void> {
  const { publicHalf, privateHalf } = makeIntakePair()
  const slot = ground.vault.allocate()
  ground.vault.write(slot, privateHalf)
  privateHalf.fill(0)
  const id = idText(createHash('sha256').update(publicHalf).digest().subarray(0, intakeIdBytes))
  const before = newest(ground)
  const pairs: Intake[] = [{ id, publicHalf, slot, order: (before?.order ?? 0) + 1 }]
  if (before !== undefined) pairs.push({ ...before, replacedAt: nowMs })
  await commit(ground, {
    work: changes => {
      for (const pair of pairs) changes.put(['intake', pair.id], pack(pair))
    },
    done: () => {
      for (const pair of pairs) ground.intakes.set(pair.id, pair)
    },
  })
}

/**
 * Destroys the pairs that were replaced at that time or before, in Unix ms: what was wrapped for them can be opened by
 * nobody from here on.
 */
export async function destroyOldIntake(
  ground: Ground,
  replacedUntilMs: number,
): Promise<{ ids: Uint8Array[] }> {
  const inUse = newest(ground)
  const isOld = (pair: Intake) => pair !== inUse && (pair.replacedAt ?? 0) <= replacedUntilMs
  const old = [...ground.intakes.values()].filter(isOld)
  if (old.length === 0) return { ids: [] }
  await commit(ground, {
    work: changes => {
      for (const { id } of old) changes.remove(['intake', id])
    },
    done: () => {
      for (const { id } of old) ground.intakes.delete(id)
      ground.agreed.clear()
    },
    retired: old.map(({ slot }) => slot),
  })
  return { ids: old.map(({ id }) => idBytes(id)) }
}
