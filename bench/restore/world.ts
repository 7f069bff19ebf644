import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { cpSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { askAdmin, inShort, makeKey, settingsWith } from '../e2e/adminWorld.ts'
import { repository } from '../docs.ts'
import { startRefused, startSystem, type System, temporaryFolder } from '../system.ts'

/** A system of two tenants whose data is copied and put back, and whose keys, root key and pepper lie elsewhere. */
export type World = ReturnType<typeof openWorld>

export function openWorld() {
  const folder = temporaryFolder()
  const at = (name: string) => join(folder.path, name)
  for (const name of ['root-key', 'pepper'])
    writeFileSync(at(name), randomBytes(32).toString('hex'), { mode: 0o600 })
  const settings = settingsWith(['acme', 'other'], {
    ...{ partitions: 1, keyDir: at('keys'), rootKeyFile: at('root-key'), pepperFile: at('pepper') },
  })
  const setup = { dataDir: at('data'), settings }
  const life = { system: null as System | null }
  const system = () => {
    if (life.system === null) throw new Error('it does not run')
    return life.system
  }
  return {
    at,
    system,
    start: async () => {
      life.system = await startSystem(setup)
      return life.system
    },
    stop: async () => {
      await system().stop()
      life.system = null
    },
    refused: () => startRefused(setup),
    /** What was in the place is gone. */
    copy: (from: string, to: string) => {
      rmSync(at(to), { recursive: true, force: true })
      cpSync(at(from), at(to), { recursive: true })
    },
    move: (from: string, to: string) => renameSync(at(from), at(to)),
    command: (...words: string[]) => {
      const all = [join(repository, 'gateway/main.ts'), ...words]
      return spawnSync(process.execPath, all, { encoding: 'utf8', cwd: repository })
    },
    makeKey: (tenant: string | null, role: Parameters<typeof makeKey>[2]) => makeKey(system(), tenant, role),
    ask: async (method: 'GET' | 'POST', path: string, key: string, body?: object) => {
      const answer = await askAdmin(system(), method, path, { key, body })
      return { ...answer, short: inShort(answer), value: jsonOf(answer.text) }
    },
    end: async () => {
      await life.system?.killTree()
      folder.remove()
    },
  }
}

export type Value = Record<string, unknown>

/** Of an answer that is one JSON value; of lines there is none. */
function jsonOf(text: string): Value {
  try {
    return JSON.parse(text) as Value
  } catch {
    return {}
  }
}
