import { setTimeout as rest } from 'node:timers/promises'
import {
  type Block,
  blockKey,
  blockKeys,
  blockRow,
  bury,
  commit,
  type Ground,
  idBytes,
  idText,
  type KeyChanges,
  rowsOf,
} from './ground.ts'
import type { InTurn } from '../rounds.ts'
import { idsOnPage, openPage, type Place, wipe, wrapPage } from './pages.ts'
import { closeBlock, makeKey, nameHash, pagesOf, placeOf } from './subjects.ts'

/**
 * How subjects' keys are destroyed: the block that they are in gets another key, under which its pages are wrapped anew
 * without them, in one commit; then the old key of the block is overwritten. A crash leaves the one or the other.
 */

/** Whose keys: all of theirs, or those of `ids` alone. */
export type ErasureRequests = readonly {
  readonly tenant: string
  readonly names: readonly string[]
  readonly ids?: readonly Uint8Array[]
}[]

type Named = readonly [tenant: string, hash: string, id: string]
/** Who has to go, by their block; under null those whose key is gone already, but not the name that led to it. */
type Doomed = Map<number | null, Named[]>
/** A block takes some milliseconds of work; as long as that took, the thread is left to the calls. */
const restMsMax = 20

/**
 * Destroys every key of these subjects, and gives their ids. Each block is a turn of its own: keys that arrive meanwhile are
 * taken between. `keysLost` is told of keys of others that could not be opened and so could not stay.
 */
export async function eraseSubjects(
  ground: Ground,
  inTurn: InTurn,
  requests: ErasureRequests,
  keysLost: (count: number) => void,
): Promise<Uint8Array[]> {
  const ids: Uint8Array[] = []
  for (;;) {
    const doomed = await inTurn(async () => findDoomed(ground, requests))
    if (doomed.size === 0) return ids
    for (const [number, names] of doomed) {
      const done = await inTurn(() => eraseFrom(ground, number, names))
      ids.push(...done.ids)
      if (done.lost > 0) keysLost(done.lost)
      await rest(Math.min(restMsMax, done.tookMs))
    }
  }
}

/** Nothing more is put into their blocks: so whoever is found again after these has come meanwhile. */
function findDoomed(ground: Ground, requests: ErasureRequests): Doomed {
  const doomed: Doomed = new Map()
  for (const { tenant, names, ids } of requests) {
    const only = ids === undefined ? null : new Set(ids.map(idText))
    for (const hash of new Set(names.map(name => nameHash(ground, tenant, name)))) {
      for (const { key } of rowsOf(ground, 'name', tenant, hash)) {
        const id = String(key[3])
        if (only !== null && !only.has(id)) continue
        const number = placeOf(ground, id)?.[0] ?? null
        if (number !== null) closeBlock(ground, number)
        const named = doomed.get(number) ?? []
        named.push([tenant, hash, id])
        doomed.set(number, named)
      }
    }
  }
  return doomed
}

type Done = { readonly ids: Uint8Array[]; readonly lost: number; readonly tookMs: number }

async function eraseFrom(ground: Ground, number: number | null, names: readonly Named[]): Promise<Done> {
  const began = performance.now()
  const block = number === null ? undefined : ground.blocks.get(number)
  const doomed = new Set(names.map(([, , id]) => id).filter(id => placeOf(ground, id)?.[0] === number))
  // Another call, or the end of a tenant, may have come before.
  if (number === null || block === undefined || doomed.size === 0) return await eraseNames(ground, names)
  const left = without(ground, number, block, doomed)
  block.next = left.block?.key ?? null
  const tookMs = performance.now() - began
  await commit(ground, {
    work: changes => {
      for (const place of left.emptied) changes.remove(['key', ...place])
      for (const { place, row } of left.pages) changes.put(['key', ...place], row)
      if (left.block === null) changes.remove(['block', number])
      else changes.put(['block', number], blockRow(left.block))
      for (const id of [...doomed, ...left.lost]) changes.remove(['at', id])
      removeNames(changes, names)
      bury(ground, changes, doomed)
    },
    done: () => {
      if (left.block === null) ground.blocks.delete(number)
      else reopen(ground, number, left.block)
      ground.gone += doomed.size
    },
    retired: [block.slot],
  })
  return { ids: [...doomed].map(idBytes), lost: left.lost.length, tookMs }
}

async function eraseNames(ground: Ground, names: readonly Named[]): Promise<Done> {
  await commit(ground, { work: changes => removeNames(changes, names) })
  return { ids: [], lost: 0, tookMs: 0 }
}

function removeNames(changes: KeyChanges, names: readonly Named[]): void {
  for (const name of names) changes.remove(['name', ...name])
}

/** What is left of a block. `block`: null where nobody is. */
type Left = {
  readonly block: Block | null
  readonly pages: readonly { readonly place: Place; readonly row: Buffer }[]
  readonly emptied: readonly Place[]
  /** Who should have stayed, on pages that do not open. */
  readonly lost: readonly string[]
}

function without(ground: Ground, number: number, block: Block, doomed: ReadonlySet<string>): Left {
  const key = blockKey(ground, block)
  const opened = [...pagesOf(ground, number)].map(({ place, row }) => {
    const subjects = openPage(place, row, key)
    return { place, row, subjects, stay: subjects?.filter(({ id }) => !doomed.has(id)) ?? [] }
  })
  const kept = opened.filter(({ stay }) => stay.length > 0)
  const emptied = opened.filter(({ stay }) => stay.length === 0).map(({ place }) => place)
  const damaged = opened.filter(({ subjects }) => subjects === null)
  const lost = damaged.flatMap(({ row }) => idsOnPage(row)).filter(id => !doomed.has(id))
  const next = kept.length === 0 ? null : makeKey(ground)
  const pages =
    next === null ? [] : kept.map(({ place, stay }) => ({ place, row: wrapPage(place, stay, next.key) }))
  for (const { subjects } of opened) wipe(subjects ?? [])
  const count = kept.reduce((sum, { stay }) => sum + stay.length, 0)
  return { pages, emptied, lost, block: next && { ...block, ...next, next: null, count } }
}

/** It may take keys again. */
function reopen({ blocks, open }: Ground, number: number, block: Block): void {
  blocks.set(number, block)
  if (block.filled < blockKeys && !open.has(block.tenant)) open.set(block.tenant, number)
}
