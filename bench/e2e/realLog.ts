import { join } from 'node:path'
import { createLogger } from '../../config/logger.ts'
import { type Link, openLink } from '../../config/nats.ts'
import { logStream, resultsStream } from '../../config/streams.ts'
import { startNats } from '../../gateway/natsChild.ts'
import { temporaryFolder } from '../system.ts'

/** A nats-server of its own with both streams, for tests of what stands on the log. `path` is a folder that goes with it. */
export type RealLog = { readonly link: Link; readonly path: string; stop(): Promise<void> }

export async function openRealLog(): Promise<RealLog> {
  const folder = temporaryFolder()
  const storeDir = join(folder.path, 'nats')
  const nats = await startNats({ storeDir, durability: 'lazy', logger: createLogger('silent') })
  const link = await openLink(nats.link)
  await link.ensureStream(logStream())
  await link.ensureStream(resultsStream())
  return {
    link,
    path: folder.path,
    stop: async () => {
      await link.close()
      await nats.stop()
      folder.remove()
    },
  }
}
