import { type ChildProcess, spawn } from 'node:child_process'
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Config } from '../config/config.ts'
import { causeOf, type Logger } from '../config/logger.ts'
import { headLine, type SignedHead } from '../config/signedHead.ts'

/**
 * Hands signed heads to where the writer of the chain cannot take them back: a file, a command, or both. One delivery
 * at a time to each; of a tenant only the latest head waits, since it speaks for all before it.
 */
export type Anchor = {
  /** Takes a head and returns at once. What failed before is tried again with it. */
  offer(head: SignedHead): void
  /** Resolves when nothing is being delivered; what failed still waits. */
  settled(): Promise<void>
  counts(): AnchorCounts
}
export type AnchorCounts = { readonly anchored: number; readonly failed: number; readonly waiting: number }

export type AnchorSetup = Pick<Config['audit'], 'anchorFile' | 'anchorCommand'> & {
  readonly logger: Logger
  /** How long the command may take; left out: 10 s. */
  readonly commandMsMax?: number
}

/** Where nothing is configured it takes heads and keeps none. */
export function createAnchor({ anchorFile, anchorCommand, logger, commandMsMax }: AnchorSetup): Anchor {
  const places: Place[] = []
  if (anchorFile !== null) places.push(createPlace('file', line => appendLine(anchorFile, line), logger))
  if (anchorCommand !== null) {
    places.push(createPlace('command', line => runCommand(anchorCommand, line, commandMsMax), logger))
  }
  const sum = (name: keyof AnchorCounts) => places.reduce((total, place) => total + place.counts()[name], 0)
  return {
    offer: head => {
      for (const place of places) place.offer(head)
    },
    settled: async () => {
      await Promise.all(places.map(place => place.settled()))
    },
    counts: () => ({ anchored: sum('anchored'), failed: sum('failed'), waiting: sum('waiting') }),
  }
}

type Place = Anchor

function createPlace(name: string, deliver: (line: string) => Promise<void>, logger: Logger): Place {
  const waiting = new Map<string, SignedHead>()
  const counts = { anchored: 0, failed: 0 }
  let running: Promise<void> | null = null
  let wanted = false

  function begin(): void {
    running ??= deliverAll().finally(() => {
      running = null
      // One may have been offered between the last look and now.
      if (wanted) begin()
    })
  }

  async function deliverAll(): Promise<void> {
    while (wanted) {
      wanted = false
      for (const head of [...waiting.values()]) await deliverOne(head)
    }
  }

  async function deliverOne(head: SignedHead): Promise<void> {
    try {
      await deliver(`${headLine(head)}\n`)
      counts.anchored += 1
      if (waiting.get(head.tenant) === head) waiting.delete(head.tenant)
    } catch (error) {
      counts.failed += 1
      logger.error({ place: name, ...causeOf(error) }, 'head_not_anchored')
    }
  }

  return {
    offer: head => {
      waiting.set(head.tenant, head)
      wanted = true
      begin()
    },
    settled: async () => {
      while (running !== null) await running
    },
    counts: () => ({ ...counts, waiting: waiting.size }),
  }
}

const { O_APPEND, O_CREAT, O_RDWR } = constants

/** The line is on the disk when this resolves. A line that was torn before is ended first, so that it costs no other. */
async function appendLine(file: string, line: string): Promise<void> {
  const handle = await open(file, O_APPEND | O_CREAT | O_RDWR, 0o600)
  try {
    const { size } = await handle.stat()
    const text = (await endsWithin(handle, size)) ? `\n${line}` : line
    await handle.appendFile(text)
    await handle.sync()
    if (size === 0) await syncFolder(dirname(file))
  } finally {
    await handle.close()
  }
}

async function endsWithin(handle: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return false
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1)
  return buffer[0] !== 10
}

/** A new file is there for good only with its folder. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const commandMs = 10_000

/** Resolves when the command has ended with 0. It is given the line, and none of our own variables: they hold keys. */
async function runCommand(command: readonly string[], line: string, msMax = commandMs): Promise<void> {
  const [program = '', ...words] = command
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('RINGTRAIL_')),
  )
  const child = spawn(program, words, { stdio: ['pipe', 'ignore', 'ignore'], detached: true, env })
  // Whether it read the line is said by how it ends.
  child.stdin.on('error', () => undefined)
  child.stdin.end(line)
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    killGroup(child)
  }, msMax)
  try {
    const code = await endOf(child)
    if (isLate) throw new AnchorError('COMMAND_TOO_SLOW')
    if (code !== 0) throw new AnchorError('COMMAND_FAILED')
  } finally {
    clearTimeout(timer)
  }
}

class AnchorError extends Error {
  readonly code: string

  constructor(code: string) {
    super(code)
    this.name = 'AnchorError'
    this.code = code
  }
}

function endOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', resolve)
  })
}

/** With what it started itself. */
function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended in the meantime.
  }
}
