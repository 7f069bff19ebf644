import type { Input } from '../../core/input.ts'
import type { Pseudonym, VisitorId } from '../../core/words.ts'
import { lastAnswer } from './oracle/callers.ts'
import { type CallFact, isKnown } from './oracle/facts.ts'
import type { Teller } from './story.ts'
import { answerers, callerNames, drawTenant, focused } from './traffic.ts'

/** What people ask for, mostly those whom the moment is about, and now and then a tenant. */
export function drawRequest(teller: Teller): Input {
  const { chance } = teller
  const draw = chance.whole(100)
  if (draw < 36) return { kind: 'subject-erased', ...drawSubjects(teller) }
  if (draw < 64) return restriction(teller)
  if (draw < 92) return rectification(teller)
  if (draw < 97) return { kind: 'noted', tenant: drawTenant(teller) }
  return { kind: 'tenant-ended', tenant: drawTenant(teller), request: drawId(teller) }
}

const drawId = ({ chance }: Teller) => `request${chance.whole(1_000)}`

function restriction(teller: Teller): Input {
  const { chance, facts } = teller
  const isLast = chance.happens(0.5) ? facts.restrictions.at(-1) : undefined
  const mode = chance.pick(['restricted', 'objected', 'lifted', 'lifted'] as const)
  if (isLast === undefined) return { kind: 'subject-restricted', ...drawSubjects(teller), mode }
  const { tenant, of, id } = isLast
  const visitors = of === 'visitor' ? [id as VisitorId] : []
  const callers = of === 'caller' ? [id as Pseudonym] : []
  return { kind: 'subject-restricted', tenant, request: drawId(teller), visitors, callers, mode }
}

function drawSubjects(teller: Teller) {
  const { chance } = teller
  const about = focused(teller)
  const tenant = about?.tenant ?? drawTenant(teller)
  const [hasVisitors, hasCallers] = chance.pick([
    [true, false],
    [true, false],
    [false, true],
    [true, true],
  ])
  return {
    tenant,
    request: drawId(teller),
    visitors: hasVisitors ? some(teller, () => drawVisitor(teller)) : [],
    callers: hasCallers ? some(teller, () => drawPerson(teller)) : [],
  }
}

/** One, now and then two, and the same one twice. */
function some<Item>({ chance }: Teller, draw: () => Item): Item[] {
  const one = draw()
  if (chance.happens(0.8)) return [one]
  return chance.happens(0.1) ? [one, one] : [one, draw()]
}

function drawVisitor(teller: Teller): VisitorId {
  const { chance, facts, visitors } = teller
  const about = focused(teller)?.session ?? facts.sessions.at(-1)
  if (chance.happens(0.05)) return chance.id() as VisitorId
  return about !== undefined && chance.happens(0.6) ? about.visitor : chance.pick(visitors)
}

function drawPerson({ chance, facts }: Teller): Pseudonym {
  if (chance.happens(0.1)) return chance.pick(answerers)
  const call = facts.calls.at(-1)
  const a = call === undefined ? null : lastAnswer(call).a
  return a !== null && chance.happens(0.5) ? a : chance.pick(callerNames)
}

/** Mostly a call that others rang after, by the same caller: what it said of them is what changes. */
function rectification(teller: Teller): Input {
  const { chance, facts } = teller
  const followed = facts.callers.filter(one => !one.gone && one.calls.length > 1)
  const known = facts.calls.filter(isKnown).slice(-8)
  const calls = followed.length > 0 && chance.happens(0.7) ? chance.pick(followed).calls : known
  const about: CallFact | undefined = chance.happens(0.6) ? calls[0] : calls[chance.whole(calls.length)]
  return {
    kind: 'call-rectified',
    tenant: about?.tenant ?? drawTenant(teller),
    request: drawId(teller),
    carrier: about?.carrier ?? 'generic',
    call: chance.happens(0.03) ? 'call-of-nobody' : (about?.call ?? 'call1'),
    a: chance.happens(0.15) ? null : chance.pick(callerNames),
  }
}
