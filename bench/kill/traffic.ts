import { callerNumber, type Signal, signal } from '../load/caller.ts'
import type { Chance } from '../load/chance.ts'
import { createVisitor, type Visitor } from '../load/visitor.ts'
import { inTurns } from '../load/world.ts'
import { ownNumber, type System } from '../system.ts'
import { type Held, type Ledger, type NotedEvent, noteAnswer, noteWelcome } from './ledger.ts'

/**
 * Visitors and callers that go on through every crash, as snippets and carriers do: what fails is tried again with the
 * same ids, what is acknowledged is noted. They are there to stay, so that every number that was lent is somebody's;
 * beside them, at a tenant of their own, pass others who come once and go.
 */
export type Traffic = {
  /** Everybody who ever came comes back, and sends again what was not acknowledged; resolves when all are welcome. */
  arrive(system: System): Promise<void>
  /** Views, clicks, calls, and `newcomers` who come for the first time, until `pause`. */
  flow(system: System, newcomers: number): void
  /** No new events; resolves when those under way have been acknowledged or lost. */
  pause(): Promise<void>
  /** How many events were sent again after a crash. */
  sentAgain(): number
  leave(): void
}

export type Tenant = { readonly id: string; readonly site: string }

const betweenEventsMs = 8
const betweenCallsMs = 15
const betweenNewcomersMs = 30
const betweenPassersMs = 60
const passerAddresses = 10_000
const atOnce = 16
const underWayCallsMax = 20
const clickShare = 0.2
const answeredShare = 0.5

type Person = {
  readonly visitor: Visitor
  readonly tenant: string
  readonly tab: string
  /** Sent and not acknowledged, oldest first. */
  pending: NotedEvent[]
  /** The last that was acknowledged: sent again as well, because an acknowledgement can be lost on its way. */
  last: NotedEvent | null
  held: Held | null
}

type Life = {
  readonly passersSite: string
  readonly ledger: Ledger
  readonly chance: Chance
  /** Those who came, and those who are still to come. */
  readonly here: Person[]
  readonly toCome: Person[]
  readonly goingOn: Due[]
  readonly retries: Due[]
  nextEvent: number
  nextCall: number
  sentAgain: number
  timers: NodeJS.Timeout[]
  readonly underWay: Set<Promise<void>>
}

export function createTraffic(
  tenants: readonly Tenant[],
  passersSite: string,
  count: number,
  chance: Chance,
  ledger: Ledger,
): Traffic {
  const life: Life = {
    passersSite,
    ledger,
    chance,
    here: [],
    toCome: Array.from({ length: count }, (_, place) => person(chance, place, tenants)),
    goingOn: [],
    retries: [],
    nextEvent: 2,
    nextCall: 1,
    sentAgain: 0,
    timers: [],
    underWay: new Set(),
  }
  return {
    arrive: system => inTurns(life.here, atOnce, one => comeBack(life, one, system)),
    flow: (system, newcomers) => flow(life, system, newcomers),
    pause: async () => {
      for (const timer of life.timers) clearInterval(timer)
      await Promise.all(life.underWay)
    },
    sentAgain: () => life.sentAgain,
    leave: () => {
      for (const { visitor } of life.here) visitor.leave()
    },
  }
}

function person(chance: Chance, place: number, tenants: readonly Tenant[]): Person {
  const tenant = tenants[place % tenants.length] as Tenant
  const tab = chance.id()
  const visitor = createVisitor(chance.id(), tab, place, tenant.site)
  return { visitor, tenant: tenant.id, tab, pending: [], last: null, held: null }
}

function flow(life: Life, system: System, newcomers: number): void {
  const left = { newcomers }
  const come = () => {
    const newcomer = left.newcomers-- > 0 ? life.toCome.shift() : undefined
    if (newcomer === undefined) return
    life.here.push(newcomer)
    track(life, arrive(life, newcomer, system))
  }
  life.timers = [
    setInterval(() => track(life, act(life)), betweenEventsMs),
    setInterval(() => track(life, call(life, system)), betweenCallsMs),
    setInterval(come, betweenNewcomersMs),
    setInterval(() => track(life, passBy(life, system)), betweenPassersMs),
  ]
}

/** Somebody who comes and goes at once: the session ends by time alone, perhaps after a crash. */
async function passBy({ ledger, chance, passersSite }: Life, system: System): Promise<void> {
  const visitor = createVisitor(chance.id(), chance.id(), chance.whole(passerAddresses), passersSite)
  try {
    ledger.left.add((await visitor.arrive(system.publicPort)).session)
  } finally {
    visitor.leave()
  }
}

async function arrive({ ledger }: Life, one: Person, system: System): Promise<void> {
  const { session, number } = await one.visitor.arrive(system.publicPort)
  one.held ??= { visitor: one.visitor.visitor, session, number: number.e164, kind: number.kind }
  noteWelcome(ledger, { ...one.held, session, number: number.e164, kind: number.kind })
}

async function comeBack(life: Life, one: Person, system: System): Promise<void> {
  await arrive(life, one, system)
  const again = one.last === null ? one.pending : [one.last, ...one.pending]
  one.pending = []
  life.sentAgain += again.length
  await Promise.all(again.map(event => send(one, event)))
}

/** What is lost with the connection was not acknowledged: nothing is noted. */
function track({ underWay }: Life, work: Promise<void>): void {
  const tracked: Promise<void> = work.catch(() => undefined).finally(() => underWay.delete(tracked))
  underWay.add(tracked)
}

/** Somebody who is here opens a page or clicks on a number. */
async function act(life: Life): Promise<void> {
  if (life.here.length === 0) return
  const one = life.chance.pick(life.here)
  const kind = life.chance.happens(clickShare) ? 'engagement' : 'page'
  if (one.held === null || one.pending.length > 0) return
  const { tenant, tab } = one
  const { visitor } = one.visitor
  const event: NotedEvent = { kind, tenant, visitor, tab, id: life.nextEvent++, acknowledgedAt: null }
  life.ledger.events.push(event)
  await send(one, event)
}

async function send(one: Person, event: NotedEvent): Promise<void> {
  try {
    await (event.kind === 'page' ? one.visitor.view(event.id) : one.visitor.click(event.id))
    event.acknowledgedAt ??= Date.now()
    if (event.id > (one.last?.id ?? 0)) one.last = event
  } catch (error) {
    one.pending.push(event)
    one.pending.sort((x, y) => x.id - y.id)
    throw error
  }
}

type Due = {
  readonly call: string
  readonly state: Signal['state']
  readonly tenant: string
  readonly holder: Held | null
}

/** A new call rings, or one that rang earlier (perhaps before a crash) goes on. Carriers repeat what was not answered. */
async function call(life: Life, system: System): Promise<void> {
  const due = life.retries.shift() ?? nextSignal(life)
  const { call, state, tenant, holder } = due
  const a = callerNumber(Number(call.slice('call-'.length)))
  const b = holder?.number ?? ownNumber
  try {
    const { match } = await signal(system.publicPort, { call, state, a, b }, tenant)
    noteAnswer(life.ledger, { call, state, tenant, holder, match })
    if (state !== 'end') life.goingOn.push(due)
  } catch {
    life.retries.push(due)
  }
}

function nextSignal(life: Life): Due {
  const known = life.goingOn.length > underWayCallsMax ? life.goingOn.shift() : undefined
  if (known !== undefined) {
    const answered = known.state === 'ring' && life.chance.happens(answeredShare)
    return { ...known, state: answered ? 'answer' : 'end' }
  }
  const one = life.chance.pick([...life.here, ...life.toCome.slice(0, 1)])
  return { call: `call-${life.nextCall++}`, state: 'ring', tenant: one.tenant, holder: one.held }
}
