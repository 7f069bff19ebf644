import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Follower, type Link, type LinkOptions, openLink } from '../../config/nats.ts'
import { unpack } from '../../config/pack.ts'
import { type ResultMessage, type ResultOutcome, resultId } from '../../core/wire/result.ts'
import { streams, subjects } from '../../core/wire/subjects.ts'

type Verdict = { readonly kind: string; readonly session: string | null }

/** What a consumer of stream RESULTS has taken, and what somebody who looks over its shoulder saw. */
export type Consumed = {
  /** `call state`, or the end of a session → the matches of the results that were taken. */
  readonly taken: ReadonlyMap<string, readonly Verdict[]>
  /** Ids that came and were never taken: a new result that looked like an old one. */
  readonly untaken: readonly string[]
  /** Ids that came again and said something else. */
  readonly changed: readonly string[]
  /** How many results the stream holds, and how many of them more than once. */
  readonly stored: number
  readonly storedAgain: number
}

/** A consumer that honours ids: it remembers one per partition and takes what is above it, wherever it reads from. */
export type Consumer = {
  take(message: ResultMessage, streamSequence: number): void
  consumed(): Consumed
}

type Seen = { readonly text: string; readonly at: Set<number>; taken: boolean }

export function createConsumer(): Consumer {
  const last = new Map<number, readonly [sequence: number, index: number]>()
  const taken = new Map<string, Verdict[]>()
  const seen = new Map<string, Seen>()
  const changed = new Set<string>()
  const take = (message: ResultMessage, streamSequence: number) => {
    for (const result of message.results) {
      const { sequence, index, outcome } = result
      const id = resultId(message, result)
      const known = look(seen, changed, id, JSON.stringify(outcome), streamSequence)
      const [atSequence, atIndex] = last.get(message.partition) ?? [0, -1]
      if (sequence < atSequence || (sequence === atSequence && index <= atIndex)) continue
      last.set(message.partition, [sequence, index])
      known.taken = true
      keep(taken, outcome)
    }
  }
  const consumed = (): Consumed => {
    const all = [...seen]
    const untaken = all.filter(([, one]) => !one.taken).map(([id]) => id)
    const storedAgain = all.filter(([, { at }]) => at.size > 1).length
    return { taken, untaken, changed: [...changed], stored: all.length, storedAgain }
  }
  return { take, consumed }
}

function look(seen: Map<string, Seen>, changed: Set<string>, id: string, text: string, at: number): Seen {
  const known = seen.get(id) ?? { text, at: new Set(), taken: false }
  seen.set(id, known)
  known.at.add(at)
  if (known.text !== text) changed.add(id)
  return known
}

/** How the end of a session is named among what was taken. */
export const endOf = (session: string) => `session ${session}`

function keep(taken: Map<string, Verdict[]>, outcome: ResultOutcome): void {
  if (outcome.kind === 'refused') return
  const [name, verdict] =
    outcome.kind === 'session-ended'
      ? [endOf(outcome.session), { kind: 'ended', session: outcome.session }]
      : [`${outcome.record.call} ${outcome.state}`, verdictOf(outcome.record.match)]
  taken.set(name, [...(taken.get(name) ?? []), verdict])
}

const verdictOf = ({ kind, session }: Verdict): Verdict => ({ kind, session })

/** The consumer's connection to a running system: it reads the stream from its beginning, and on as it grows. */
export type Reading = { leave(): Promise<void> }

export async function read(dataDir: string, consumer: Consumer): Promise<Reading> {
  const link = await openLink(credentialsOf(dataDir))
  const follower = link.follow({
    stream: streams.results,
    subject: subjects.everyResult,
    from: 1,
    take: ({ data, sequence }) => consumer.take(unpack(data) as ResultMessage, sequence),
    trouble: () => undefined,
  })
  return { leave: () => leave(link, follower) }
}

const readWithinMs = 20_000

/** What a new consumer makes of everything that the stream holds now. */
export async function consumeResults(dataDir: string): Promise<Consumed> {
  const link = await openLink(credentialsOf(dataDir))
  const { lastSequence } = await link.streamState(streams.results)
  await link.close()
  const consumer = createConsumer()
  let upTo = 0
  const watched = {
    ...consumer,
    take: (message: ResultMessage, sequence: number) => {
      consumer.take(message, sequence)
      upTo = sequence
    },
  }
  const reading = await read(dataDir, watched)
  const until = Date.now() + readWithinMs
  while (upTo < lastSequence && Date.now() < until) await new Promise(resolve => setTimeout(resolve, 20))
  await reading.leave()
  if (upTo < lastSequence) throw new Error('RESULTS could not be read in time')
  return consumer.consumed()
}

/** Not waited for: a follower of a server that was killed ends only with its connection. */
async function leave(link: Link, follower: Follower): Promise<void> {
  void follower.stop().catch(() => undefined)
  await link.close()
}

/** How to reach the nats-server of the system that runs on a data directory, as its own files say. */
export function credentialsOf(dataDir: string): LinkOptions {
  const storeDir = join(dataDir, 'nats')
  const password = /password: "([^"]+)"/.exec(readFileSync(join(storeDir, 'server.conf'), 'utf8'))?.[1]
  const file = readdirSync(storeDir).find(name => name.endsWith('.ports')) ?? ''
  const port = /:(\d+)/.exec(readFileSync(join(storeDir, file), 'utf8'))?.[1]
  return { servers: `nats://127.0.0.1:${port}`, user: 'ringtrail', password: password ?? '', name: 'drill' }
}
