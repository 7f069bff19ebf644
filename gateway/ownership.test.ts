import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { own } from './ownership.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringtrail-own-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Another process that wants the folder; `before`: what it is run by. Resolves when it has it, or to why not. */
async function another(before: readonly string[] = []) {
  const script = `import { own } from ${JSON.stringify(new URL('./ownership.ts', import.meta.url).href)}
    await own(process.argv[1]).then(() => console.log('mine'), error => console.log(error.message))
    process.stdin.resume()`
  const [command = '', ...args] = [...before, process.execPath, '--input-type=module', '-e', script, folder]
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const [said] = await once(child.stdout, 'data')
  const kill = async () => {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  return { said: String(said).trim(), kill, pid: child.pid }
}

test('a second process is told who holds the folder, and gets it when that one was killed', async () => {
  const first = await another()
  expect(first.said).toBe('mine')
  await expect(own(folder)).rejects.toThrow(`in use by process ${first.pid}. Stop it first`)
  await first.kill()
  const ours = await own(folder)
  ours.release()
})

test('what is released can be taken again', async () => {
  for (let round = 0; round < 3; round++) (await own(folder)).release()
  await (await another()).kill()
})

const otherNetwork = ['unshare', '-r', '-n']
const hasUnshare = spawnSync('unshare', ['-r', '-n', 'true']).status === 0

test.skipIf(!hasUnshare)('a process of another network namespace does not get in', async () => {
  const ours = await own(folder)
  const refused = await another(otherNetwork)
  expect(refused.said).toContain('in use by a process of another container')
  await refused.kill()
  ours.release()
  const taken = await another(otherNetwork)
  expect(taken.said).toBe('mine')
  await expect(own(folder)).rejects.toThrow('another container')
  await taken.kill()
  ;(await own(folder)).release()
})

test('where there is no flock it says what to install, and holds nothing', async () => {
  const before = process.env.PATH
  process.env.PATH = '/nowhere'
  await expect(own(folder)).rejects.toThrow('Install util-linux')
  process.env.PATH = before
  ;(await own(folder)).release()
})
