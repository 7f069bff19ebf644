import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { secretKey } from '../../config/keyWrap.ts'
import { NotWritten, openEnvironment } from '../../config/lmdb.ts'
import { type Ground, type Key, settle } from './ground.ts'
import { rotateIntake } from './intake.ts'
import { nothingSeen } from './seen.ts'
import { openVault } from './vault.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringtrail-settle-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('after a change that no disk has yet nothing is settled, so that it is not taken for done when it is done again', async () => {
  const [root, vault] = [
    openEnvironment<Key>(join(folder, 'keys')),
    openVault(join(folder, 'vault'), secretKey(Buffer.alloc(32, 1))),
  ]
  const ground: Ground = {
    ...{
      directory: folder,
      root,
      vault,
      hashKey: Buffer.alloc(32, 2),
      lastBlock: 0,
      lastMs: 0,
      gone: 0,
      lookedAt: null,
      seen: nothingSeen(),
    },
    ...{ blocks: new Map(), open: new Map(), periods: new Map(), byEnd: null },
    ...{ intakes: new Map(), agreed: new Map() },
  }
  await rotateIntake(ground, 1)
  const refused = () => ({ ...root, flushed: Promise.reject(new Error('not on the disk')) })
  await expect(settle({ ...ground, root: refused() })).rejects.toThrow(NotWritten)
  await settle(ground)
  expect(ground.intakes.size).toBe(1)
  await root.close()
  vault.close()
})
