import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openKeyStore } from './keyStore.ts'
import { idFor, makeGateway, rootKey, secretFor, subjects } from './testKeys.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringtrail-keysfull-'))

/** From here on no file of this process can hold anything behind so many bytes; the kernel refuses it as a full disk does. */
const limitFiles = (bytes: number | 'unlimited') =>
  execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:`])

afterAll(() => {
  limitFiles('unlimited')
  rmSync(folder, { recursive: true, force: true })
})

const here = (names: readonly { name: string }[], store: { subjectKey(id: Uint8Array): unknown }) =>
  names.filter(({ name }) => store.subjectKey(idFor('acme', name)) !== null).length

test.each([
  ['the rows', 'keys/data.mdb'],
  ['the vault', 'vault'],
])(
  'a disk that is full under %s refuses what is new, leaves what was, and nothing half done',
  async (_, file) => {
    const directory = join(folder, file.replace('/', '-'))
    const open = () => openKeyStore({ directory, rootKey })
    const store = await open()
    const gateway = makeGateway(store.intake())
    const first = subjects('acme', 0, 1_100)
    await store.take(first.map(gateway))
    const before = store.inventory()
    // The vault is filled first, so that what needs a new slot needs a longer file.
    const periods = Array.from({ length: 120 }, (_none, index) =>
      gateway({ tenant: 'acme', name: `p${index}`, of: 'period', lastsMs: 5 }),
    )
    limitFiles(file === 'vault' ? statSync(join(directory, file)).size : 8_192)
    const asked = file === 'vault' ? periods : subjects('acme', 1_100, 3_300).map(gateway)
    await expect(store.take(asked)).rejects.toThrow()
    expect(store.inventory()).toEqual(before)
    if (file !== 'vault') {
      const erasing = store.eraseSubjects([{ tenant: 'acme', names: ['v:visitor-5'] }])
      await expect(erasing).rejects.toThrow()
    }
    expect(here(first, store)).toBe(1_100)
    limitFiles('unlimited')
    expect((await store.take(asked)).taken).toBe(asked.length)
    expect(await store.eraseSubjects([{ tenant: 'acme', names: ['v:visitor-5'] }])).toHaveLength(1)
    await store.close()
    const again = await open()
    expect(here(first, again)).toBe(1_099)
    const id = idFor('acme', 'v:visitor-6')
    expect(again.subjectKey(id)?.secret).toEqual(secretFor(id))
    await again.close()
  },
)
