import { isLoopback } from '../config/addresses.ts'
import type { Config } from '../config/config.ts'
import type { Follower, Link } from '../config/nats.ts'
import { unpack } from '../config/pack.ts'
import type { CallRecord } from '../core/outcome.ts'
import type { ResultMessage } from '../core/wire/result.ts'
import { resultId } from '../core/wire/result.ts'
import { streams, subjects } from '../core/wire/subjects.ts'
import { refusal } from './admission.ts'
import { toWire } from './answers.ts'
import type { Owners } from './owners.ts'
import type { Tenants } from './tenants.ts'
import { type Answer, type App, type Request, route, type Socket, socketRoute } from './uws.ts'

export type AdminSetup = {
  readonly config: Config
  readonly link: Link
  readonly owners: Owners
  readonly tenants: Tenants
  readonly metricsText: () => Promise<{ type: string; text: string }>
  readonly ready: () => Promise<{ ready: boolean; detail: object }>
  readonly broke: (error: Error) => void
}

const bodyBytesMax = 64 * 1024
const json = (status: number, value: unknown): Answer => ({
  status,
  headers: [['content-type', 'application/json']],
  body: JSON.stringify(value),
})

/** The admin listener's routes. Away from loopback only what monitors need, until there are keys. */
export function addAdminRoutes(app: App, setup: AdminSetup): { stop(): void } {
  const add = (pattern: string, handle: (request: Request) => Answer | Promise<Answer>) =>
    route(app, pattern, bodyBytesMax, refusal('too-large'), handle, setup.broke)
  add('/metrics', async () => {
    const { type, text } = await setup.metricsText()
    return { status: 200, headers: [['content-type', type]], body: text }
  })
  add('/livez', () => json(200, { live: true }))
  add('/readyz', async () => {
    const { ready, detail } = await setup.ready()
    return json(ready ? 200 : 503, { ready, ...detail })
  })
  const local = isLoopback(setup.config.listen.admin)
  if (local) add('/v1/calls/:call', request => oneCall(setup, request))
  const feed = local ? addFeed(app, setup) : { stop: () => undefined }
  add('/*', () => refusal('not-found'))
  return feed
}

/** `GET /v1/calls/{call}?tenant=…`: the call's record; the tenant may be left out where there is only one. */
async function oneCall(setup: AdminSetup, request: Request): Promise<Answer> {
  const call = decodeURIComponent(request.path.slice('/v1/calls/'.length))
  const asked = new URLSearchParams(request.query).get('tenant')
  const only = setup.tenants.all.length === 1 ? setup.tenants.all[0] : undefined
  const tenant = asked === null ? only : setup.tenants.tenant(asked)
  if (tenant === undefined) return refusal('unknown-tenant')
  const [record] = await setup.owners.calls(tenant.partition, tenant.id, call)
  return record === undefined ? refusal('unknown-call') : json(200, callOnTheWire(record))
}

/** A call record without the pseudonyms: whoever may see callers asks for them elsewhere. */
function callOnTheWire(record: CallRecord): Record<string, unknown> {
  const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString())
  const { carrier, call, b, ringMs, talkMs, outcome, reason, qualified, firstTime, forward } = record
  return {
    call,
    carrier,
    b,
    rangAt: iso(record.rangAt),
    answeredAt: iso(record.answeredAt),
    endedAt: iso(record.endedAt),
    ringMs,
    talkMs,
    outcome,
    reason,
    qualified,
    firstTime,
    match: toWire(record.match),
    forward,
  }
}

/** `from`: the first result it is told of, taken before the upgrade, so that none after it is missed. */
type Listener = { open: boolean; readonly from: number }

/** `WS /v1/feed`: results as they are stored, one JSON object a frame; kinds, ids and reasons, nothing personal. */
function addFeed(app: App, setup: AdminSetup): { stop(): void } {
  const listeners = new Set<Socket<Listener>>()
  let follower: Follower | null = null
  const stop = () => {
    void follower?.stop()
    follower = null
  }
  socketRoute<Listener>(app, '/v1/feed', {
    idleTimeoutSeconds: 120,
    frameBytesMax: 1_024,
    backpressureBytesMax: 1024 * 1024,
    admit: async request => {
      if (request.headers.has('origin')) return { answer: refusal('foreign-origin') }
      const { lastSequence } = await setup.link.streamState(streams.results)
      return { data: { open: true, from: lastSequence + 1 } }
    },
    open: socket => {
      listeners.add(socket)
      follower ??= followResults(setup, listeners, socket.getUserData().from)
    },
    frame: () => undefined,
    closed: socket => {
      socket.getUserData().open = false
      listeners.delete(socket)
      if (listeners.size === 0) stop()
    },
  })
  return { stop }
}

/** RESULTS is followed only while somebody listens: each of its messages costs the thread that answers carriers. */
function followResults(setup: AdminSetup, listeners: ReadonlySet<Socket<Listener>>, from: number): Follower {
  return setup.link.follow({
    stream: streams.results,
    subject: subjects.everyResult,
    from,
    take: record => {
      for (const line of feedLines(unpack(record.data) as ResultMessage)) {
        for (const socket of listeners) socket.cork(() => void socket.send(line, false))
      }
    },
    trouble: () => undefined,
  })
}

function feedLines(message: ResultMessage): string[] {
  return message.results.map(result => {
    const { outcome } = result
    const common = {
      id: resultId(message, result),
      tenant: message.tenant,
      at: new Date(result.at).toISOString(),
      kind: outcome.kind,
    }
    if (outcome.kind === 'call-changed') {
      return JSON.stringify({
        ...common,
        state: outcome.state,
        corrects: outcome.corrects,
        ...callOnTheWire(outcome.record),
        kind: outcome.kind,
      })
    }
    if (outcome.kind === 'refused')
      return JSON.stringify({ ...common, code: outcome.problem, call: outcome.call })
    return JSON.stringify({
      ...common,
      session: outcome.session,
      endedAt: new Date(outcome.endedAt).toISOString(),
      because: outcome.because,
    })
  })
}
