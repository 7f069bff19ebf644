import { hkdfSync, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { secretKey, wrap } from '../../config/keyWrap.ts'
import { openEnvironment, transact } from '../../config/lmdb.ts'
import { pack, unpack } from '../../config/pack.ts'
import type { Key } from './ground.ts'
import { openKeyStore } from './keyStore.ts'
import { openPage } from './pages.ts'
import { idFor, makeGateway, rootKey, secretFor, subjects } from './testKeys.ts'
import { openVault } from './vault.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringtrail-migrate-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const many = 1_300
const vaultKey = secretKey(Buffer.from(hkdfSync('sha256', rootKey, '', 'ringtrail vault v1', 32)))

/** Writes the rows of a key store as format 1 had them. */
async function asFormat1(directory: string): Promise<void> {
  const vault = openVault(join(directory, 'vault'), vaultKey)
  const root = openEnvironment<Key>(join(directory, 'keys'))
  const range = (table: string) => [...root.getRange({ start: [table], end: [table, '\uffff'] })]
  const [blocks, pages] = [range('block'), range('key')]
  const meta = unpack(root.get(['meta', 'store']) as Buffer) as object
  await transact(root, changes => {
    for (const { key, value } of pages) {
      const [number, page] = [Number(key[1]), Number(key[2])]
      const block = blocks.find(one => one.key[1] === number)?.value as Buffer
      const bytes = vault.read((unpack(block) as { slot: number }).slot) as Buffer
      changes.remove(key)
      for (const { id, name, secret } of openPage([number, page], value, secretKey(bytes)) ?? []) {
        const plain = Buffer.concat([secret, Buffer.from(name)])
        changes.put(['key', number, id], wrap(plain, secretKey(bytes), randomBytes(12), Buffer.from(id)))
        changes.put(['at', id], pack(number))
      }
    }
    for (const { key, value } of blocks) {
      const { filled: _, ...block } = unpack(value) as { filled: number }
      changes.put(key, pack(block))
    }
    changes.put(['meta', 'store'], pack({ ...meta, format: 1 }))
  })
  await root.close()
  vault.close()
}

test('a key store of format 1 is brought to this format when it is opened: nobody is lost, and erasing works', async () => {
  const directory = join(folder, 'one')
  const store = await openKeyStore({ directory, rootKey })
  await store.take(subjects('acme', 0, many).map(makeGateway(store.intake())))
  await store.close()
  await asFormat1(directory)
  for (const opening of [1, 2]) {
    const again = await openKeyStore({ directory, rootKey })
    for (const { name } of subjects('acme', 0, many)) {
      const id = idFor('acme', name)
      expect(again.subjectKey(id), `${name}, opening ${opening}`).toEqual({
        tenant: 'acme',
        name,
        secret: secretFor(id),
      })
    }
    expect(again.inventory().tenants.get('acme')?.subjectKeys).toBe(many)
    await again.close()
  }
  const again = await openKeyStore({ directory, rootKey })
  expect((await again.eraseSubjects([{ tenant: 'acme', names: ['v:visitor-7'] }])).ids).toHaveLength(1)
  expect((await again.take(subjects('acme', many, many + 10).map(makeGateway(again.intake())))).taken).toBe(
    10,
  )
  const gone = subjects('acme', 0, many + 10).filter(
    ({ name }) => again.subjectKey(idFor('acme', name)) === null,
  )
  expect(gone.map(({ name }) => name)).toEqual(['v:visitor-7'])
  await again.close()
})
