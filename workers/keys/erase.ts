import { pack, unpack } from '../../config/pack.ts'
import { blockKeys, blockOf, bury, commit, type Ground, idBytes, idText, rowsOf } from './ground.ts'
import { makeBlock, nameHash, place, type Placed, putPlaced, readBlock, type Subject } from './subjects.ts'

/** How subjects' keys are destroyed: who stays is wrapped under a new block key, and the old one is overwritten. */

export type ErasedSubjects = {
  readonly ids: Uint8Array[]
  /** Keys of others that could not be opened and so could not stay. */
  readonly lost: number
}

type Doomed = {
  /** Ids by the block in which they are. */
  readonly blocks: Map<number, Set<string>>
  readonly names: (readonly [tenant: string, hash: string, id: string])[]
}

/** Whose keys: all of theirs, or those of `ids` alone. */
export type SubjectKeys = {
  readonly tenant: string
  readonly names: readonly string[]
  readonly ids?: readonly Uint8Array[]
}

/** Destroys every key of these subjects. Each block is touched once, however many of its subjects go. */
export async function eraseSubjects(
  ground: Ground,
  requests: readonly SubjectKeys[],
): Promise<ErasedSubjects> {
  const doomed = findDoomed(ground, requests)
  const gone = [...doomed.blocks.values()].flatMap(ids => [...ids])
  if (gone.length === 0) return { ids: [], lost: 0 }
  const { survivors, lost } = sift(ground, doomed)
  const placed = resettle(ground, survivors, latestUse(ground, doomed))
  const old = [...doomed.blocks.keys()]
  const oldRows = old.flatMap(number => [...rowsOf(ground, 'key', number)].map(({ key }) => key))
  await commit(ground, {
    work: changes => {
      for (const key of oldRows) changes.remove(key)
      for (const number of old) changes.remove(['block', number])
      for (const id of [...gone, ...lost]) changes.remove(['at', id])
      for (const name of doomed.names) changes.remove(['name', ...name])
      putPlaced(ground, changes, placed, pack)
      bury(ground, changes, gone)
    },
    done: () => {
      for (const number of old) ground.blocks.delete(number)
      ground.gone += gone.length
    },
    retired: old.map(number => blockOf(ground, number).slot),
  })
  return { ids: gone.map(idBytes), lost: lost.length }
}

function findDoomed(ground: Ground, requests: readonly SubjectKeys[]): Doomed {
  const doomed: Doomed = { blocks: new Map(), names: [] }
  for (const { tenant, names, ids } of requests) {
    const only = ids === undefined ? null : new Set(ids.map(idText))
    for (const hash of new Set(names.map(name => nameHash(ground, tenant, name)))) {
      for (const { key } of rowsOf(ground, 'name', tenant, hash)) {
        const id = String(key[3])
        if (only !== null && !only.has(id)) continue
        doomed.names.push([tenant, hash, id])
        const at = ground.root.get(['at', id])
        if (at === undefined) continue
        const number = unpack(at) as number
        doomed.blocks.set(number, (doomed.blocks.get(number) ?? new Set()).add(id))
      }
    }
  }
  return doomed
}

/** Who stays, by tenant. */
function sift(ground: Ground, { blocks }: Doomed): { survivors: Map<string, Subject[]>; lost: string[] } {
  const survivors = new Map<string, Subject[]>()
  const lost: string[] = []
  for (const [number, ids] of blocks) {
    const { tenant } = blockOf(ground, number)
    const staying = survivors.get(tenant) ?? []
    survivors.set(tenant, staying)
    if (ground.open.get(tenant) === number) ground.open.delete(tenant)
    for (const { id, subject } of readBlock(ground, number)) {
      if (ids.has(id)) subject?.secret.fill(0)
      else if (subject === null) lost.push(id)
      else staying.push(subject)
    }
  }
  return { survivors, lost }
}

/** Up to when a key of a tenant's touched blocks may be used: the block that they move to ends with the last of them. */
function latestUse(ground: Ground, { blocks }: Doomed): Map<string, number> {
  const latest = new Map<string, number>()
  for (const number of blocks.keys()) {
    const { tenant, untilMs } = blockOf(ground, number)
    latest.set(tenant, Math.max(latest.get(tenant) ?? 0, untilMs))
  }
  return latest
}

/** Survivors of several blocks share new ones, so that blocks do not dwindle. */
function resettle(
  ground: Ground,
  survivors: ReadonlyMap<string, readonly Subject[]>,
  untilMs: ReadonlyMap<string, number>,
): Placed[] {
  const placed: Placed[] = []
  for (const [tenant, subjects] of survivors) {
    let number = 0
    for (const [index, subject] of subjects.entries()) {
      if (index % blockKeys === 0) number = makeBlock(ground, tenant, untilMs.get(tenant))
      placed.push(place(ground, number, subject))
      subject.secret.fill(0)
    }
    const room = number > 0 && blockOf(ground, number).count < blockKeys
    if (room && !ground.open.has(tenant)) ground.open.set(tenant, number)
  }
  return placed
}
