import type { Link } from '../../config/nats.ts'
import { limits } from '../../core/limits.ts'
import { subjects } from '../../core/wire/subjects.ts'
import type { SessionId, VisitorId } from '../../core/words.ts'
import { type Flight, type Lane, make } from '../../gateway/lane.ts'
import { createOwners } from '../../gateway/owners.ts'
import { createPseudonyms } from '../../gateway/pseudonyms.ts'
import { createSealer, type OutgoingEvent, type Sealer } from '../../gateway/seal.ts'
import { createSealingKeys } from '../../gateway/sealingKeys.ts'
import type { Site } from '../../gateway/tenants.ts'
import { createVisit, engagementEvent, helloEvent, pageEvent } from '../../gateway/visit.ts'
import { createWrapping } from '../../gateway/wrapping.ts'
import type { Owner } from './ownerProcess.ts'

/**
 * Writes so many visits straight into LOG, as a gateway does: made, sealed, packed and wrapped by the product's own code,
 * in messages as full as they may be. Only sockets are left out. Each visitor has one session with its hello, one in
 * four a page view, and one in eight a form with an e-mail address.
 */
export type FillSetup = {
  readonly link: Link
  readonly owner: Owner
  readonly site: Site
  readonly dataDir: string
  readonly sessions: number
  readonly say: (line: string) => void
}

const perMessage = 160
const messagesAhead = 64
const unacknowledgedMax = 16
const triesMax = 5
const userAgent = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0'

const idOf = (kind: string, index: number) => `${kind}${String(index).padStart(21, '0')}`
export const visitorOf = (index: number) => idOf('V', index) as VisitorId
export const sessionOf = (index: number) => idOf('S', index) as SessionId

/** Resolves when the owner has committed everything. */
export async function fill(setup: FillSetup): Promise<void> {
  const { link, owner, site, sessions, say } = setup
  const partition = site.tenant.partition
  const clock = () => performance.now()
  const wrapping = createWrapping({
    link,
    owners: createOwners(link),
    partitions: [partition],
    dataDir: setup.dataDir,
    clock,
  })
  const sealer = createSealer(createSealingKeys(clock), createPseudonyms(Buffer.alloc(32, 9)))
  const lane = laneOf(partition)
  const storing = new Set<Promise<unknown>>()
  let last = 0
  for (let from = 0; from < sessions; ) {
    const to = Math.min(sessions, from + perMessage)
    for (let index = from; index < to; index += 1)
      for (const event of visitOf(site, sealer, index)) lane.waiting.push({ event, waiting: {} })
    from = to
    while (lane.waiting.length > 0) {
      const flight = make(lane, limits.messageBytesMax, wrapping.introduce)
      if (flight === null) {
        await pass(20)
        continue
      }
      for (const key of flight.brings) key.isStored = true
      const stored = store(link, partition, flight)
        .then(sequence => {
          last = Math.max(last, sequence)
        })
        .finally(() => storing.delete(stored))
      storing.add(stored)
      if (storing.size >= unacknowledgedMax) await Promise.race(storing)
    }
    if ((from / perMessage) % messagesAhead === 0) await caughtUp(owner, last - messagesAhead)
    if (from % 100_000 === 0) say(`${from} sessions are in the log`)
  }
  await Promise.all(storing)
  await caughtUp(owner, last)
  wrapping.stop()
}

/** Under its id a message is stored once, however often it is sent; what is not acknowledged is sent again, as gateways do. */
async function store(link: Link, partition: number, flight: Flight): Promise<number> {
  const subject = subjects.log(partition)
  for (let failed = 0; ; failed += 1) {
    try {
      return (await link.store(subject, flight.bytes, flight.id, limits.publishTimeoutMs)).sequence
    } catch (error) {
      if (failed === triesMax) throw error
    }
  }
}

/** Waits until the owner has committed so much, so that it never holds more than some messages. */
async function caughtUp(owner: Owner, sequence: number): Promise<void> {
  for (;;) {
    const { committed, stopped } = await owner.ask({ kind: 'stands' })
    if (stopped !== null) throw new Error(`the partition stopped: ${stopped}`)
    if (committed >= sequence) return
    await pass(20)
  }
}

const pass = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

function laneOf(partition: number): Lane {
  return {
    ...{ name: 'visit', partition, producer: `fill|0011223344556677|visit|${partition}`, replyTo: '' },
    ...{ counter: 0, asks: false, paceMs: 0, sentAt: 0, scheduled: false },
    ...{ waiting: [], inFlight: null, made: [] },
  }
}

function visitOf(site: Site, sealer: Sealer, index: number): OutgoingEvent[] {
  const visit = createVisit({
    ...{ site, userAgent, hasGpc: false, automated: null },
    address: `198.51.${(index >> 8) & 255}.${index & 255}`,
  })
  visit.freshSession = sessionOf(index)
  const page = {
    url: `https://shop.example/${index}?utm_source=google&utm_medium=cpc`,
    title: 'Garden chairs',
  }
  const hello = helloEvent(
    visit,
    { type: 'hello', visitor: visitorOf(index), tab: idOf('T', index), page: { id: 1, ...page } },
    sealer,
  )
  visit.session = sessionOf(index)
  if (index % 4 !== 0) return [hello]
  const view = pageEvent(visit, { type: 'page', id: 2, url: `https://shop.example/chairs/${index}` }, sealer)
  if (index % 8 !== 0) return [hello, view]
  const fields = { name: `Anna ${index}`, email: `anna-${index}@mail.example` }
  const form = engagementEvent(visit, { type: 'engagement', id: 3, action: 'submit', fields }, sealer)
  return [hello, view, form]
}
