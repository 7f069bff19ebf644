import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { benchSettings, temporaryFolder } from '../system.ts'

const folder = temporaryFolder()
afterAll(folder.remove)

test('what is doubtful in the configuration is said, and stops nothing', () => {
  const file = join(folder.path, 'doubtful.yaml')
  const nats = { url: 'nats://nats.acme.example:4222' }
  writeFileSync(file, JSON.stringify(benchSettings({}, { nats }), null, 1))
  const { status, stderr } = spawnSync(process.execPath, ['gateway/main.ts', 'check', '--config', file], {
    cwd: join(import.meta.dirname, '../..'),
    encoding: 'utf8',
    env: { ...process.env, RINGTRAIL_DATADIR: folder.path },
  })
  expect(
    stderr
      .replaceAll(/\S*doubtful\.yaml:\d+:\d+/g, 'FILE')
      .trim()
      .split('\n'),
  ).toEqual([
    'warning: RINGTRAIL_DATADIR: has no effect; did you mean RINGTRAIL_DATA_DIR?',
    'warning: FILE dataDir: holds the root key, the pepper, the key store beside the data, so that a copy of it opens itself: set rootKeyFile, pepperFile and keyDir (docs/backup.md)',
    'warning: FILE nats.url: lies where nobody has declared: name it in egress.peers, with its location',
  ])
  expect(status).toBe(0)
})
