import { LRUCache } from 'lru-cache'
import type { CarrierSecrets as ConfiguredSecrets } from '../config/config.ts'
import { limits } from '../core/limits.ts'
import { type ProblemCode, problems } from '../core/problems.ts'
import type { SignalAnswer } from '../core/wire/signal.ts'
import type { Addresses, Admission } from './admission.ts'
import { refusal } from './admission.ts'
import type { Calls } from './calls.ts'
import {
  type Carrier,
  type CarrierRequest,
  type CarrierResponse,
  type CarrierSecrets,
  isRefused,
  type Refused,
  type Translation,
} from './carriers/carrier.ts'
import { generic, parseSignal, verifyBearer } from './carriers/generic.ts'
import { carriers } from './carriers/list.ts'
import { closeReason } from './closeReason.ts'
import { errorBody } from './carriers/refusal.ts'
import type { Metrics } from './metrics.ts'
import type { Tenant, Tenants } from './tenants.ts'
import type { Answer, Request, Socket, SocketRoute } from './uws.ts'

export type CarrierRoutesSetup = {
  readonly calls: Calls
  readonly tenants: Tenants
  readonly addresses: Addresses
  readonly admission: Admission
  readonly metrics: Metrics
  readonly publicUrl: string | null
  readonly clock: () => number
}

/** `POST /v1/calls/{carrier}/{tenant}`: verified on the raw body, answered in the carrier's own language. */
export function createCarrierRoutes(setup: CarrierRoutesSetup) {
  const before = new LRUCache<string, Promise<CarrierResponse>>({
    max: limits.answersKeptMax,
    ttl: limits.signatureToleranceMs * 2,
  })
  const webhook = async (request: Request): Promise<Answer> => {
    const [, , , name = '', id = ''] = request.path.split('/')
    const found = await admitted(setup, request, name, id)
    if ('answer' in found) return found.answer
    const { carrier, tenant, secrets } = found
    const asked = toCarrierRequest(setup, request)
    const problem = carrier.verify(asked, secrets)
    if (problem !== null) return refuse(setup, carrier, asked, await unproven(setup, request, problem))
    const translation = carrier.translate(asked)
    if (isRefused(translation)) return refuse(setup, carrier, asked, translation.problem)
    const key =
      translation.idempotencyKey === null
        ? null
        : `${tenant.id} ${carrier.name} ${translation.idempotencyKey}`
    const again = key === null ? undefined : before.get(key)
    if (again !== undefined) return again
    const answer = takeAll(setup, tenant, carrier, translation).then(answers => {
      // What may be sent again is sent under the same id, and deserves another try.
      if (key !== null && answers.some(mayBeSentAgain)) before.delete(key)
      return carrier.answer(asked, { array: translation.array, answers })
    })
    if (key !== null) before.set(key, answer)
    return answer
  }
  return { webhook, stream: streamRoute(setup) }
}

function mayBeSentAgain(answer: SignalAnswer | Refused): boolean {
  return isRefused(answer) && problems[answer.problem].retry
}

type Admitted = { readonly carrier: Carrier; readonly tenant: Tenant; readonly secrets: CarrierSecrets }

async function admitted(
  setup: CarrierRoutesSetup,
  request: Request,
  name: string,
  id: string,
): Promise<Admitted | { answer: Answer }> {
  const tenant = setup.tenants.tenant(id)
  if (tenant === undefined) return { answer: counted(setup, 'unknown-tenant') }
  const carrier = carriers.get(name)
  const secrets = secretsOf(tenant.config.carriers, name)
  if (carrier === undefined || secrets === null) return { answer: counted(setup, 'unknown-carrier') }
  if (request.method !== 'POST' && request.method !== 'GET')
    return { answer: counted(setup, 'method-not-allowed') }
  if (!(await setup.admission.signal(setup.addresses(request))))
    return { answer: counted(setup, 'too-many-requests') }
  return { carrier, tenant, secrets }
}

/** What a request without a right proof is told: whoever guesses on is told to wait, and not whether it came closer. */
async function unproven(
  { admission, addresses }: CarrierRoutesSetup,
  request: Request,
  problem: ProblemCode,
): Promise<ProblemCode> {
  return (await admission.failed(addresses(request))) ? problem : 'too-many-requests'
}

function counted(setup: CarrierRoutesSetup, code: ProblemCode): Answer {
  setup.metrics.add('ringtrail_refused_total', [code])
  return refusal(code)
}

function refuse(
  setup: CarrierRoutesSetup,
  carrier: Carrier,
  asked: CarrierRequest,
  problem: ProblemCode,
): Answer {
  setup.metrics.add('ringtrail_refused_total', [problem])
  return carrier.answer(asked, { problem })
}

function secretsOf(configured: ConfiguredSecrets, carrier: string): CarrierSecrets | null {
  if (carrier === 'generic' && configured.generic !== null) {
    const { secrets, bearers } = configured.generic
    return { secrets: secrets.map(one => one.reveal()), bearers: bearers.map(one => one.reveal()) }
  }
  if (carrier === 'twilio' && configured.twilio !== null) {
    return { secrets: configured.twilio.authTokens.map(one => one.reveal()), bearers: [] }
  }
  return null
}

function toCarrierRequest(setup: CarrierRoutesSetup, request: Request): CarrierRequest {
  const { method, query, headers, body, path } = request
  const base = setup.publicUrl ?? `http://${headers.get('host') ?? 'localhost'}`
  return {
    method,
    query,
    headers,
    body,
    url: `${base}${path}${query === '' ? '' : `?${query}`}`,
    receivedAt: setup.clock(),
  }
}

/** Signals of one body are taken together: each leaves for the log at once, answers come back in their order. */
function takeAll(
  setup: CarrierRoutesSetup,
  tenant: Tenant,
  carrier: Carrier,
  translation: Translation,
): Promise<(SignalAnswer | Refused)[]> {
  return Promise.all(
    translation.signals.map(signal =>
      isRefused(signal)
        ? Promise.resolve(noted(setup, signal))
        : new Promise<SignalAnswer | Refused>(resolve =>
            setup.calls.take(tenant, carrier.name, signal, resolve),
          ),
    ),
  )
}

/** An element or a frame that never becomes a signal is a refusal too. */
function noted(setup: CarrierRoutesSetup, refused: Refused): Refused {
  setup.metrics.add('ringtrail_refused_total', [refused.problem])
  return refused
}

/** What a carrier's socket carries. */
export type CarrierSocket = { readonly tenant: Tenant; open: boolean; waiting: number }

/** `WS /v1/calls/{tenant}`: the generic signals and answers as frames; the bearer is asked once, at the upgrade. */
function streamRoute(setup: CarrierRoutesSetup): SocketRoute<CarrierSocket> {
  let open = 0
  setup.metrics.set('ringtrail_sockets', ['carrier'], open)
  return {
    idleTimeoutSeconds: 120,
    frameBytesMax: limits.frameBytesMax,
    backpressureBytesMax: limits.carrierBackpressureBytesMax,
    admit: async request => {
      const [, , , id = ''] = request.path.split('/')
      const found = await admitted(setup, request, generic.name, id)
      if ('answer' in found) return found
      const problem = verifyBearer(request, found.secrets.bearers)
      return problem === null
        ? { data: { tenant: found.tenant, open: true, waiting: 0 } }
        : { answer: counted(setup, await unproven(setup, request, problem)) }
    },
    open: () => {
      open += 1
      setup.metrics.set('ringtrail_sockets', ['carrier'], open)
    },
    frame: (socket, text) => onFrame(setup, socket, text),
    tooLarge: () => void noted(setup, { problem: 'too-large' }),
    closed: (socket, code) => {
      open -= 1
      setup.metrics.set('ringtrail_sockets', ['carrier'], open)
      setup.metrics.add('ringtrail_sockets_closed_total', [closeReason(code)])
      socket.getUserData().open = false
    },
  }
}

function onFrame(setup: CarrierRoutesSetup, socket: Socket<CarrierSocket>, text: string | null): void {
  const data = socket.getUserData()
  if (text === null) {
    noted(setup, { problem: 'not-text' })
    return void socket.end(1003, 'not-text')
  }
  if (data.waiting >= limits.signalsPerSocketInFlightMax)
    return send(socket, errorBody(noted(setup, { problem: 'overloaded' }).problem))
  const signal = parseText(text)
  if (isRefused(signal)) return send(socket, errorBody(noted(setup, signal).problem))
  data.waiting += 1
  setup.calls.take(data.tenant, generic.name, signal, answer => {
    data.waiting -= 1
    send(socket, isRefused(answer) ? { ...errorBody(answer.problem), call: signal.call } : answer)
  })
}

function parseText(text: string): ReturnType<typeof parseSignal> {
  try {
    return parseSignal(JSON.parse(text))
  } catch {
    return { problem: 'not-json' }
  }
}

function send(socket: Socket<CarrierSocket>, value: object): void {
  if (!socket.getUserData().open) return
  socket.cork(() => void socket.send(JSON.stringify(value), false))
}
