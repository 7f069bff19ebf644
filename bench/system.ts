import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The assembled system as a process of its own: started, stopped or killed by whoever measures or breaks it. */
export type System = {
  readonly pid: number
  readonly publicPort: number
  readonly adminPort: number
  readonly dataDir: string
  /** Every log line so far, parsed where it is JSON. */
  lines(): readonly LogLine[]
  /** Everything that it has printed, as it was. */
  output(): string
  /** Where Node's inspector listens, if it was asked for. */
  inspector(): string
  /** The pids of the main process's children, as the kernel names them now. */
  children(): number[]
  /** Asks it to end and resolves to the exit code. */
  stop(): Promise<number | null>
  /** SIGKILL for the main process and its children; resolves when all are gone. */
  killTree(): Promise<void>
  /** SIGKILL for the main process alone; resolves when it is gone. */
  killMain(): Promise<void>
}
export type LogLine = { readonly msg?: string; readonly public?: number; readonly admin?: number }
export type SystemSetup = {
  readonly dataDir: string
  readonly settings?: object
  readonly withinMs?: number
  /** The command and its own arguments; left out: `start`. */
  readonly command?: readonly string[]
  /** With Node's inspector on a free port of loopback; its address is in `inspector`. */
  readonly inspect?: boolean
  /** A module that the process, and each of its threads, imports before anything else. */
  readonly preload?: string
  /** Besides those that we have ourselves. */
  readonly env?: Readonly<Record<string, string>>
  /** Gets everything that it prints, from the first word on. */
  readonly said?: string[]
}

export const bearer = 'bearer-of-the-instruments-0000000000'
export const siteKey = 'pk_bench'
export const origin = 'http://localhost:8080'
export const ownNumber = '+4578792222'
const repository = join(import.meta.dirname, '..')
const main = join(repository, 'gateway/main.ts')
const startedWithinMs = 60_000

/** A folder that only this run uses, and the way to remove it. */
export function temporaryFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'ringtrail-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** One tenant with one pool; `pool` overrides its numbers and times. Any port that is free is taken. */
export function benchSettings(pool: object = {}, server: object = {}): object {
  return settingsOf([benchTenant('bench', siteKey, pool)], server)
}

export function settingsOf(tenants: readonly object[], server: object = {}): object {
  const listen = { public: '127.0.0.1:0', admin: '127.0.0.1:0' }
  return { listen, partitions: 4, ...server, tenants }
}

export function benchTenant(id: string, key: string, pool: object): object {
  const lent = { id: 'sales', numbers: ['+4570000001..+4570004000'], idleTimeout: '60s', tail: '60s' }
  return {
    id,
    consent: 'assumed',
    sites: [{ key, origins: [origin], bots: 'allow' }],
    defaultForward: '+45 78 79 22 22',
    targets: [{ id: 'sales', replace: ownNumber, forward: ownNumber, pool: 'sales' }],
    pools: [{ ...lent, coolDown: '60s', sticky: '1h', overflow: 'share', ...pool }],
    carriers: { generic: { bearer } },
  }
}

/** Starts the system on a data directory and resolves when it says `started`; throws what it said instead. */
export async function startSystem(setup: SystemSetup): Promise<System> {
  const process = launch(setup)
  const started = await startedLine(process, setup.withinMs ?? startedWithinMs)
  return systemOf(process, setup.dataDir, started)
}

/** Starts it where it must not come up, and resolves to how it ended and everything it said. */
export async function startRefused(setup: SystemSetup): Promise<{ code: number | null; text: string }> {
  const launched = launch(setup)
  const timer = setTimeout(() => launched.child.kill('SIGKILL'), setup.withinMs ?? startedWithinMs)
  const code = await launched.exited
  clearTimeout(timer)
  return { code, text: launched.said.join('') }
}

/** Starts it and kills it in the midst of its start, with its children. */
export async function startKilled(setup: SystemSetup, afterMs: number): Promise<void> {
  const launched = launch(setup)
  await new Promise(resolve => setTimeout(resolve, afterMs))
  await endTree(launched)
}

type Launched = {
  readonly child: ChildProcess
  readonly said: string[]
  readonly exited: Promise<number | null>
  /** Called at every piece of output, until the start is over. */
  heard: () => void
}

function launch(setup: SystemSetup): Launched {
  const { dataDir, settings = benchSettings(), command = ['start'], inspect = false, preload } = setup
  const file = `${dataDir}.yaml`
  writeFileSync(file, JSON.stringify({ ...settings, dataDir }))
  const flags = [
    ...(inspect ? ['--inspect=127.0.0.1:0'] : []),
    ...(preload === undefined ? [] : ['--import', preload]),
  ]
  const child = spawn(process.execPath, [...flags, main, ...command, '--config', file], {
    cwd: repository,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...setup.env },
  })
  const exited = new Promise<number | null>(resolve => child.once('exit', resolve))
  const launched: Launched = { child, said: setup.said ?? [], exited, heard: () => undefined }
  // What was started here ends with us, however we end.
  const leave = () => void child.kill('SIGKILL')
  process.once('exit', leave)
  child.once('exit', () => process.off('exit', leave))
  const hear = (chunk: Buffer) => {
    launched.said.push(chunk.toString())
    launched.heard()
  }
  child.stdout?.on('data', hear)
  child.stderr?.on('data', hear)
  return launched
}

function startedLine(launched: Launched, withinMs: number): Promise<LogLine> {
  return new Promise((resolve, reject) => {
    const give = (error: Error) => {
      launched.child.kill('SIGKILL')
      reject(error)
    }
    const timer = setTimeout(() => give(new Error(`not started: ${launched.said.join('')}`)), withinMs)
    launched.heard = () => {
      const line = parsedLines(launched).find(one => one.msg === 'started')
      if (line === undefined) return
      clearTimeout(timer)
      launched.heard = () => undefined
      resolve(line)
    }
    launched.exited.then(code => {
      clearTimeout(timer)
      reject(new Error(`ended with ${code}: ${launched.said.join('')}`))
    })
  })
}

/** Every line of the log in a text. What LMDB says of a disk that takes nothing ends without a line break, so one may stand behind it. */
export function logLinesIn(text: string): LogLine[] {
  return [...text.matchAll(/\{"level":.*\}$/gm)].map(([line]) => JSON.parse(line) as LogLine)
}

function parsedLines({ said }: Launched): LogLine[] {
  return logLinesIn(said.join(''))
}

function systemOf(launched: Launched, dataDir: string, started: LogLine): System {
  const { child, exited } = launched
  const pid = child.pid as number
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    child.kill(signal)
    return exited
  }
  return {
    pid,
    publicPort: started.public as number,
    adminPort: started.admin as number,
    dataDir,
    lines: () => parsedLines(launched),
    output: () => launched.said.join(''),
    inspector: () => /Debugger listening on (\S+)/.exec(launched.said.join(''))?.[1] ?? '',
    children: () => childrenOf(pid),
    stop: () => end('SIGTERM'),
    killMain: async () => void (await end('SIGKILL')),
    killTree: () => endTree(launched),
  }
}

async function endTree({ child, exited }: Launched): Promise<void> {
  const children = childrenOf(child.pid as number)
  child.kill('SIGKILL')
  for (const one of children) kill(one)
  await exited
  await Promise.all(children.map(one => gone(one)))
}

function childrenOf(pid: number): number[] {
  const file = `/proc/${pid}/task/${pid}/children`
  return existsSync(file) ? readFileSync(file, 'utf8').split(' ').filter(Boolean).map(Number) : []
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It died with its parent before we came to it.
  }
}

/** A zombie counts as gone: it holds nothing any more. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

/** Resolves when the process is no more; throws when it still is after `withinMs`. */
export async function gone(pid: number, withinMs = 10_000): Promise<void> {
  const until = Date.now() + withinMs
  while (isAlive(pid)) {
    if (Date.now() > until) throw new Error(`process ${pid} goes on`)
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}
