import type { KeyObject } from 'node:crypto'
import { keyIdBytes } from '../../config/sealing.ts'
import { agreedKey } from '../../config/intakeKeys.ts'
import { unwrap } from '../../config/keyWrap.ts'
import { pack } from '../../config/pack.ts'
import type { NewKey, Wrap } from '../../core/wire/log.ts'
import { commit, type Ground, idText, type Intake, type Period } from './ground.ts'
import { secretBytes } from './pages.ts'
import { addPeriods, putPeriods } from './periods.ts'
import { noPlacing, place, type Placing, wrapped } from './placing.ts'
import { nameHash } from './subjects.ts'

/** How keys come in: out of the log, wrapped for this owner by a gateway. */

export type ArrivingKey = { readonly key: NewKey; readonly atMs: number }
export type Taken = {
  readonly taken: number
  /** Were here before: the log was read again. */
  readonly known: number
  /** Were wrapped for another, or are damaged. */
  readonly unreadable: number
  /** Were destroyed here, and do not come back. */
  readonly refused: number
}

const agreedMost = 10_000

type Batch = {
  readonly counts: { taken: number; known: number; unreadable: number; refused: number }
  readonly ids: Set<string>
  readonly placing: Placing
  readonly names: (readonly [tenant: string, hash: string, id: string])[]
  readonly periods: Period[]
}

/** Resolves when everything that was taken survives a power cut. */
export async function take(ground: Ground, keys: readonly ArrivingKey[]): Promise<Taken> {
  const counts = { taken: 0, known: 0, unreadable: 0, refused: 0 }
  const batch: Batch = { counts, ids: new Set(), placing: noPlacing(), names: [], periods: [] }
  for (const { key, atMs } of keys) {
    ground.lastMs = Math.max(ground.lastMs, atMs)
    counts[takeOne(ground, batch, key, atMs)] += 1
  }
  if (counts.taken === 0) return counts
  const putPlaced = wrapped(ground, batch.placing)
  await commit(ground, {
    work: changes => {
      putPlaced(changes)
      for (const [tenant, hash, id] of batch.names) changes.put(['name', tenant, hash, id], present)
      putPeriods(changes, batch.periods)
      changes.put(['meta', 'lastMs'], pack(ground.lastMs))
    },
    done: () => {
      addPeriods(ground, batch.periods)
    },
  })
  return counts
}

const present = Buffer.of(1)

function takeOne(ground: Ground, batch: Batch, key: NewKey, atMs: number): keyof Taken {
  const id = idText(key.id)
  if (isKnown(ground, batch, id)) return 'known'
  if (ground.root.doesExist(['gone', id])) return 'refused'
  const secret = secretOf(ground, key)
  if (secret === null) return 'unreadable'
  batch.ids.add(id)
  if (key.of === 'period') {
    const slot = ground.vault.allocate()
    ground.vault.write(slot, secret)
    const { tenant, name } = key
    batch.periods.push({ id, tenant, name, untilMs: atMs + key.lastsMs, slot })
    secret.fill(0)
  } else {
    const { tenant, name, lastsMs } = key
    place(ground, batch.placing, tenant, { id, name, secret }, { atMs, lastsMs })
    batch.names.push([tenant, nameHash(ground, tenant, name), id])
  }
  return 'taken'
}

function isKnown(ground: Ground, batch: Batch, id: string): boolean {
  return batch.ids.has(id) || ground.periods.has(id) || ground.root.doesExist(['at', id])
}

function secretOf(ground: Ground, key: NewKey): Buffer | null {
  if (key.id.length !== keyIdBytes) return null
  for (const wrapped of key.wraps) {
    const intake = ground.intakes.get(idText(wrapped.intake))
    const agreed = intake && agreedWith(ground, intake, wrapped)
    const secret = agreed ? unwrap(wrapped.bytes, agreed, key.id) : null
    if (secret?.length === secretBytes) return secret
  }
  return null
}

/** One agreement costs as much as hundreds of keys, and a gateway has one half for as long as it runs. */
function agreedWith(ground: Ground, intake: Intake, { from }: Wrap): KeyObject | null {
  const name = `${intake.id} ${idText(from)}`
  const known = ground.agreed.get(name)
  if (known !== undefined) return known
  if (ground.agreed.size >= agreedMost) ground.agreed.clear()
  const agreed = agree(ground, intake, from)
  ground.agreed.set(name, agreed)
  return agreed
}

function agree({ vault }: Ground, { slot }: Intake, from: Uint8Array): KeyObject | null {
  const half = vault.read(slot)
  if (half === null) return null
  try {
    return agreedKey(half, from)
  } catch {
    return null
  } finally {
    half.fill(0)
  }
}
