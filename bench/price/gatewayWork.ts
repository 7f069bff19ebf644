import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeIntakePair } from '../../config/intakeKeys.ts'
import type { Link } from '../../config/nats.ts'
import { loaded } from '../../config/testConfig.ts'
import type { Lane as LaneName } from '../../core/wire/log.ts'
import { limits } from '../../core/limits.ts'
import type { ClientFrame, EngagementFrame, HelloFrame, PageFrame } from '../../core/wire/visitor.ts'
import { createCalls } from '../../gateway/calls.ts'
import { parseFrame } from '../../gateway/frames.ts'
import type { Intake } from '../../gateway/intake.ts'
import { type Lane, make } from '../../gateway/lane.ts'
import { createMetrics } from '../../gateway/metrics.ts'
import type { Owners } from '../../gateway/owners.ts'
import { createPseudonyms, type Pseudonyms } from '../../gateway/pseudonyms.ts'
import { createSealer, type OutgoingEvent, type Sealer } from '../../gateway/seal.ts'
import { createSealingKeys } from '../../gateway/sealingKeys.ts'
import { createTenants, type Site } from '../../gateway/tenants.ts'
import { createVisit, engagementEvent, helloEvent, pageEvent } from '../../gateway/visit.ts'
import { createWrapping, type Wrapping } from '../../gateway/wrapping.ts'
import { configText, priceSite } from './tenant.ts'
import { createUnsealed, nobody } from './unsealed.ts'

/**
 * The gateway's own work for one event, without sockets and NATS: the text of a frame in, a packed message ready to be
 * published out. `page` and `click` are of a visit under way, `hello` is of a new visitor, whose key the message brings.
 */
export type Work = 'page' | 'click' | 'hello' | 'ring'
export type GatewayWork = Readonly<Record<Work, (turn: number) => Uint8Array>>
export type Bench = { readonly sealed: GatewayWork; readonly unsealed: GatewayWork; stop(): void }

export const works: readonly Work[] = ['page', 'click', 'hello', 'ring']

const pepper = Buffer.alloc(32, 7)
const userAgent =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36'
const page = {
  url: 'https://shop.example/garden/chairs?utm_source=google&utm_medium=cpc&utm_campaign=spring',
  referrer: 'https://www.google.com/',
  title: 'Garden chairs, oak, set of four',
}

export async function openGatewayWork(): Promise<Bench> {
  const tenants = createTenants(loaded(configText))
  const site = tenants.site(priceSite) as Site
  const pseudonyms = createPseudonyms(pepper)
  const clock = () => performance.now()
  const owner = await standInOwner(site.tenant.partition, clock)
  const workOf = (sealer: Sealer) => gatewayWork(site, sealer, owner.wrapping, pseudonyms)
  return {
    sealed: workOf(createSealer(createSealingKeys(clock), pseudonyms)),
    unsealed: workOf(createUnsealed(pseudonyms)),
    stop: owner.stop,
  }
}

/** An owner that says its half of the intake key, and nothing else. */
async function standInOwner(partition: number, clock: () => number): Promise<Owner> {
  const dataDir = mkdtempSync(join(tmpdir(), 'ringtrail-bench-price-'))
  const said = { partition, owner: 'bench', id: Buffer.alloc(8, 1), publicHalf: makeIntakePair().publicHalf }
  const link = { subscribe: () => ({ stop: () => undefined }) } as unknown as Link
  const owners = { intake: async () => said } as unknown as Owners
  const wrapping = createWrapping({ link, owners, partitions: [partition], dataDir, clock })
  // It hears the owner a turn later.
  await new Promise(resolve => setImmediate(resolve))
  const stop = () => {
    wrapping.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
  return { wrapping, stop }
}

type Owner = { readonly wrapping: Wrapping; stop(): void }

function gatewayWork(site: Site, sealer: Sealer, wrapping: Wrapping, pseudonyms: Pseudonyms): GatewayWork {
  const visit = newVisit(site)
  helloEvent(visit, parsed<HelloFrame>(helloText(0)), sealer)
  const visits = createPacker(site, 'visit', wrapping)
  return {
    page: turn => visits(pageEvent(visit, parsed<PageFrame>(pageText(turn)), sealer)),
    click: turn => visits(engagementEvent(visit, parsed<EngagementFrame>(clickText(turn)), sealer)),
    hello: turn => visits(helloEvent(newVisit(site), parsed<HelloFrame>(helloText(turn)), sealer)),
    ring: ringing(site, sealer, pseudonyms, createPacker(site, 'call', wrapping)),
  }
}

const newVisit = (site: Site) =>
  createVisit({ site, address: '192.0.2.17', userAgent, hasGpc: false, automated: null })

function parsed<Frame extends ClientFrame>(text: string): Frame {
  const frame = parseFrame(text)
  if (typeof frame === 'string') throw new Error(`the frame is refused: ${frame}`)
  return frame as Frame
}

const pageText = (turn: number) => JSON.stringify({ type: 'page', id: turn + 2, ...page })
const helloText = (turn: number) =>
  JSON.stringify({ type: 'hello', page: { id: 1, ...page }, ids: { ga: `GA1.${turn}` } })
const fields = { name: 'Anna Example', email: 'anna@mail.example', topic: 'delivery' }
const clickText = (turn: number) =>
  JSON.stringify({ type: 'engagement', id: turn + 2, action: 'submit', element: 'form', fields })

/** Puts an event into a lane and takes the message out, as if the log had acknowledged each before the next came. */
function createPacker(site: Site, name: LaneName, wrapping: Wrapping): (event: OutgoingEvent) => Uint8Array {
  const lane: Lane = {
    ...{ name, partition: site.tenant.partition, producer: `bench|0011223344556677|${name}|0` },
    ...{
      replyTo: 'ringtrail.gateway.bench',
      counter: 0,
      asks: false,
      paceMs: 0,
      sentAt: 0,
      scheduled: false,
    },
    ...{ waiting: [], inFlight: null, made: [] },
  }
  return event => {
    lane.waiting.push({ event, waiting: {} })
    const flight = make(lane, limits.messageBytesMax, wrapping.introduce)
    if (flight === null) throw new Error('no message was made')
    for (const key of flight.brings) key.isStored = true
    return flight.bytes
  }
}

/** Each ring is of a caller who has not called before. */
function ringing(
  site: Site,
  sealer: Sealer,
  pseudonyms: Pseudonyms,
  packed: (event: OutgoingEvent) => Uint8Array,
): (turn: number) => Uint8Array {
  let message: Uint8Array = new Uint8Array()
  const submit: Intake['submit'] = (_lane, _partition, event, waiting) => {
    message = packed(event)
    waiting.replied?.({ kind: 'problem', code: 'overloaded' })
    return null
  }
  const intake = { submit } as unknown as Intake
  const calls = createCalls({
    intake,
    pseudonyms,
    sealer,
    metrics: createMetrics(),
    rights: nobody,
    clock: Date.now,
  })
  const more = { c: null, at: null, reason: null, derived: false }
  return turn => {
    const text = JSON.stringify({
      call: `call-${turn}`,
      state: 'ring',
      a: callerNumber(turn),
      b: '+4570000001',
    })
    const signal = JSON.parse(text) as { call: string; state: 'ring'; a: string; b: string }
    calls.take(site.tenant, 'generic', { ...signal, ...more }, () => undefined)
    return message
  }
}

const callerNumber = (turn: number) => `+45${20_000_000 + (turn % 1_000_000)}`
