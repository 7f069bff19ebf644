import { limits } from '../core/limits.ts'
import type { ProblemCode } from '../core/problems.ts'
import type { ClientFrame, EngagementFrame, PageFrame } from '../core/wire/visitor.ts'
import type { Addresses, Admission } from './admission.ts'
import { refusal } from './admission.ts'
import { automatedBy } from './automated.ts'
import { createBeats } from './beats.ts'
import { hasGpc } from './consent.ts'
import { closeReason } from './closeReason.ts'
import { parseFrame } from './frames.ts'
import {
  type Context as Greeting,
  hello,
  onReply,
  leave,
  refuse,
  sayHelloAgain,
  send,
  type VisitorSocket,
  type VisitSocket,
} from './greeting.ts'
import type { Intake } from './intake.ts'
import type { Metrics } from './metrics.ts'
import { createObeying } from './obeying.ts'
import type { Rights } from './rights.ts'
import type { Sealer } from './seal.ts'
import { Several } from '../core/several.ts'
import type { Tenants } from './tenants.ts'
import type { Request, SocketRoute, Upgrade } from './uws.ts'
import { createVisit, engagementEvent, type Guest, pageEvent, type Visit } from './visit.ts'

export type VisitorsSetup = {
  readonly intake: Intake
  readonly tenants: Tenants
  readonly addresses: Addresses
  readonly admission: Admission
  readonly sealer: Sealer
  readonly sealingKeys: Greeting['sealingKeys']
  readonly rights: Rights
  readonly metrics: Metrics
  readonly clock: () => number
}

export type Visitors = {
  readonly route: SocketRoute<VisitSocket>
  admit(request: Request): Promise<Guest | ProblemCode>
  sockets(): number
  /** Closes every socket with 1012 (service restart): the snippets come back, here or elsewhere. */
  closeAll(): void
  stop(): void
}

type Context = VisitorsSetup & Greeting

export function createVisitors(setup: VisitorsSetup): Visitors {
  const open = new Set<VisitorSocket>()
  const bySession = new Map<string, Set<VisitorSocket>>()
  const beats = createBeats(setup.intake, setup.tenants, reply => sayHelloAgain(context, reply))
  const context: Context = { ...setup, bySession, byVisitor: new Several(), beats }
  setup.rights.hear(createObeying(setup.sealingKeys, context))
  const route: SocketRoute<VisitSocket> = {
    idleTimeoutSeconds: 60,
    frameBytesMax: limits.frameBytesMax,
    backpressureBytesMax: limits.socketBackpressureBytesMax,
    admit: async request => admitSocket(setup, open, request),
    open: socket => void open.add(socket),
    frame: (socket, text) => onFrame(context, socket, text),
    alive: socket => alive(context, socket.getUserData().visit),
    dropped: () => setup.metrics.add('ringtrail_socket_dropped_frames_total', []),
    tooLarge: () => setup.metrics.add('ringtrail_refused_total', ['too-large']),
    closed: (socket, code) => {
      setup.metrics.add('ringtrail_sockets_closed_total', [closeReason(code)])
      socket.getUserData().open = false
      open.delete(socket)
      leave(context, socket)
    },
  }
  return {
    route,
    admit: request => admit(setup, request),
    sockets: () => open.size,
    closeAll: () => {
      for (const socket of [...open]) socket.end(1012, 'restarting')
    },
    stop: () => beats.stop(),
  }
}

async function admitSocket(
  setup: VisitorsSetup,
  open: Set<VisitorSocket>,
  request: Request,
): Promise<Upgrade<VisitSocket>> {
  const admitted = open.size >= limits.socketsMax ? 'overloaded' : await admit(setup, request)
  if (typeof admitted === 'string') {
    setup.metrics.add('ringtrail_refused_total', [admitted])
    return { answer: refusal(admitted) }
  }
  const visit = createVisit(admitted)
  return { data: { visit, open: true, frames: 0, second: 0 } }
}

/** Site key, allowed Origin and rate: all that is asked of a visitor. */
async function admit(setup: VisitorsSetup, request: Request): Promise<Guest | ProblemCode> {
  const site = setup.tenants.site(new URLSearchParams(request.query).get('site') ?? '')
  if (site === undefined) return 'unknown-site'
  if (!site.config.origins.includes(request.headers.get('origin') ?? '')) return 'foreign-origin'
  const address = setup.addresses(request)
  if (!(await setup.admission.connect(address))) return 'too-many-requests'
  const userAgent = (request.headers.get('user-agent') ?? '').slice(0, limits.textCharsMax)
  const automated = automatedBy(request)
  const isWelcome = automated === 'bot' && site.config.bots === 'allow'
  return {
    site,
    address,
    userAgent,
    hasGpc: hasGpc(request.headers),
    automated: isWelcome ? null : automated,
  }
}

function onFrame(context: Context, socket: VisitorSocket, text: string | null): void {
  const data = socket.getUserData()
  if (text === null) return close(context, socket, 1003, 'not-text')
  const second = Math.floor(context.clock() / 1_000)
  if (second !== data.second) Object.assign(data, { second, frames: 0 })
  data.frames += 1
  if (data.frames > limits.framesPerSocketPerSecondMax) return refuse(context, socket, 'too-many-requests')
  const frame = parseFrame(text)
  if (typeof frame === 'string') return refuse(context, socket, frame)
  if (frame.type !== 'hello' && data.visit.hello === null) return refuse(context, socket, 'hello-first')
  context.metrics.add('ringtrail_events_total', [frame.type])
  act(context, socket, frame)
}

function act(context: Context, socket: VisitorSocket, frame: ClientFrame): void {
  const { visit } = socket.getUserData()
  switch (frame.type) {
    case 'hello':
      return hello(context, socket, frame)
    case 'page':
      return visit.visitor === null
        ? unsent(context, socket, frame)
        : submit(context, socket, pageEvent(visit, frame, context.sealer), frame.id)
    case 'engagement':
      return visit.visitor === null
        ? unsent(context, socket, frame)
        : submit(context, socket, engagementEvent(visit, frame, context.sealer), frame.id)
    case 'beat':
      return alive(context, visit)
    case 'bye':
      return
  }
}

/** Nothing of a visit that is not followed is sent; the page has no part in that. */
function unsent(context: Context, socket: VisitorSocket, { type, id }: PageFrame | EngagementFrame): void {
  if (socket.getUserData().visit.isClosed) context.metrics.add('ringtrail_restricted_total', [type])
  ack(socket, id)
}

function submit(
  context: Context,
  socket: VisitorSocket,
  event: Parameters<Intake['submit']>[2],
  id: number,
): void {
  const { visit } = socket.getUserData()
  const { era } = visit
  const problem = context.intake.submit('visit', visit.site.tenant.partition, event, {
    stored: () => ack(socket, id),
    replied: reply => onReply(context, socket, reply, era),
  })
  if (problem === null) return
  context.metrics.add('ringtrail_shed_total', [event.clear.kind])
  refuse(context, socket, problem, id)
}

function alive(context: Context, visit: Visit): void {
  if (visit.session !== null) context.beats.seen(visit.site.tenant, visit.session)
}

function ack(socket: VisitorSocket, id: number): void {
  send(socket, { type: 'ack', id })
}

function close(context: Context, socket: VisitorSocket, status: number, code: ProblemCode): void {
  context.metrics.add('ringtrail_refused_total', [code])
  socket.end(status, code)
}
