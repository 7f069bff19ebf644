import { pack } from '../../config/pack.ts'
import { blockKey, blockOf, type Ground, type KeyChanges, pageKeys, putBlock } from './ground.ts'
import { openPage, type Place, type Subject, wipe, wrapPage } from './pages.ts'
import { closeBlock, roomFor } from './subjects.ts'

/** How keys of subjects are put on pages, several at once: each page that they come to is wrapped once. */

type Page = { readonly place: Place; readonly subjects: Subject[] }
export type Placing = {
  /** Pages that are filled, by their place. */
  readonly pages: Map<string, Page>
  readonly placed: (readonly [id: string, place: Place])[]
}

export const noPlacing = (): Placing => ({ pages: new Map(), placed: [] })

/** Gives a subject, whose key may be used until then, its place. It is on the disk when the rows are. */
export function place(
  ground: Ground,
  placing: Placing,
  tenant: string,
  subject: Subject,
  { atMs, lastsMs }: { atMs: number; lastsMs: number },
): void {
  const number = roomFor(ground, tenant, lastsMs)
  const block = blockOf(ground, number)
  const page = pageAt(ground, placing, [number, Math.floor(block.filled / pageKeys)])
  if (page === null) {
    // It is damaged: what is on it is lost, and nobody else is to be.
    closeBlock(ground, number)
    return place(ground, placing, tenant, subject, { atMs, lastsMs })
  }
  block.untilMs = Math.max(block.untilMs, atMs + lastsMs)
  block.filled += 1
  block.count += 1
  page.subjects.push(subject)
  placing.placed.push([subject.id, page.place])
}

/** null: it, or its block, does not open. */
function pageAt(ground: Ground, { pages }: Placing, place: Place): Page | null {
  const name = place.join()
  const known = pages.get(name)
  if (known !== undefined) return known
  const row = ground.root.get(['key', ...place])
  const key = blockKey(ground, blockOf(ground, place[0]))
  const subjects = row === undefined ? key && [] : openPage(place, row, key)
  if (subjects === null) return null
  const page = { place, subjects }
  pages.set(name, page)
  return page
}

/** The rows of everything that was placed; no key is left in memory. */
export function wrapped(ground: Ground, { pages, placed }: Placing): (changes: KeyChanges) => void {
  const rows = [...pages.values()].map(({ place, subjects }) => {
    const key = blockKey(ground, blockOf(ground, place[0]))
    if (key === null)
      throw new Error(`Block ${place[0]} of the key store in ${ground.directory} does not open.`)
    const row = wrapPage(place, subjects, key)
    wipe(subjects)
    return { place, row }
  })
  return changes => {
    for (const { place, row } of rows) changes.put(['key', ...place], row)
    for (const [id, place] of placed) changes.put(['at', id], pack(place))
    for (const number of new Set(rows.map(({ place }) => place[0]))) putBlock(ground, changes, number)
  }
}
