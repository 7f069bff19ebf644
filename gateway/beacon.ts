import { limits } from '../core/limits.ts'
import { type ProblemCode, problems } from '../core/problems.ts'
import type { Reply } from '../core/wire/reply.ts'
import type { ClientFrame, HelloFrame, ServerFrame } from '../core/wire/visitor.ts'
import type { VisitorId } from '../core/words.ts'
import { refusal } from './admission.ts'
import { checkFrame } from './frames.ts'
import { isNo, isToForget, type Unfollowed, whyUnfollowed } from './consent.ts'
import type { Intake } from './intake.ts'
import type { Metrics } from './metrics.ts'
import type { Rights } from './rights.ts'
import type { OutgoingEvent, Sealer } from './seal.ts'
import type { Answer, Request } from './uws.ts'
import {
  anonymousWelcome,
  createVisit,
  engagementEvent,
  helloEvent,
  isClosed,
  pageEvent,
  type Visit,
  welcome,
  withdrawnEvents,
} from './visit.ts'
import type { Visitors } from './visitors.ts'

/** `POST /v1/visit`: the same frames as a JSON array that starts with hello, for `sendBeacon`. */
export function createBeacon(setup: {
  readonly visitors: Visitors
  readonly intake: Intake
  readonly sealer: Sealer
  readonly rights: Rights
  readonly metrics: Metrics
}) {
  const refuse = (code: ProblemCode) => {
    setup.metrics.add('ringtrail_refused_total', [code])
    return refusal(code)
  }
  return async (request: Request): Promise<Answer> => {
    if (request.method !== 'POST') return refuse('method-not-allowed')
    if (request.body.length === 0) return refuse('empty-body')
    const frames = parse(request.body)
    if (typeof frames === 'string') return refuse(frames)
    const admitted = await setup.visitors.admit(request)
    if (typeof admitted === 'string') return refuse(admitted)
    const visit = createVisit(admitted)
    const answers = await Promise.all(frames.map(frame => answerTo(setup, visit, frame)))
    for (const answer of answers)
      if (answer?.type === 'error') setup.metrics.add('ringtrail_refused_total', [answer.code])
    const origin = request.headers.get('origin') ?? ''
    return {
      status: 200,
      headers: [
        ['content-type', 'application/json'],
        ['access-control-allow-origin', origin],
        ['vary', 'origin'],
      ],
      body: JSON.stringify(answers.filter(answer => answer !== null)),
    }
  }
}

function parse(body: Buffer): (ClientFrame | ProblemCode)[] | ProblemCode {
  let value: unknown
  try {
    value = JSON.parse(body.toString('utf8'))
  } catch {
    return 'not-json'
  }
  if (!Array.isArray(value) || value.length > limits.framesPerBeaconMax) return 'not-valid'
  const frames = value.map(checkFrame)
  const [first] = frames
  if (first === undefined) return 'empty-body'
  if (typeof first === 'string') return first
  return first.type === 'hello' ? frames : 'hello-first'
}

type Setup = {
  readonly intake: Intake
  readonly sealer: Sealer
  readonly rights: Rights
  readonly metrics: Metrics
}

function answerTo(setup: Setup, visit: Visit, frame: ClientFrame | ProblemCode): Promise<ServerFrame | null> {
  if (typeof frame === 'string') return Promise.resolve(errorOf(frame))
  setup.metrics.add('ringtrail_events_total', [frame.type])
  if (frame.type === 'beat' || frame.type === 'bye') return Promise.resolve(null)
  if (frame.type === 'hello') return hello(setup, visit, frame)
  if (visit.visitor === null) {
    if (visit.isClosed) setup.metrics.add('ringtrail_restricted_total', [frame.type])
    return Promise.resolve({ type: 'ack', id: frame.id })
  }
  const event =
    frame.type === 'page'
      ? pageEvent(visit, frame, setup.sealer)
      : engagementEvent(visit, frame, setup.sealer)
  const stored = (say: Say) => ({ stored: () => say({ type: 'ack', id: frame.id }) })
  return submitted(setup, visit, event, stored, frame.id)
}

function hello(setup: Setup, visit: Visit, frame: HelloFrame): Promise<ServerFrame> {
  const why = whyUnfollowed(visit, frame)
  if (why !== null) return unfollowed(setup, visit, frame, why)
  if (isClosed(setup.rights, visit, frame)) {
    setup.metrics.add('ringtrail_restricted_total', ['hello'])
    Object.assign(visit, { hello: frame, isClosed: true })
    return Promise.resolve(anonymousWelcome(visit))
  }
  const began = performance.now()
  const replied = (say: Say) => ({
    replied: (reply: Reply) => {
      setup.metrics.observe('ringtrail_welcome_seconds', (performance.now() - began) / 1_000)
      if (reply.kind === 'problem' && reply.code === 'restricted') {
        setup.metrics.add('ringtrail_restricted_total', ['in-flight'])
        return say(anonymousWelcome(visit))
      }
      if (reply.kind !== 'visit')
        return say(errorOf(reply.kind === 'problem' ? reply.code : 'log-unavailable'))
      if (reply.resumed) setup.metrics.add('ringtrail_visits_resumed_total', [])
      say(welcome(visit, reply))
    },
  })
  return submitted(setup, visit, helloEvent(visit, frame, setup.sealer), replied)
}

/** Without consent: no id, nothing kept. An explicit no by beacon also ends what was there before. */
function unfollowed(setup: Setup, visit: Visit, frame: HelloFrame, why: Unfollowed): Promise<ServerFrame> {
  setup.metrics.add('ringtrail_unfollowed_total', [why])
  const answer = anonymousWelcome(visit, isToForget(why))
  if (!isNo(why) || !frame.visitor) return Promise.resolve(answer)
  visit.refusedAs = frame.visitor as VisitorId
  const answers = withdrawnEvents(visit, setup).map(event =>
    submitted(setup, visit, event, say => ({ stored: () => say(answer) })),
  )
  // One that was not taken is the answer: the page has to say its no again.
  return Promise.all(answers).then(all => all.find(({ type }) => type === 'error') ?? answer)
}

type Say = (answer: ServerFrame) => void

/** Submits an event and resolves to what `hear` says to it, or to `not-now` when that takes too long. */
function submitted(
  { intake, metrics }: Setup,
  visit: Visit,
  event: OutgoingEvent,
  hear: (say: Say) => Parameters<Intake['submit']>[3],
  id?: number,
): Promise<ServerFrame> {
  return new Promise(resolve => {
    const late = setTimeout(() => resolve(errorOf('not-now', id)), limits.helloBudgetMs)
    const say: Say = answer => {
      clearTimeout(late)
      resolve(answer)
    }
    const problem = intake.submit('visit', visit.site.tenant.partition, event, hear(say))
    if (problem === null) return
    metrics.add('ringtrail_shed_total', [event.clear.kind])
    say(errorOf(problem, id))
  })
}

function errorOf(code: ProblemCode, id?: number): ServerFrame {
  return { type: 'error', code, message: problems[code].says, ...(id === undefined ? {} : { id }) }
}
