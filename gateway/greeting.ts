import { limits } from '../core/limits.ts'
import { type ProblemCode, problems } from '../core/problems.ts'
import type { Reply } from '../core/wire/reply.ts'
import type { HelloFrame, ServerFrame } from '../core/wire/visitor.ts'
import type { VisitorId } from '../core/words.ts'
import type { Beats } from './beats.ts'
import type { Intake } from './intake.ts'
import type { Metrics } from './metrics.ts'
import type { OutgoingEvent, Sealer } from './seal.ts'
import type { Socket } from './uws.ts'
import {
  againEvent,
  anonymousWelcome,
  helloEvent,
  mayFollow,
  settle,
  type Visit,
  welcome,
  withdrawnEvent,
} from './visit.ts'

/** From hello to welcome: who may be followed, which session a socket has, and what happens when an answer is lost. */

/** What a socket carries. `frames` and `second` are its budget; a socket that is closed is never touched again. */
export type VisitSocket = { readonly visit: Visit; open: boolean; frames: number; second: number }
export type VisitorSocket = Socket<VisitSocket>

/** What the sockets of a gateway share. */
export type Context = {
  readonly intake: Intake
  readonly sealer: Sealer
  readonly metrics: Metrics
  readonly bySession: Map<string, Set<VisitorSocket>>
  readonly beats: Beats
}

export function hello(context: Context, socket: VisitorSocket, frame: HelloFrame): void {
  const { visit } = socket.getUserData()
  visit.era += 1
  if (!mayFollow(visit.site, frame.consent)) return helloUnfollowed(context, socket, frame)
  const event = helloEvent(visit, frame, context.sealer)
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
    refuse(context, socket, 'not-now')
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
function sayAgain(
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
function helloUnfollowed(context: Context, socket: VisitorSocket, frame: HelloFrame): void {
  const { visit } = socket.getUserData()
  if (frame.consent === 'denied') {
    visit.refusedAs = visit.visitor ?? ((frame.visitor || null) as VisitorId | null) ?? visit.refusedAs
  }
  const event = withdrawnEvent(visit)
  unlink(context.bySession, socket)
  Object.assign(visit, { hello: frame, visitor: null })
  settle(visit, null)
  if (event === null || frame.consent !== 'denied') return send(socket, anonymousWelcome(visit))
  const late = setTimeout(() => refuse(context, socket, 'not-now'), limits.helloBudgetMs)
  const { era } = visit
  const stored = () => {
    clearTimeout(late)
    if (visit.era !== era) return
    visit.refusedAs = null
    send(socket, anonymousWelcome(visit))
  }
  const problem = context.intake.submit('visit', visit.site.tenant.partition, event, { stored })
  if (problem === null) return
  clearTimeout(late)
  refuse(context, socket, problem)
}

/**
 * A reply that names a session is a welcome: the visit has (perhaps another) session, and these numbers. What was said
 * before the last hello is answered too late: a no may have come since.
 */
export function onReply(context: Context, socket: VisitorSocket, reply: Reply, era: number): void {
  const data = socket.getUserData()
  if (!data.open || data.visit.era !== era) return
  if (reply.kind === 'problem') return refuse(context, socket, reply.code)
  if (reply.kind !== 'visit') return
  unlink(context.bySession, socket)
  settle(data.visit, reply.session)
  link(context.bySession, socket, reply.session)
  if (reply.resumed) context.metrics.add('ringtrail_visits_resumed_total', [])
  send(socket, welcome(data.visit, reply))
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

export function unlink(bySession: Context['bySession'], socket: VisitorSocket): void {
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
