import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { openLink } from '../../config/nats.ts'
import { unpack } from '../../config/pack.ts'
import type { ResultMessage } from '../../core/wire/result.ts'
import { streams, subjects } from '../../core/wire/subjects.ts'

/** What stands in stream RESULTS, as a consumer sees it that remembers one id per partition. */
export type Consumed = {
  /** `call state` → how often it was taken after repeats were recognised. */
  readonly taken: Map<string, number>
  readonly stored: number
  readonly repeated: number
}

const readWithinMs = 20_000

/** Reads the whole stream from the running system's own nats-server. */
export async function consumeResults(dataDir: string): Promise<Consumed> {
  const link = await openLink({ ...credentials(join(dataDir, 'nats')), name: 'drill' })
  try {
    const { lastSequence } = await link.streamState(streams.results)
    return consume(await messagesUpTo(link, lastSequence))
  } finally {
    await link.close()
  }
}

function credentials(storeDir: string): { servers: string; user: string; password: string } {
  const password = /password: "([^"]+)"/.exec(readFileSync(join(storeDir, 'server.conf'), 'utf8'))?.[1]
  const file = readdirSync(storeDir).find(name => name.endsWith('.ports')) ?? ''
  const port = /:(\d+)/.exec(readFileSync(join(storeDir, file), 'utf8'))?.[1]
  return { servers: `nats://127.0.0.1:${port}`, user: 'ringtrail', password: password ?? '' }
}

type Link = Awaited<ReturnType<typeof openLink>>

async function messagesUpTo(link: Link, last: number): Promise<ResultMessage[]> {
  const messages: ResultMessage[] = []
  if (last === 0) return messages
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('RESULTS could not be read in time')), readWithinMs)
    link.follow({
      stream: streams.results,
      subject: subjects.everyResult,
      from: 1,
      take: record => {
        messages.push(unpack(record.data) as ResultMessage)
        if (record.sequence < last) return
        clearTimeout(timer)
        resolve()
      },
      trouble: () => undefined,
    })
  })
  return messages
}

/** Ids only grow within a partition, so what is not above the last one taken is a repeat. */
export function consume(messages: readonly ResultMessage[]): Consumed {
  const taken = new Map<string, number>()
  const last = new Map<number, readonly [sequence: number, index: number]>()
  let stored = 0
  let repeated = 0
  for (const { partition, results } of messages) {
    for (const { sequence, index, outcome } of results) {
      stored += 1
      const [atSequence, atIndex] = last.get(partition) ?? [0, -1]
      if (sequence < atSequence || (sequence === atSequence && index <= atIndex)) {
        repeated += 1
        continue
      }
      last.set(partition, [sequence, index])
      if (outcome.kind !== 'call-changed') continue
      const name = `${outcome.record.call} ${outcome.state}`
      taken.set(name, (taken.get(name) ?? 0) + 1)
    }
  }
  return { taken, stored, repeated }
}
