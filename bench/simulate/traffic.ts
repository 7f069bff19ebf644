import type { CallState, EndReason, Input, Signal } from '../../core/input.ts'
import type { PhoneNumber, Pseudonym, SessionId, VisitorId } from '../../core/words.ts'
import type { Chance } from '../load/chance.ts'
import { type Focus, nobody, statedTime } from './moments.ts'
import type { CallFact, SessionFact } from './oracle/facts.ts'
import type { Teller } from './story.ts'
import { drawSource, everyNumber, namedSegments, siteKeys, unknownNumbers } from './world.ts'

/** What visitors and carriers say: mostly sensible, now and then repeated, late, foreign or nonsense. */
export function drawInput(teller: Teller): Input {
  const { chance } = teller
  const draw = chance.whole(100)
  if (draw < 22) return hello(teller)
  if (draw < 32) return page(teller)
  if (draw < 44) return engagement(teller)
  if (draw < 62) return beats(teller)
  if (draw < 65) return withdrawal(teller)
  return signal(teller)
}

/** Mostly those whom the moment is about. */
export function focused({ chance, focus }: Teller): Focus | null {
  return chance.happens(0.6) ? focus : null
}

export function drawTenant({ chance, tenants }: Teller): string {
  return chance.happens(0.01) ? 'nobody' : chance.pick(tenants)
}

function drawSite(chance: Chance): string {
  return chance.happens(0.01)
    ? 'pk_none'
    : chance.happens(0.75)
      ? (siteKeys[0] as string)
      : chance.pick(siteKeys)
}

function drawVisit(teller: Teller) {
  const { chance, visitors } = teller
  const targets = chance.happens(0.7)
    ? null
    : ['sales', 'help', 'press', 'gone', 'sales'].filter(() => chance.happens(0.5))
  const about = focused(teller)?.session ?? null
  return {
    tenant: about?.tenant ?? drawTenant(teller),
    site: about?.site ?? drawSite(chance),
    visitor: about?.visitor ?? chance.pick(visitors),
    freshSession: chance.id() as SessionId,
    tab: chance.pick(['tab1', 'tab1', 'tab2', 'tab3', 'tab4']),
    targets,
    ...namedSegments(chance),
  }
}

type Visit = ReturnType<typeof drawVisit>

/** Ids grow per tab; a repeat says an earlier one again. */
function eventId({ chance, eventIds }: Teller, { visitor, site, tab, tenant }: Visit): number {
  const key = `${tenant} ${site} ${visitor} ${tab}`
  const next = (eventIds.get(key) ?? 0) + 1
  if (next > 1 && chance.happens(0.2)) return 1 + chance.whole(next)
  eventIds.set(key, next)
  return next
}

function pageView(teller: Teller, visit: Visit) {
  return { id: eventId(teller, visit), source: drawSource(teller.chance) }
}

function hello(teller: Teller): Input {
  const visit = drawVisit(teller)
  return { kind: 'hello', ...visit, page: teller.chance.happens(0.8) ? pageView(teller, visit) : null }
}

function page(teller: Teller): Input {
  const visit = drawVisit(teller)
  return { kind: 'page', ...visit, session: namedSession(teller, visit), page: pageView(teller, visit) }
}

function engagement(teller: Teller): Input {
  const { chance, facts } = teller
  const visit = drawVisit(teller)
  const session = namedSession(teller, visit)
  const held = facts.lendings.filter(one => one.session === session).at(-1)?.number ?? null
  const number = chance.happens(0.2) ? null : chance.happens(0.9) ? held : chance.pick(everyNumber)
  const action = chance.pick(['click', 'click', 'click', 'close', 'submit'] as const)
  // Who clicks on a number may call it.
  if (action === 'click') teller.focus = { ...nobody, tenant: visit.tenant, number }
  return { kind: 'engagement', ...visit, session, id: eventId(teller, visit), action, number }
}

/** Mostly the visitor's own latest session; now and then somebody else's, an old one, or none at all. */
function namedSession(
  teller: Teller,
  visit: { tenant: string; site: string; visitor: VisitorId },
): SessionId {
  const { chance, facts } = teller
  const isOwn = (one: SessionFact) =>
    one.visitor === visit.visitor && one.site === visit.site && one.tenant === visit.tenant
  const own = facts.sessions.findLast(isOwn)
  if (own !== undefined && chance.happens(0.85)) return own.session
  return facts.sessions.length > 0 && chance.happens(0.7)
    ? chance.pick(facts.sessions).session
    : (chance.id() as SessionId)
}

function beats(teller: Teller): Input {
  const { chance, facts } = teller
  const about = focused(teller)?.session ?? null
  const tenant = about?.tenant ?? drawTenant(teller)
  const recent = facts.sessions.filter(one => one.tenant === tenant).slice(-5)
  const sessions = Array.from({ length: 1 + chance.whole(3) }, () => {
    if (about !== null && chance.happens(0.5)) return about.session
    if (recent.length > 0 && chance.happens(0.85)) return chance.pick(recent).session
    return facts.sessions.length > 0 && chance.happens(0.7)
      ? chance.pick(facts.sessions).session
      : (chance.id() as SessionId)
  })
  return { kind: 'beats', tenant, sessions }
}

function withdrawal(teller: Teller): Input {
  const { tenant, site, visitor } = drawVisit(teller)
  return { kind: 'consent-withdrawn', tenant, site, visitor }
}

export const callerNames = ['anna', 'bo', 'carl', 'dora', 'emil'] as readonly string[] as readonly Pseudonym[]
export const answerers = ['desk', 'shop'] as readonly string[] as readonly Pseudonym[]

function signal(teller: Teller): Signal {
  const { chance, signals } = teller
  const call = focused(teller)?.call ?? null
  const recent = call === null ? signals.slice(-8) : signals.filter(one => isOf(one, call))
  const earlier = recent.length === 0 ? undefined : chance.pick(recent)
  const made =
    earlier === undefined || chance.happens(0.4)
      ? freshSignal(teller)
      : chance.happens(0.12)
        ? again(teller, earlier)
        : followUp(teller, earlier)
  signals.push(made)
  return made
}

/** Another call at the very same moment: which of two comes first is a rule too. */
function alike(teller: Teller, twin: Signal): Signal {
  const { chance } = teller
  teller.calls += 1
  const b = chance.happens(0.5) ? twin.b : drawDialled(teller, twin.tenant)
  return { ...twin, b, carrier: chance.pick(['generic', 'twilio']), call: `call${teller.calls}` }
}

function isOf(signal: Signal, { tenant, carrier, call }: CallFact): boolean {
  return signal.tenant === tenant && signal.carrier === carrier && signal.call === call
}

function freshSignal(teller: Teller): Signal {
  const { chance } = teller
  const about = focused(teller)
  const twin = teller.signals.at(-1)
  if (twin !== undefined && chance.happens(0.08)) return alike(teller, twin)
  const tenant = about?.tenant ?? drawTenant(teller)
  // Two carriers may use the same id: these are two calls.
  teller.calls += chance.happens(0.05) ? 0 : 1
  const state = chance.pick(['ring', 'ring', 'ring', 'ring', 'answer', 'end'] as const)
  const b = about?.number ?? drawDialled(teller, tenant)
  return {
    kind: 'signal',
    tenant,
    carrier: chance.pick(['generic', 'twilio']),
    call: `call${teller.calls}`,
    state,
    a: drawCaller(teller, about),
    b,
    c: chance.happens(0.5) ? null : chance.pick(answerers),
    ...drawTime(teller, tenant, b),
    reason: drawReason(chance, state),
  }
}

function drawDialled({ chance, facts }: Teller, tenant: string): PhoneNumber {
  if (chance.happens(0.06)) return chance.pick(unknownNumbers)
  const lent = facts.lendings.filter(one => one.tenant === tenant).slice(-6)
  return lent.length > 0 && chance.happens(0.8) ? chance.pick(lent).number : chance.pick(everyNumber)
}

/** Whom the moment is about may have called before. */
function drawCaller({ chance, facts }: Teller, about: Focus | null): Pseudonym | null {
  if (chance.happens(0.15)) return null
  const session = about?.session?.session ?? null
  const known = facts.calls.findLast(one => one === about?.call || wentTo(one, session))?.answers.at(-1)?.a
  return known ?? chance.pick(callerNames)
}

function wentTo({ answers }: CallFact, session: string | null): boolean {
  return session !== null && answers.at(-1)?.match.session === session
}

function drawTime({ chance, facts }: Teller, tenant: string, b: PhoneNumber) {
  const spooled = chance.happens(0.15)
  const takenAt =
    facts.now -
    (spooled ? chance.whole(20 * 60_000) : chance.whole(50)) +
    (chance.happens(0.05) ? 100_000 : 0)
  return { statedAt: statedTime(chance, facts, tenant, b), takenAt, spooled }
}

function drawReason(chance: Chance, state: CallState): EndReason | null {
  if (state !== 'end') return null
  return chance.pick(['completed', 'busy', 'no-answer', 'failed', 'canceled', null])
}

/** The same signal once more, or the same with another fact. */
function again({ chance, facts }: Teller, earlier: Signal): Signal {
  if (chance.happens(0.6)) return { ...earlier, takenAt: facts.now }
  return chance.pick([
    { ...earlier, a: chance.pick([...callerNames, null]) },
    { ...earlier, b: chance.pick(everyNumber) },
    { ...earlier, statedAt: (earlier.statedAt ?? facts.now) + 1 },
    { ...earlier, statedAt: null },
  ])
}

/** Another state of the same call, whichever comes first; its facts mostly agree. */
function followUp(teller: Teller, earlier: Signal): Signal {
  const { chance } = teller
  const state = chance.pick(['ring', 'answer', 'end'] as const)
  const b = chance.happens(0.05) ? chance.pick(everyNumber) : earlier.b
  const stated = earlier.statedAt === null ? null : earlier.statedAt + chance.whole(60_000) - 10_000
  const time = drawTime(teller, earlier.tenant, b)
  return {
    ...earlier,
    state,
    b,
    a: chance.happens(0.15) ? chance.pick([...callerNames, null]) : earlier.a,
    ...time,
    statedAt: stated !== null && chance.happens(0.6) ? stated : time.statedAt,
    reason: drawReason(chance, state),
  }
}
