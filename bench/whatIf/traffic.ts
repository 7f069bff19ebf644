import type { Engagement, Hello, Page, Signal } from '../../core/input.ts'
import type { Source } from '../../core/policy.ts'
import { sessionOf } from '../../core/reply.ts'
import type { PhoneNumber, Pseudonym, SessionId, VisitorId } from '../../core/words.ts'
import { type Chance, createChance } from '../load/chance.ts'
import { createAgenda } from './agenda.ts'
import type { Tell } from './recordLife.ts'

/**
 * Visitors and callers of one site, hour after hour: they read, leave, come back, click and ring, in the visit, soon after or
 * from a note. Each says something to `tell`, which answers with what the core concluded.
 */
export type TrafficSetup = {
  readonly seed: number
  readonly tenant: string
  readonly site: string
  readonly fromMs: number
  readonly toMs: number
  /** At the mean of a day; nights are quieter. */
  readonly visitsPerHour: number
  /** Of visits, this share rings. */
  readonly callShare: number
  /** Of visitors, this share takes consent back at the end of the visit. */
  readonly withdrawShare?: number
  readonly tell: Tell
}

const hourMs = 3_600_000
const minuteMs = 60_000
const heartbeatMs = 30_000

type World = TrafficSetup & {
  readonly chance: Chance
  readonly agenda: ReturnType<typeof createAgenda>
  readonly known: Guest[]
  calls: number
}

type Guest = {
  readonly visitor: VisitorId
  readonly caller: Pseudonym
  tab: string
  lastId: number
  session: SessionId | null
  number: PhoneNumber | null
  leavesAt: number
  isBeating: boolean
}

export function runTraffic(setup: TrafficSetup): void {
  const { seed, fromMs, toMs, visitsPerHour } = setup
  const chance = createChance(seed)
  const agenda = createAgenda()
  const world: World = { ...setup, chance, agenda, known: [], calls: 0 }
  let at = fromMs
  for (;;) {
    at += -Math.log(1 - chance.fraction()) * (hourMs / (visitsPerHour * busyAt(at)))
    if (at >= toMs) break
    agenda.put(Math.floor(at), now => arrive(world, guestOf(world), now))
  }
  agenda.run(toMs)
}

/** From a quiet night to a busy afternoon; the mean of a day is 1. */
const busyAt = (at: number) => 1 - 0.8 * Math.cos((2 * Math.PI * (at % (24 * hourMs))) / (24 * hourMs))

const returnShare = 0.2

function guestOf({ chance, known }: World): Guest {
  if (known.length > 0 && chance.happens(returnShare)) return chance.pick(known.slice(-400))
  const guest: Guest = {
    ...{ visitor: chance.id() as VisitorId, caller: chance.id() as Pseudonym, tab: '', lastId: 0 },
    ...{ session: null, number: null, leavesAt: 0, isBeating: false },
  }
  known.push(guest)
  return guest
}

const sources = [
  ['google', 'cpc', 'spring'],
  ['google', 'organic', null],
  ['bing', 'cpc', 'spring'],
  ['(direct)', '(none)', null],
  ['newsletter', 'email', 'may'],
] as const

function sourceOf(chance: Chance): Source {
  const [source, medium, campaign] = chance.pick(sources)
  return { source, medium, campaign, content: null, keyword: null }
}

function arrive(world: World, guest: Guest, now: number): void {
  const { chance, agenda, callShare, withdrawShare = 0 } = world
  const isHere = now < guest.leavesAt
  guest.tab = chance.id()
  guest.lastId = 1
  guest.leavesAt = Math.max(guest.leavesAt, now + 20_000 - Math.log(1 - chance.fraction()) * 3 * minuteMs)
  say(world, guest, now, { kind: 'hello', ...from(world, guest), page: { id: 1, source: sourceOf(chance) } })
  if (!isHere && !guest.isBeating) beatSoon(world, guest, now)
  for (let pages = chance.whole(4); pages > 0; pages--)
    agenda.put(now + Math.floor(chance.fraction() * (guest.leavesAt - now)), at => view(world, guest, at))
  // Somebody who looks at something else for a while, and goes on.
  if (chance.happens(0.1))
    agenda.put(guest.leavesAt + chance.whole(12 * minuteMs), at => view(world, guest, at))
  if (chance.happens(callShare)) agenda.put(ringsAt(world, guest, now), at => ring(world, guest, at))
  if (chance.happens(withdrawShare)) agenda.put(guest.leavesAt, at => withdraw(world, guest, at))
}

function from(world: World, { visitor, tab }: Guest) {
  const { tenant, site, chance } = world
  return { tenant, site, visitor, freshSession: chance.id() as SessionId, tab, targets: null }
}

function say(world: World, guest: Guest, now: number, input: Hello | Page | Engagement): void {
  const outcomes = world.tell(now, input)
  guest.session = sessionOf(outcomes) ?? guest.session
  for (const one of outcomes) {
    const { kind } = one
    if (kind === 'number-lent' || kind === 'number-kept' || kind === 'fallback-shown')
      guest.number = one.number
  }
}

function view(world: World, guest: Guest, now: number): void {
  const { chance } = world
  guest.lastId += 1
  const page = { id: guest.lastId, source: sourceOf(chance) }
  if (guest.session !== null)
    say(world, guest, now, { kind: 'page', ...from(world, guest), session: guest.session, page })
}

function beatSoon(world: World, guest: Guest, now: number): void {
  const { agenda, chance } = world
  guest.isBeating = true
  // A page beats on time, but what it says is held back a little.
  agenda.put(now + heartbeatMs + chance.whole(3_000), at => beat(world, guest, at))
}

function beat(world: World, guest: Guest, now: number): void {
  guest.isBeating = now < guest.leavesAt
  if (!guest.isBeating || guest.session === null) return
  const { tenant } = world
  const [outcome] = world.tell(now, { kind: 'beats', tenant, sessions: [guest.session] })
  if (outcome?.kind === 'session-gone')
    say(world, guest, now, { kind: 'hello', ...from(world, guest), page: null })
  beatSoon(world, guest, now)
}

function withdraw(world: World, guest: Guest, now: number): void {
  const { tenant, site } = world
  const { visitor } = guest
  guest.leavesAt = now
  guest.session = null
  world.tell(now, { kind: 'consent-withdrawn', tenant, site, visitor })
}

/** In the visit, soon after it, or much later from a note. */
function ringsAt({ chance }: World, { leavesAt }: Guest, now: number): number {
  const draw = chance.fraction()
  if (draw < 0.6) return now + 5_000 + Math.floor(chance.fraction() * Math.max(0, leavesAt - now - 5_000))
  if (draw < 0.85) return Math.floor(leavesAt + chance.fraction() * 20 * minuteMs)
  return Math.floor(leavesAt + chance.fraction() * 6 * hourMs)
}

function ring(world: World, guest: Guest, now: number): void {
  const { chance, agenda } = world
  const { number, session } = guest
  if (number === null) return
  if (now < guest.leavesAt && session !== null && chance.happens(0.5)) {
    guest.lastId += 1
    const id = guest.lastId
    say(world, guest, now - 1, {
      kind: 'engagement',
      ...from(world, guest),
      session,
      id,
      action: 'click',
      number,
    })
  }
  const call = `call-${world.calls++}`
  const a = chance.happens(0.1) ? null : guest.caller
  signal(world, now, { call, state: 'ring', a, b: number, reason: null })
  agenda.put(now + 6_000, at => signal(world, at, { call, state: 'answer', a, b: number, reason: null }))
  const talkMs = chance.whole(5 * minuteMs)
  const end = { call, state: 'end', a, b: number, reason: 'completed' } as const
  agenda.put(now + 6_001 + talkMs, at => signal(world, at, end))
  if (chance.happens(0.1)) agenda.put(now + chance.whole(30 * hourMs), at => ring(world, guest, at))
}

type Said = Pick<Signal, 'call' | 'state' | 'a' | 'b' | 'reason'>

function signal({ tenant, tell }: World, now: number, said: Said): void {
  tell(now, {
    ...{ kind: 'signal', tenant, carrier: 'generic', c: null, statedAt: null, takenAt: now, spooled: false },
    ...said,
  })
}
