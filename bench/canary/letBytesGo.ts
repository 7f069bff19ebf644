import { join } from 'node:path'
import { createLogger } from '../../config/logger.ts'
import { openEnvironment } from '../../config/lmdb.ts'
import { openLink } from '../../config/nats.ts'
import { createSigner } from '../../config/signing.ts'
import { resultsStream, streamSizes } from '../../config/streams.ts'
import { streams } from '../../core/wire/subjects.ts'
import { startNats } from '../../gateway/natsChild.ts'
import { type BytesSetup, seeBytesGo } from '../../workers/bytesGone.ts'
import { compactStores } from '../../workers/compaction.ts'
import { createCounts } from '../../workers/counts.ts'
import { createErasure } from '../../workers/erasure.ts'
import { moveWhileIdle } from '../../workers/idle.ts'
import { createNoting } from '../../workers/noting.ts'
import { type Owned, openPartition } from '../../workers/open.ts'
import { isCurrent } from '../../workers/partition.ts'
import { trim } from '../../workers/worker.ts'
import { until } from '../e2e/badInputsClient.ts'
import type { World } from './world.ts'

/**
 * Eight days in a moment, on the files of a system that does not run: what a worker does once a minute, twice a day and
 * daily is done at once, by the same functions and on a real nats-server; and results expire after a second.
 */
export async function letBytesGo(world: World): Promise<void> {
  const dataDir = world.at('data')
  const logger = createLogger('silent')
  const nats = await startNats({ storeDir: join(dataDir, 'nats'), durability: 'lazy', logger })
  const link = await openLink(nats.link)
  const { rootKey } = world
  const owned = await openPartition({
    ...{ number: 0, link, reply: () => undefined, counts: createCounts(), logger },
    ...{ dataDir, keyDir: world.at('keys'), rootKey, signer: createSigner(rootKey), producer: 'later' },
    backupsKeptMs: 90 * 86_400_000,
  })
  await until(async () => isCurrent(owned.partition), Boolean)
  const { pending } = owned.partition.erasures
  await until(
    async () => pending.size,
    left => left === 0,
    60_000,
  )
  const outbox = openEnvironment<string>(join(dataDir, 'outbox'))
  const setup = bytesSetup(owned, () => outbox.madeAt())
  // What has to go is everything that stands there now.
  await seeBytesGo(setup)
  await padStreams(owned)
  await seeBytesGo(setup)
  await passStreams(owned)
  await compactStores(owned.partition, 0, Date.now())
  await outbox.compact()
  await seeBytesGo(setup)
  await outbox.close()
  await owned.follower.stop()
  await owned.close()
  await link.close()
  await nats.stop()
}

function bytesSetup({ partition }: Owned, outboxMadeAt: () => number | null): BytesSetup {
  const { erasures, store, keys, link } = partition
  const note = createNoting(partition, 'later')
  return {
    ...{ erasures, store, keys, link, outboxMadeAt, clock: Date.now },
    noteBytesGone: ({ tenant, request }) =>
      note(tenant, { action: 'bytes-gone', request, counts: {}, detail: { because: 'erasure' } }),
  }
}

const day = 86_400_000
const sizes = streamSizes()

async function padStreams({ partition: { link, logger, counts } }: Owned): Promise<void> {
  const times = { everyMs: day / 2, riskAfterMs: 5 * day }
  await createErasure({ link, logger, counts, ...sizes, ...times, streamsFolder: null }).round(
    Date.now() + day,
  )
}

async function passStreams(owned: Owned): Promise<void> {
  const { link } = owned.partition
  await link.ensureStream({ ...resultsStream(sizes), max_age: 1e9, duplicate_window: 1e8 })
  const { lastSequence } = await link.streamState(streams.log)
  await moveWhileIdle(owned)
  await until(
    async () => owned.partition.committed,
    committed => committed >= lastSequence,
  )
  await trim(link, owned.partition.committed, Date.now() + day, sizes.logBytesMax)
  await until(
    async () => (await link.streamState(streams.results)).messages,
    messages => messages === 0,
  )
}
