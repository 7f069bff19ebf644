import { limits } from '../core/limits.ts'
import { type ProblemCode, problems } from '../core/problems.ts'
import { visitorName } from '../core/subjectNames.ts'
import type { Reply } from '../core/wire/reply.ts'
import type { HelloFrame, ServerFrame } from '../core/wire/visitor.ts'
import type { VisitorId } from '../core/words.ts'
import type { Beats } from './beats.ts'
import { isNo, isToForget, type Unfollowed, whyUnfollowed } from './consent.ts'
import type { Intake } from './intake.ts'
import type { Metrics } from './metrics.ts'
import type { Rights } from './rights.ts'
import type { OutgoingEvent, Sealer } from './seal.ts'
import type { SealingKeys } from './sealingKeys.ts'
import type { Several } from '../core/several.ts'
import type { Socket } from './uws.ts'
import {
  againEvent,
  anonymousWelcome,
  helloEvent,
  isClosed,
  settle,
  shown,
  type Visit,
  welcome,
  withdrawnEvents,
} from './visit.ts'

/** From hello to welcome: who may be followed, which session a socket has, and what happens when an answer is lost. */

/** What a socket carries. `frames` and `second` are its budget; a socket that is closed is never touched again. */
export type VisitSocket = { readonly visit: Visit; open: boolean; frames: number; second: number }
export type VisitorSocket = Socket<VisitSocket>

/** What the sockets of a gateway share. */
export type Context = {
  readonly intake: Intake
  readonly sealer: Sealer
  readonly sealingKeys: Pick<SealingKeys, 'forget' | 'forgetTenant'>
  readonly metrics: Metrics
  readonly rights: Rights
  readonly bySession: Map<string, Set<VisitorSocket>>
  readonly byVisitor: Several<VisitorSocket>
  readonly beats: Beats
}

export function hello(context: Context, socket: VisitorSocket, frame: HelloFrame): void {
  const { visit } = socket.getUserData()
  visit.era += 1
  const why = whyUnfollowed(visit, frame)
  if (why !== null) return helloUnfollowed(context, socket, frame, why)
  if (isClosed(context.rights, visit, frame)) return helloClosed(context, socket, frame)
  visit.isClosed = false
  const before = visit.visitor
  const event = helloEvent(visit, frame, context.sealer)
  rename(context, socket, before)
  const problem = greet(context, socket, event)
  if (problem === null) return
  context.metrics.add('ringtrail_shed_total', ['hello'])
  refuse(context, socket, problem)
}

/**
 * Sends a hello to the log. A welcome that does not come in time is said to be late, and follows: a hello that the log
 * has, but whose reply was lost, is said again until it is answered.
 */
function greet(context: Context, socket: VisitorSocket, event: OutgoingEvent): ProblemCode | null {
  const { visit } = socket.getUserData()
  const { era } = visit
  const began = performance.now()
  const greeting = { stored: false, answered: false }
  const late = setTimeout(() => {
    if (visit.era === era) refuse(context, socket, 'not-now')
    untilWelcome(context, socket, greeting, era)
  }, limits.helloBudgetMs)
  const problem = context.intake.submit('visit', visit.site.tenant.partition, event, {
    stored: () => {
      greeting.stored = true
    },
    replied: reply => {
      clearTimeout(late)
      greeting.answered = true
      context.metrics.observe('ringtrail_welcome_seconds', (performance.now() - began) / 1_000)
      if (reply.kind === 'done') sayAgain(context, socket, era)
      else onReply(context, socket, reply, era)
    },
  })
  if (problem !== null) clearTimeout(late)
  return problem
}

/** One that still waits to be stored will be; only one that was stored without a word is said again. */
function untilWelcome(
  context: Context,
  socket: VisitorSocket,
  greeting: { readonly stored: boolean; readonly answered: boolean },
  era: number,
): void {
  const timer = setTimeout(() => {
    const { open, visit } = socket.getUserData()
    if (!open || visit.era !== era || greeting.answered) return
    if (greeting.stored) sayAgain(context, socket, era, () => Object.assign(greeting, { answered: true }))
    untilWelcome(context, socket, greeting, era)
  }, limits.helloAgainMs)
  timer.unref()
}

/** Says hello on behalf of a visit that goes on: not for one that has said no since. */
export function sayAgain(
  context: Context,
  socket: VisitorSocket,
  era: number,
  answered: () => void = () => undefined,
): void {
  const { open, visit } = socket.getUserData()
  if (!open || visit.era !== era || visit.visitor === null) return
  context.intake.submit('visit', visit.site.tenant.partition, againEvent(visit), {
    replied: reply => {
      answered()
      onReply(context, socket, reply, era)
    },
  })
}

/**
 * Without consent: no id, nothing kept, from this moment on. An explicit no also ends what was there before: the welcome
 * comes when the log has it.
 */
function helloUnfollowed(context: Context, socket: VisitorSocket, frame: HelloFrame, why: Unfollowed): void {
  const { visit } = socket.getUserData()
  const answer = () => send(socket, anonymousWelcome(visit, isToForget(why)))
  context.metrics.add('ringtrail_unfollowed_total', [why])
  if (isNo(why)) {
    visit.refusedAs = visit.visitor ?? ((frame.visitor || null) as VisitorId | null) ?? visit.refusedAs
  }
  const events = isNo(why) ? withdrawnEvents(visit, context) : []
  visit.hello = frame
  stopFollowing(context, socket, false)
  if (events.length === 0) return answer()
  withdraw(context, socket, events, answer)
}

/** Says a no to the log. Its events are in one lane, so that what is said after it comes after it. */
function withdraw(
  context: Context,
  socket: VisitorSocket,
  events: readonly OutgoingEvent[],
  answer: () => void,
): void {
  const { visit } = socket.getUserData()
  const { id, partition } = visit.site.tenant
  visit.saidNoAs = visit.refusedAs
  // The key in use is about to be destroyed: what a yes brings after this needs another.
  context.sealingKeys.forget(id, visitorName(visit.refusedAs ?? ''))
  const late = setTimeout(() => refuse(context, socket, 'not-now'), limits.helloBudgetMs)
  const { era } = visit
  const stored = () => {
    clearTimeout(late)
    if (visit.era !== era) return
    visit.refusedAs = null
    answer()
  }
  const last = events.length - 1
  const problems = events.map((event, place) =>
    context.intake.submit('visit', partition, event, place === last ? { stored } : {}),
  )
  const problem = problems.find(one => one !== null)
  if (problem === undefined || problem === null) return
  clearTimeout(late)
  refuse(context, socket, problem)
}

/** What comes of somebody whose data is restricted, or who objected, is not taken in: as of somebody who said no. */
function helloClosed(context: Context, socket: VisitorSocket, frame: HelloFrame): void {
  context.metrics.add('ringtrail_restricted_total', ['hello'])
  socket.getUserData().visit.hello = frame
  unfollow(context, socket, true)
}

/** From now on the visit has no id, and the page shows what everybody sees. */
export function unfollow(context: Context, socket: VisitorSocket, isClosed: boolean): void {
  const { visit } = socket.getUserData()
  visit.era += 1
  stopFollowing(context, socket, isClosed)
  send(socket, anonymousWelcome(visit))
}

function stopFollowing(context: Context, socket: VisitorSocket, isClosed: boolean): void {
  const { visit } = socket.getUserData()
  const before = visit.visitor
  unlink(context.bySession, socket)
  Object.assign(visit, { visitor: null, isClosed })
  settle(visit, null)
  rename(context, socket, before)
}

/** The visit goes on as somebody else's: what was said of the one before says nothing of it. */
export function startAfresh(context: Context, socket: VisitorSocket, visitor: VisitorId): void {
  const { visit } = socket.getUserData()
  visit.era += 1
  const before = visit.visitor
  unlink(context.bySession, socket)
  visit.visitor = visitor
  settle(visit, null)
  rename(context, socket, before)
}

function rename({ byVisitor }: Context, socket: VisitorSocket, before: VisitorId | null): void {
  const { visitor } = socket.getUserData().visit
  if (visitor === before) return
  if (before !== null) byVisitor.remove(before, socket)
  if (visitor !== null) byVisitor.add(visitor, socket)
}

/**
 * A reply that names a session says which numbers the visit has: as its welcome, or where the same session goes on as
 * other numbers. What was said before the last hello is answered too late: a no may have come since.
 */
export function onReply(context: Context, socket: VisitorSocket, reply: Reply, era: number): void {
  const data = socket.getUserData()
  if (!data.open || data.visit.era !== era) return
  if (reply.kind === 'problem' && reply.code === 'restricted') {
    context.metrics.add('ringtrail_restricted_total', ['in-flight'])
    return unfollow(context, socket, true)
  }
  if (reply.kind === 'problem') return refuse(context, socket, reply.code)
  if (reply.kind !== 'visit') return
  const { visit } = data
  if (visit.welcomed === era && visit.session === reply.session)
    return send(socket, { type: 'numbers', numbers: shown(visit.site, reply.numbers) })
  visit.welcomed = era
  unlink(context.bySession, socket)
  settle(visit, reply.session)
  link(context.bySession, socket, reply.session)
  if (reply.resumed) context.metrics.add('ringtrail_visits_resumed_total', [])
  send(socket, welcome(visit, reply))
}

/** Sessions that were over when their beat came: each socket that is still here says hello again. */
export function sayHelloAgain(context: Context, reply: Reply): void {
  if (reply.kind !== 'gone') return
  for (const session of reply.sessions) {
    for (const socket of [...(context.bySession.get(session) ?? [])])
      sayAgain(context, socket, socket.getUserData().visit.era)
  }
}

function link(bySession: Context['bySession'], socket: VisitorSocket, session: string): void {
  const sockets = bySession.get(session) ?? new Set()
  sockets.add(socket)
  bySession.set(session, sockets)
}

/** A socket that is closed is no one's. */
export function leave(context: Context, socket: VisitorSocket): void {
  unlink(context.bySession, socket)
  const { visitor } = socket.getUserData().visit
  if (visitor !== null) context.byVisitor.remove(visitor, socket)
}

function unlink(bySession: Context['bySession'], socket: VisitorSocket): void {
  const { session } = socket.getUserData().visit
  if (session === null) return
  const sockets = bySession.get(session)
  sockets?.delete(socket)
  if (sockets?.size === 0) bySession.delete(session)
}

export function refuse(context: Context, socket: VisitorSocket, code: ProblemCode, id?: number): void {
  if (!socket.getUserData().open) return
  context.metrics.add('ringtrail_refused_total', [code])
  send(socket, { type: 'error', code, message: problems[code].says, ...(id === undefined ? {} : { id }) })
}

/** Replies come from outside uWS's own callbacks, so each is corked. `closeOnBackpressureLimit` ends a reader too slow. */
export function send(socket: VisitorSocket, frame: ServerFrame): void {
  if (!socket.getUserData().open) return
  socket.cork(() => void socket.send(JSON.stringify(frame), false))
}
