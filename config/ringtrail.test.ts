import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const old = "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })"
const asIfOld = ['--import', `data:text/javascript,${encodeURIComponent(old)}`]
const main = `
  if (process.argv[2] === 'wait') {
    process.on('SIGTERM', () => process.exit(9))
    setInterval(() => {}, 1_000)
    console.log('waiting')
  } else {
    console.log(process.argv.slice(2).join(' '))
    process.exitCode = 7
  }
`
let folder: string

/** A project with the real launcher and an entry that says how it was called. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringtrail-launcher-'))
  for (const part of ['config/setup', 'gateway']) mkdirSync(join(folder, part), { recursive: true })
  copyFileSync(join(import.meta.dirname, 'ringtrail.mjs'), join(folder, 'config/ringtrail.mjs'))
  copyFileSync(join(import.meta.dirname, 'setup/setup.mjs'), join(folder, 'config/setup/setup.mjs'))
  writeFileSync(join(folder, 'gateway/main.ts'), main)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function run(file: string, options: string[], words: string[]) {
  return spawnSync(process.execPath, [...options, join(folder, file), ...words], { encoding: 'utf8' })
}

test('arguments go in and the exit code comes out', () => {
  const { stdout, status } = run('config/ringtrail.mjs', [], ['check', '--config', 'a b.yaml'])
  expect([stdout, status]).toEqual(['check --config a b.yaml\n', 7])
})

test('an old Node takes the one that npm ci brought', () => {
  mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true })
  symlinkSync(process.execPath, join(folder, 'node_modules/.bin/node'))
  expect(run('config/ringtrail.mjs', asIfOld, ['--version'])).toMatchObject({
    stdout: '--version\n',
    status: 7,
  })
})

test.each(['config/ringtrail.mjs', 'config/setup/setup.mjs'])(
  '%s on an old Node alone says what to do',
  file => {
    const { stderr, status } = run(file, asIfOld, [])
    expect(status).toBe(1)
    expect(stderr).toMatch(/^[Rr]ingtrail needs Node 24\.12 or newer.*20\.20\.2.*npm ci/)
    expect(stderr.trim().split('\n')).toHaveLength(1)
  },
)

test('SIGTERM is passed on, and the end of what was started is our end', async () => {
  const child = spawn(process.execPath, [join(folder, 'config/ringtrail.mjs'), 'wait'], { stdio: 'pipe' })
  await new Promise(resolve => child.stdout.once('data', resolve))
  child.kill('SIGTERM')
  expect(await exitOf(child)).toBe(9)
})

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise(resolve => child.once('exit', resolve))
}
