import { execFileSync, spawnSync } from 'node:child_process'
import { hkdfSync, randomBytes } from 'node:crypto'
import { cpSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { secretKey, wrap } from '../../config/keyWrap.ts'
import { type Environment, openEnvironment, transact } from '../../config/lmdb.ts'
import { pack, unpack } from '../../config/pack.ts'
import { blockKeys, type Key } from './ground.ts'
import { type KeyStore, openKeyStore } from './keyStore.ts'
import { openPage } from './pages.ts'
import { idFor, makeGateway, rootKey, secretFor, subjects } from './testKeys.ts'
import { openVault, type Vault } from './vault.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringtrail-migrate-'))
const old = join(folder, 'old')
const many = 3 * blockKeys + 100
/** Those after the first block have long names, so that there is a size of the disk on which their blocks have no room and it has. */
const all = subjects('acme', 0, many).map((one, index) =>
  index < blockKeys ? one : { ...one, name: one.name.padEnd(400, '-') },
)
const vaultKey = secretKey(Buffer.from(hkdfSync('sha256', rootKey, '', 'ringtrail vault v1', 32)))

beforeAll(async () => {
  const store = await openKeyStore({ directory: old, rootKey })
  await store.take(all.map(makeGateway(store.intake())))
  await store.close()
  await within(old, asFormat1)
})

/** From here on no file of this process can hold anything behind so many bytes; the kernel refuses it as a full disk does. */
const limitFiles = (bytes: number | 'unlimited') =>
  execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:`])

afterAll(() => {
  limitFiles('unlimited')
  rmSync(folder, { recursive: true, force: true })
})

/** The files of a key store of format 1, in a folder of their own. */
function copyOfOld(name: string): string {
  const directory = join(folder, name)
  cpSync(old, directory, { recursive: true })
  return directory
}

type Opened = { readonly root: Environment<Key>; readonly vault: Vault }

async function within<Told>(directory: string, work: (opened: Opened) => Promise<Told>): Promise<Told> {
  const vault = openVault(join(directory, 'vault'), vaultKey)
  const root = openEnvironment<Key>(join(directory, 'keys'))
  try {
    return await work({ root, vault })
  } finally {
    await root.close()
    vault.close()
  }
}

const rows = ({ root }: Opened, table: string) => [
  ...root.getRange({ start: [table], end: [table, '\uffff'] }),
]

/** Writes the rows of a key store as format 1 had them. */
async function asFormat1(opened: Opened): Promise<void> {
  const { root, vault } = opened
  const [blocks, pages] = [rows(opened, 'block'), rows(opened, 'key')]
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
  // Without free pages: what is written takes room on the disk.
  await root.compact()
}

/** How far a store has come: rows of either format, and what it says that it has. */
const standing = (directory: string) =>
  within(directory, async opened => {
    const keys = rows(opened, 'key').map(({ key }) => typeof key[2])
    const { format } = unpack(opened.root.get(['meta', 'store']) as Buffer) as { format: number }
    return { singles: keys.filter(one => one === 'string').length, pages: keys.includes('number'), format }
  })

const missing = (store: KeyStore, of = all) =>
  of.filter(({ name }) => {
    const id = idFor('acme', name)
    const key = store.subjectKey(id)
    if (key !== null) expect([key.name, key.secret.equals(secretFor(id))]).toEqual([name, true])
    return key === null
  })

/** Nobody is lost, and what is done with a key store works. */
async function isWhole(directory: string): Promise<void> {
  const store = await openKeyStore({ directory, rootKey })
  expect(missing(store)).toEqual([])
  expect(store.inventory().tenants.get('acme')?.subjectKeys).toBe(many)
  expect(await store.eraseSubjects([{ tenant: 'acme', names: ['v:visitor-7'] }])).toHaveLength(1)
  const more = subjects('acme', many, many + 10)
  expect((await store.take(more.map(makeGateway(store.intake())))).taken).toBe(10)
  expect(missing(store, [...all, ...more]).map(({ name }) => name)).toEqual(['v:visitor-7'])
  await store.close()
}

test('a key store of format 1 is brought to this format when it is opened: nobody is lost, and erasing works', async () => {
  const directory = copyOfOld('one')
  const store = await openKeyStore({ directory, rootKey })
  expect(missing(store)).toEqual([])
  await store.close()
  expect(await standing(directory)).toEqual({ singles: 0, pages: true, format: 2 })
  await isWhole(directory)
})

/** Opens it in a process that is killed so long after this block has come onto pages. */
function killedAt(directory: string, block: number, laterMs: number): void {
  const child = new URL('./openUntil.ts', import.meta.url).pathname
  const words = [child, directory, String(block), String(laterMs)]
  expect(spawnSync(process.execPath, words).signal).toBe('SIGKILL')
}

test.each([
  [1, 0],
  [1, 4],
  [2, 0],
  [2, 2],
  [3, 0],
  [3, 6],
])(
  'killed when block %i is done, and %i ms later: opened again it completes, and nobody is lost',
  async (block, laterMs) => {
    const directory = copyOfOld(`killed-${block}-${laterMs}`)
    killedAt(directory, block, laterMs)
    const { singles, pages, format } = await standing(directory)
    // Where a part is on pages, an older version would take these for keys.
    expect([pages, format]).toEqual([true, 2])
    // Two blocks at least are to come.
    if (laterMs === 0 && block < 3) expect(singles).toBeGreaterThan(0)
    await isWhole(directory)
  },
  60_000,
)

test('a full disk is said, and nobody is lost, however far it came: with room it is opened', async () => {
  const directory = copyOfOld('full')
  const refused = `The key store in ${directory} could not be brought to format 2: the disk did not take it.`
  limitFiles(8_192)
  await expect(openKeyStore({ directory, rootKey })).rejects.toThrow(refused)
  limitFiles('unlimited')
  expect(await standing(directory)).toEqual({ singles: many, pages: false, format: 1 })
  let [times, halfway] = [0, 0]
  for (let room = 0; ; room += 64 * 1_024) {
    limitFiles(statSync(join(old, 'keys', 'data.mdb')).size + room)
    const store = await openKeyStore({ directory, rootKey }).catch((error: Error) => error)
    limitFiles('unlimited')
    if (!(store instanceof Error)) {
      await store.close()
      break
    }
    expect(store.message).toContain(refused)
    times += 1
    const { singles, pages } = await standing(directory)
    if (singles > 0 && pages) halfway += 1
  }
  expect(times).toBeGreaterThan(0)
  expect(halfway).toBeGreaterThan(0)
  await isWhole(directory)
})

test('what does not open, a key or a whole block, is counted and lost alone; a log that has it brings it again', async () => {
  const directory = copyOfOld('damaged')
  const hurt = await within(directory, async opened => {
    const { value } = rows(opened, 'block')[1] as { value: Buffer }
    const { slot } = unpack(value) as { slot: number }
    opened.vault.destroy(slot)
    await opened.vault.flush()
    const one = rows(opened, 'key')[5] as { key: Key; value: Buffer }
    const damaged = Buffer.from(one.value)
    damaged[20] = 255 - (damaged[20] as number)
    await transact(opened.root, changes => changes.put(one.key, damaged))
    return String(one.key[2])
  })
  const store = await openKeyStore({ directory, rootKey })
  const lost = missing(store)
  const inBlock = all.slice(blockKeys, 2 * blockKeys)
  expect(store.lost).toBe(blockKeys + 1)
  expect(new Set(lost)).toEqual(new Set([...lost.filter(({ name }) => idOf(name) === hurt), ...inBlock]))
  expect(lost).toHaveLength(store.lost)
  expect(store.inventory().tenants.get('acme')?.subjectKeys).toBe(many - lost.length)
  expect((await store.take(all.map(makeGateway(store.intake())))).taken).toBe(lost.length)
  await store.close()
  const again = await openKeyStore({ directory, rootKey })
  expect(again.lost).toBe(0)
  await again.close()
  await isWhole(directory)
})

const idOf = (name: string) => Buffer.from(idFor('acme', name)).toString('base64url')
