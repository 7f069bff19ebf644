import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'

/**
 * One owner of a data directory. Two locks, because an abstract Unix socket, named after the directory's device and
 * inode, says who the owner is but is seen in one network namespace only; the lock on the directory itself holds
 * between containers. The kernel frees both with the process, however that dies, so nothing has to be cleaned up.
 */
export type Ownership = { release(): void }

/** Takes the directory, or throws a sentence that says who holds it. Makes the directory where it is missing. */
export async function own(dataDir: string): Promise<Ownership> {
  makeWritable(dataDir)
  const { dev, ino } = statSync(dataDir)
  const name = `\0ringtrail-${dev}-${ino}`
  const server = createServer(socket => socket.end(String(process.pid)))
  server.unref()
  await listen(server, name, dataDir)
  const release = () => void server.close()
  try {
    const folder = lockFolder(dataDir)
    return {
      release: () => {
        closeSync(folder)
        release()
      },
    }
  } catch (error) {
    release()
    throw error
  }
}

const conflict = 75

/**
 * Node has no flock, so `flock` takes it on our open directory: the lock belongs to what was opened, which it shares
 * with us, and stays when that child has ended, for as long as we have it open. No other child inherits it.
 */
function lockFolder(dataDir: string): number {
  const folder = openSync(dataDir, 'r')
  const args = ['--exclusive', '--nonblock', '--conflict-exit-code', String(conflict), '3']
  const { status, error, stderr } = spawnSync('flock', args, {
    stdio: ['ignore', 'ignore', 'pipe', folder],
    encoding: 'utf8',
  })
  if (status === 0) return folder
  closeSync(folder)
  if (status === conflict)
    throw new Error(
      `The data directory ${dataDir} is in use by a process of another container. Stop it first, or choose another dataDir.`,
    )
  const { code } = (error ?? {}) as NodeJS.ErrnoException
  throw new Error(
    code === 'ENOENT'
      ? `The data directory ${dataDir} cannot be locked: there is no flock on PATH. Install util-linux.`
      : `The data directory ${dataDir} cannot be locked (${stderr?.trim() || code}). Choose a dataDir on a disk of this machine.`,
  )
}

/** As much as one small store takes: LMDB ends the process where it cannot make its files. */
const probeBytes = 64 * 1_024

function makeWritable(dataDir: string): void {
  const probe = join(dataDir, `probe-${process.pid}`)
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    writeFileSync(probe, Buffer.alloc(probeBytes))
    rmSync(probe)
  } catch (error) {
    if (existsSync(probe)) rmSync(probe)
    const { code } = error as NodeJS.ErrnoException
    throw new Error(
      `The data directory ${dataDir} cannot be written (${code}). Give it to this user, make room, or choose another dataDir.`,
    )
  }
}

function listen(server: Server, name: string, dataDir: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', async () => {
      const holder = await whoHolds(name)
      reject(
        new Error(
          `The data directory ${dataDir} is in use by process ${holder}. Stop it first, or choose another dataDir.`,
        ),
      )
    })
    server.listen(name, resolve)
  })
}

function whoHolds(name: string): Promise<string> {
  return new Promise(resolve => {
    const socket = connect(name)
    let text = ''
    socket.on('data', chunk => {
      text += chunk.toString()
    })
    socket.on('close', () => resolve(text || 'unknown'))
    socket.on('error', () => resolve('unknown'))
  })
}
