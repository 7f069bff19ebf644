import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'

/**
 * One owner of a data directory: the process holds an abstract Unix socket named after the directory's device and
 * inode. The kernel frees it with the process, however that dies, so nothing has to be cleaned up.
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
  return { release: () => void server.close() }
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
