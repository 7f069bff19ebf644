import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { createLogger } from '../../config/logger.ts'
import { type Link, openLink } from '../../config/nats.ts'
import { logStream } from '../../config/streams.ts'
import { subjects } from '../../core/wire/subjects.ts'
import { startNats } from '../../gateway/natsChild.ts'
import { oneInFlight } from './figures.ts'
import { floorSubjects } from './floorSubjects.ts'

export type Durability = 'lazy' | 'durable'

/** What NATS alone takes, between two connections in two threads, on the nats-server that the system would start. */
export type Floor = {
  /** Request and reply without a log, each in milliseconds. */
  bare(count: number): Promise<number[]>
  /** A message into the log (flushed to the disk where `durable`), out to an ordered consumer, and its reply. */
  log(count: number): Promise<number[]>
  stop(): Promise<void>
}

/** About what a call signal takes in the log. */
const messageBytes = 300
const timeoutMs = 5_000

export async function openFloor(durability: Durability): Promise<Floor> {
  const storeDir = mkdtempSync(join(tmpdir(), 'ringtrail-bench-floor-'))
  const nats = await startNats({ storeDir, durability, logger: createLogger('silent') })
  const link = await openLink(nats.link)
  await link.ensureStream(logStream())
  const otherSide = new Worker(new URL('./otherSide.ts', import.meta.url), { workerData: nats.link })
  await once(otherSide, 'message')
  const data = Buffer.alloc(messageBytes, 7)
  const intoLog = createLogTrip(link)
  return {
    bare: count =>
      oneInFlight(count, async () => void (await link.request(floorSubjects.request, data, timeoutMs))),
    log: count => oneInFlight(count, intoLog),
    stop: async () => {
      otherSide.postMessage('stop')
      await once(otherSide, 'exit')
      await link.close()
      await nats.stop()
      rmSync(storeDir, { recursive: true, force: true })
    },
  }
}

/** As a gateway does: it waits for the reply, not for the log's acknowledgement, and takes both. */
function createLogTrip(link: Link): () => Promise<void> {
  let sent = 0
  let replied: () => void = () => undefined
  link.subscribe(floorSubjects.reply, () => replied())
  link.subscribe(floorSubjects.acks, () => undefined)
  return () => {
    const reply = new Promise<void>(resolve => {
      replied = resolve
    })
    sent += 1
    link.publishToStream(subjects.log(0), Buffer.alloc(messageBytes, 7), `floor|${sent}`, floorSubjects.acks)
    return reply
  }
}
