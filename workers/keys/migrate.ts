import { transact } from '../../config/lmdb.ts'
import { unwrap } from '../../config/keyWrap.ts'
import { pack } from '../../config/pack.ts'
import { blockKey, blockOf, blockRow, type Ground, load, pageKeys, rowsOf } from './ground.ts'
import { type Place, secretBytes, type Subject, wipe, wrapPage } from './pages.ts'

/**
 * Format 1 had a row for each key: `key`: block, id → key and name, wrapped under the block's key and bound to the id; and
 * `at`: id → block. Each block is put on pages in one transaction, so a crash leaves some that are and some that are not.
 * Says how many keys did not open, alone or with their block: they are lost, and nobody else is. Their ids are not buried,
 * so that a log that still has them brings them again.
 */
export async function migrateRows(ground: Ground): Promise<number> {
  load(ground)
  let lost = 0
  for (const number of ground.blocks.keys()) lost += await putOnPages(ground, number)
  return lost
}

async function putOnPages(ground: Ground, number: number): Promise<number> {
  const block = blockOf(ground, number)
  const key = blockKey(ground, block)
  const rows = [...rowsOf(ground, 'key', number)].filter(row => typeof row.key[2] === 'string')
  if (rows.length === 0 && block.filled !== undefined) return 0
  const subjects =
    key === null ? [] : rows.flatMap(({ key: [, , id], value }) => open(String(id), value, key) ?? [])
  const pages = Array.from({ length: Math.ceil(subjects.length / pageKeys) }, (_, page) => {
    const place: Place = [number, page]
    return { place, on: subjects.slice(page * pageKeys, (page + 1) * pageKeys) }
  })
  const wrapped = pages.map(({ place, on }) => ({ place, on, row: key && wrapPage(place, on, key) }))
  await transact(ground.root, changes => {
    for (const row of rows) changes.remove(row.key)
    for (const row of rows) changes.remove(['at', String(row.key[2])])
    for (const { place, on, row } of wrapped) {
      if (row !== null) changes.put(['key', ...place], row)
      for (const { id } of on) changes.put(['at', id], pack(place))
    }
    changes.put(['block', number], blockRow({ ...block, count: subjects.length, filled: subjects.length }))
  })
  wipe(subjects)
  return rows.length - subjects.length
}

function open(id: string, bytes: Buffer, key: Parameters<typeof unwrap>[1]): Subject | null {
  const plain = unwrap(bytes, key, Buffer.from(id))
  if (plain === null) return null
  return { id, name: plain.toString('utf8', secretBytes), secret: plain.subarray(0, secretBytes) }
}
