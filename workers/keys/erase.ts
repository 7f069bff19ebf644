import { setTimeout as rest } from 'node:timers/promises'
import { transact } from '../../config/lmdb.ts'
import { pack, unpack } from '../../config/pack.ts'
import { blockKeys, blockOf, bury, commit, type Ground, idBytes, idText, putBlock, rowsOf } from './ground.ts'
import { makeBlock, nameHash, openSubject, place, type Placed, putPlaced } from './subjects.ts'

/**
 * How subjects' keys are destroyed: who stays moves to another block, a few at a time, because calls wait meanwhile; then
 * the block's key is overwritten. A key is in one block at every moment, so a crash leaves nobody without.
 */

export type ErasedSubjects = {
  readonly ids: Uint8Array[]
  /** Keys of others that could not be opened and so could not stay. */
  readonly lost: number
}
/** Whose keys: all of theirs, or those of `ids` alone. */
export type ErasureRequests = readonly {
  readonly tenant: string
  readonly names: readonly string[]
  readonly ids?: readonly Uint8Array[]
}[]

type Doomed = {
  /** Ids by the block in which they are. */
  readonly blocks: Map<number, Set<string>>
  readonly names: (readonly [tenant: string, hash: string, id: string])[]
}
/** Runs one change of the store, after those before it. */
type InTurn = <Result>(work: () => Promise<Result>) => Promise<Result>

/** So many keys are moved in one go: about a millisecond of work. As long as that took, the thread is left to the calls. */
const movedAtOnce = 32
const restMsMax = 20

/**
 * Destroys every key of these subjects, all in one commit at the end. Each block is a turn of its own: keys that arrive
 * meanwhile are taken between.
 */
export async function eraseSubjects(
  ground: Ground,
  inTurn: InTurn,
  requests: ErasureRequests,
): Promise<ErasedSubjects> {
  const lost = new Set<string>()
  for (;;) {
    const step = await inTurn(async () => {
      const doomed = findDoomed(ground, requests)
      const shared = [...doomed.blocks].filter(
        ([number, ids]) => othersIn(ground, number, ids, lost).length > 0,
      )
      return shared.length === 0 ? await destroy(ground, doomed, lost) : shared
    })
    if (!Array.isArray(step)) return step
    for (const [number, ids] of step) await inTurn(() => moveOthers(ground, number, ids, lost))
  }
}

function findDoomed(ground: Ground, requests: ErasureRequests): Doomed {
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
        closeBlock(ground, number)
      }
    }
  }
  return doomed
}

/** Nothing more is put into it. */
function closeBlock({ blocks, open }: Ground, number: number): void {
  const tenant = blocks.get(number)?.tenant ?? ''
  if (open.get(tenant) === number) open.delete(tenant)
}

/** Ids of those in a block who stay and have not been moved. */
function othersIn(
  ground: Ground,
  number: number,
  doomed: ReadonlySet<string>,
  lost: ReadonlySet<string>,
): string[] {
  return idsIn(ground, number).filter(id => !doomed.has(id) && !lost.has(id))
}

function idsIn(ground: Ground, number: number): string[] {
  const range = { start: ['key', number], end: ['key', number, '\uffff'] }
  return [...ground.root.getKeys(range)].map(key => String(key[2]))
}

/**
 * They move to a block of their own, which goes out of use when the old one would have: among keys of a later day they would
 * stay for as long as those.
 */
async function moveOthers(
  ground: Ground,
  number: number,
  doomed: ReadonlySet<string>,
  lost: Set<string>,
): Promise<void> {
  closeBlock(ground, number)
  const others = othersIn(ground, number, doomed, lost)
  if (others.length === 0) return
  const { tenant, untilMs, fromMs } = blockOf(ground, number)
  const to = makeBlock(ground, tenant, untilMs, fromMs)
  for (let from = 0; from < others.length; from += movedAtOnce) {
    const began = performance.now()
    const ids = others.slice(from, from + movedAtOnce)
    const placed = ids.flatMap(id => move(ground, number, to, id) ?? [])
    const moved = new Set(placed.map(({ id }) => id))
    for (const id of ids) if (!moved.has(id)) lost.add(id)
    // A new block's key is on the disk before a row names it; rows are flushed by the commit that ends it all.
    await ground.vault.flush()
    await transact(ground.root, changes => {
      for (const id of moved) changes.remove(['key', number, id])
      putBlock(ground, changes, number)
      putPlaced(ground, changes, placed, pack)
    })
    await rest(Math.min(restMsMax, performance.now() - began))
  }
  if (blockOf(ground, to).count < blockKeys && !ground.open.has(tenant)) ground.open.set(tenant, to)
}

/** null: its key does not open. */
function move(ground: Ground, number: number, to: number, id: string): Placed | null {
  const subject = openSubject(ground, number, id)
  if (subject === null) return null
  const placed = place(ground, to, subject)
  subject.secret.fill(0)
  blockOf(ground, number).count -= 1
  return placed
}

/** Blocks in which nobody else is left go with all that is in them. */
async function destroy(
  ground: Ground,
  { blocks, names }: Doomed,
  lost: ReadonlySet<string>,
): Promise<ErasedSubjects> {
  const gone = [...blocks.values()].flatMap(ids => [...ids])
  if (gone.length === 0) return { ids: [], lost: 0 }
  const old = [...blocks.keys()]
  const rows = old.flatMap(number => idsIn(ground, number).map(id => [number, id] as const))
  await commit(ground, {
    work: changes => {
      for (const [number, id] of rows) changes.remove(['key', number, id])
      for (const number of old) changes.remove(['block', number])
      for (const id of [...gone, ...lost]) changes.remove(['at', id])
      for (const name of names) changes.remove(['name', ...name])
      bury(ground, changes, gone)
    },
    done: () => {
      for (const number of old) ground.blocks.delete(number)
      ground.gone += gone.length
    },
    retired: old.flatMap(number => ground.blocks.get(number)?.slot ?? []),
  })
  return { ids: gone.map(idBytes), lost: lost.size }
}
