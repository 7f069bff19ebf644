import { createLogger } from '../../config/logger.ts'
import { type Link, openLink } from '../../config/nats.ts'
import { pack } from '../../config/pack.ts'
import { logStream, streamSizes } from '../../config/streams.ts'
import type { Config } from '../../config/types.ts'
import { rulesVersion } from '../../core/state.ts'
import { type LogMessage, logVersion, messageId } from '../../core/wire/log.ts'
import { streams, subjects } from '../../core/wire/subjects.ts'
import { startNats } from '../../gateway/natsChild.ts'
import type { Tenant } from '../../gateway/tenants.ts'
import { markOf } from '../../workers/mark.ts'
import { openStore } from '../../workers/store.ts'

/**
 * Makes the log and the store of partition 0 agree that so many messages of the log were applied, the tenants' policies
 * among them: events that the store has are before what comes now. What the messages held is of no use to anybody any
 * more, so each only moves time.
 */
export async function passMessages(
  config: Config,
  messages: number,
  tenants: readonly Tenant[],
): Promise<void> {
  const { storeDir, logBytes } = config.nats
  const nats = await startNats({ storeDir, durability: 'lazy', logger: createLogger('silent') })
  const link = await openLink(nats.link)
  try {
    await link.ensureStream(logStream(streamSizes(logBytes)), { partitions: String(config.partitions) })
    await storeMessages(link, messages)
    await putPosition(link, config.dataDir, messages, tenants)
  } finally {
    await link.close()
    await nats.stop()
  }
}

const atOnce = 256
const withinMs = 30_000

async function storeMessages(link: Link, messages: number): Promise<void> {
  for (let from = 1; from <= messages; from += atOnce) {
    const counters = Array.from({ length: Math.min(atOnce, messages - from + 1) }, (_, index) => from + index)
    await Promise.all(counters.map(counter => storeOne(link, counter)))
  }
}

function storeOne(link: Link, counter: number) {
  const message: LogMessage = {
    ...{
      version: logVersion,
      producer: 'seed|0011223344556677|pulse|0',
      counter,
      lane: 'pulse',
      replyTo: '',
    },
    events: [{ clear: { kind: 'pulse' }, personal: null }],
  }
  return link.store(subjects.log(0), pack(message), messageId(message), withinMs)
}

async function putPosition(
  link: Link,
  dataDir: string,
  sequence: number,
  tenants: readonly Tenant[],
): Promise<void> {
  const { createdAt } = await link.streamState(streams.log)
  const last = await link.entryAt(streams.log, sequence)
  if (last === null) throw new Error('the log is not as long as it was made')
  const position = { sequence, rules: rulesVersion, log: createdAt, mark: markOf(last) }
  const rows = tenants.map(({ id, version, policy }) => ({
    ...{ table: 'policies', key: id, bytes: pack({ version, policy }) },
  }))
  const nothing = { access: [], history: [], erasures: [], breaches: [], audit: [], rectifications: [] }
  const store = openStore(dataDir, 0)
  await store.commit({ ...nothing, rows, position, expected: 0 })
  await store.close()
}
