import { statfs } from 'node:fs/promises'
import type { Config } from '../config/config.ts'

/** How full the disks are, read once a second. */
export type Disks = {
  /** Whether none of them is so full that only calls are taken. */
  hasRoom(): boolean
  /** The used share of each, by its name. */
  used(): readonly (readonly [name: string, share: number])[]
  stop(): void
}

export type DisksSetup = {
  readonly folders: Readonly<Record<string, string>>
  /** The used share from which on a disk is full. */
  readonly stopAt: number
  readonly read: ReadShare
}

/** The used share of the disk under a folder. */
export type ReadShare = (folder: string) => Promise<number>

const readEveryMs = 1_000

/** Reads every disk before it resolves. One that cannot be read counts as it was read last. */
export async function watchDisks({ folders, stopAt, read }: DisksSetup): Promise<Disks> {
  const shares = new Map<string, number>()
  const readAll = () =>
    Promise.all(
      Object.entries(folders).map(async ([name, folder]) => {
        shares.set(name, await read(folder).catch(() => shares.get(name) ?? 0))
      }),
    )
  await readAll()
  const timer = setInterval(() => void readAll(), readEveryMs)
  return {
    hasRoom: () => [...shares.values()].every(share => share < stopAt),
    used: () => [...shares],
    stop: () => clearInterval(timer),
  }
}

/** As `df` counts: of what this user may fill, how much is. */
export const usedShare: ReadShare = async folder => {
  const { blocks, bfree, bavail } = await statfs(folder)
  const used = blocks - bfree
  return used + bavail === 0 ? 0 : used / (used + bavail)
}

/** The disks under the data directory and the streams. Those of another nats-server are for that machine to watch. */
export function openDisks({ dataDir, nats, disk }: Config): Promise<Disks> {
  const folders = nats.url === null ? { data: dataDir, streams: nats.storeDir } : { data: dataDir }
  return watchDisks({ folders, stopAt: disk.stopAt, read: usedShare })
}
