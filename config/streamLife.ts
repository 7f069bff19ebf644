/**
 * How streams are made, brought up to date and asked about, on JetStream's manager. It is the part of the client that
 * `config/nats.ts` hands in: that file stays the one door.
 */
type StreamManager = {
  readonly streams: {
    info(name: string): Promise<Info>
    add(config: object): Promise<unknown>
    update(name: string, config: object): Promise<unknown>
    getMessage(name: string, wanted: { last_by_subj: string } | { seq: number }): Promise<Stored>
  }
}
type Stored = { readonly seq: number; readonly time: Date; readonly data: Uint8Array }
type Info = {
  readonly created: string
  readonly config: {
    readonly metadata?: Record<string, string> | undefined
    readonly num_replicas: number
  }
  readonly state: {
    readonly first_seq: number
    readonly last_seq: number
    readonly bytes: number
    readonly messages: number
  }
}

export type StreamState = {
  readonly createdAt: string
  readonly firstSequence: number
  readonly lastSequence: number
  readonly bytes: number
  readonly messages: number
}

/**
 * A stream carries the moment of its birth with it: an update makes nats-server 2.10 rewrite `created` in its meta file,
 * so that after the next restart the same stream would pass for another one.
 */
const bornAt = 'ringtrail_born_at'

/** What a stream was made with and keeps for its life, by name: `{ partitions: '16' }`. */
export type Lasting = Readonly<Record<string, string>>

/** Makes the stream, or brings it up to date; throws a sentence where it was made with something else that lasts. */
export async function ensureStream(
  manager: StreamManager,
  config: object,
  lasting: Lasting = {},
): Promise<void> {
  const wanted = config as { readonly name: string }
  const find = () => manager.streams.info(wanted.name).catch(() => null)
  const known = (await find()) ?? (await makeStream(manager, wanted, lasting, find))
  if (known === null) return
  for (const [name, value] of Object.entries(lasting)) {
    const was = known.config.metadata?.[`ringtrail_${name}`] ?? value
    if (was === value) continue
    throw new Error(
      `Stream ${wanted.name} was made with ${was} ${name} and this configuration says ${value}. It has to be the same for all that use it, for its whole life.`,
    )
  }
  const born = known.config.metadata?.[bornAt] ?? known.created
  // How many servers hold it is what an operator chose for the cluster.
  const { num_replicas } = known.config
  await manager.streams.update(wanted.name, {
    ...wanted,
    num_replicas,
    metadata: metadataOf(born, lasting),
  })
}

/** Resolves with null where it made the stream, and with the stream where another process was faster. */
async function makeStream<Known>(
  manager: StreamManager,
  wanted: { readonly name: string },
  lasting: Lasting,
  find: () => Promise<Known | null>,
): Promise<Known | null> {
  try {
    await manager.streams.add({ ...wanted, metadata: metadataOf(new Date().toISOString(), lasting) })
    return null
  } catch (error) {
    const known = await find()
    if (known === null) throw error
    return known
  }
}

function metadataOf(born: string, lasting: Lasting): Record<string, string> {
  const named = Object.entries(lasting).map(([name, value]) => [`ringtrail_${name}`, value] as const)
  return { ...Object.fromEntries(named), [bornAt]: born }
}

export async function streamState(manager: StreamManager, stream: string): Promise<StreamState> {
  const info = await manager.streams.info(stream)
  return {
    createdAt: info.config.metadata?.[bornAt] ?? info.created,
    firstSequence: info.state.first_seq,
    lastSequence: info.state.last_seq,
    bytes: info.state.bytes,
    messages: info.state.messages,
  }
}

const noMessageFound = 10_037

/** One message, or null where the stream does not hold it. */
async function messageOf(
  manager: StreamManager,
  stream: string,
  wanted: { last_by_subj: string } | { seq: number },
): Promise<Stored | null> {
  try {
    return await manager.streams.getMessage(stream, wanted)
  } catch (error) {
    if ((error as { api_error?: { err_code: number } }).api_error?.err_code === noMessageFound) return null
    throw error
  }
}

/** The sequence of the last message that a stream holds of a subject; 0 where it holds none. */
export async function lastSequence(manager: StreamManager, stream: string, subject: string): Promise<number> {
  return (await messageOf(manager, stream, { last_by_subj: subject }))?.seq ?? 0
}

export type Entry = { readonly sequence: number; readonly timeMs: number; readonly data: Uint8Array }

/** The message that a stream holds at a sequence, or null. */
export async function entryAt(
  manager: StreamManager,
  stream: string,
  sequence: number,
): Promise<Entry | null> {
  const message = await messageOf(manager, stream, { seq: sequence })
  return message === null ? null : { sequence, timeMs: message.time.getTime(), data: message.data }
}

/**
 * The sequence of the first message that is not older than a time; one after the last where all are older. Where
 * messages are missing in between it may be an earlier one, never a later.
 */
export async function sequenceSince(manager: StreamManager, stream: string, timeMs: number): Promise<number> {
  const { firstSequence, lastSequence: last } = await streamState(manager, stream)
  let [low, high] = [firstSequence, last + 1]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const message = await messageOf(manager, stream, { seq: middle })
    if (message !== null && message.time.getTime() < timeMs) low = middle + 1
    else high = middle
  }
  return low
}
