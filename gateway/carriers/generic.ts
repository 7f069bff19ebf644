import { Compile } from 'typebox/compile'
import { limits } from '../../core/limits.ts'
import type { ProblemCode } from '../../core/problems.ts'
import { type GenericSignal, genericSignal } from '../../core/wire/signal.ts'
import {
  type Carrier,
  type CarrierAnswers,
  type CarrierRequest,
  type CarrierResponse,
  type CarrierSecrets,
  type CarrierSignal,
  isRefused,
  type Refused,
  type Translation,
} from './carrier.ts'
import { anyEqual } from './constantTime.ts'
import { errorBody, jsonHeaders, refusal } from './refusal.ts'
import { verifySignature } from './standardWebhooks.ts'
import { parseIsoTime } from './times.ts'
import { callerOrNull } from './withheld.ts'

/** Any telephony system that can send JSON. Whatever the content type says, the body is read as JSON. */
export const generic: Carrier = { name: 'generic', signsUrl: false, verify, translate, answer }

const shape = Compile(genericSignal)
const text = new TextDecoder('utf-8', { fatal: true })

/** Signed (Standard Webhooks), or with a bearer. A request that offers a signature is judged by it alone. */
function verify(request: CarrierRequest, { secrets, bearers }: CarrierSecrets): ProblemCode | null {
  const offersSignature = request.headers.has('webhook-signature') && secrets.length > 0
  if (offersSignature) return verifySignature(request, secrets)
  if (bearers.length === 0 && secrets.length > 0) return 'signature-mismatch'
  return verifyBearer(request, bearers)
}

/** `Authorization: Bearer …`, compared in constant time. Without a bearer in the configuration nobody gets in. */
export function verifyBearer(
  request: Pick<CarrierRequest, 'headers'>,
  bearers: readonly string[],
): ProblemCode | null {
  const offered = /^Bearer +(\S+) *$/i.exec(request.headers.get('authorization') ?? '')?.[1]
  return offered !== undefined && anyEqual([offered], bearers) ? null : 'bearer-missing'
}

function translate(request: CarrierRequest): Translation | Refused {
  if (request.body.length === 0) return { problem: 'empty-body' }
  const message = parsedJson(request.body)
  if (message === undefined) return { problem: 'not-json' }
  const array = Array.isArray(message)
  const elements: readonly unknown[] = array ? message : [message]
  if (elements.length === 0) return { problem: 'empty-body' }
  if (elements.length > limits.signalsPerBodyMax) return { problem: 'too-large' }
  return { signals: elements.map(parseSignal), array, idempotencyKey: idempotencyKey(request) }
}

function parsedJson(body: Buffer): unknown {
  try {
    return JSON.parse(text.decode(body))
  } catch {
    return undefined
  }
}

function idempotencyKey(request: CarrierRequest): string | null {
  const id = request.headers.get('webhook-id') ?? ''
  return id === '' || id.length > limits.idCharsMax ? null : id
}

/** One signal in the documented shape, as it also arrives over WebSocket and NATS; or what is wrong with it. */
export function parseSignal(value: unknown): CarrierSignal | Refused {
  if (!shape.Check(value)) return { problem: whatIsWrong(value) }
  const at = value.at === undefined ? null : parseIsoTime(value.at)
  if (value.at !== undefined && at === null) return { problem: 'not-valid' }
  return toSignal(value, at)
}

function toSignal(signal: GenericSignal, at: number | null): CarrierSignal {
  return {
    call: signal.call,
    state: signal.state,
    a: callerOrNull(signal.a),
    b: signal.b,
    c: signal.c ?? null,
    at,
    reason: signal.reason ?? null,
    derived: false,
  }
}

function whatIsWrong(value: unknown): ProblemCode {
  const strange = shape.Errors(value).some(error => error.keyword === 'additionalProperties')
  return strange ? 'unknown-field' : 'not-valid'
}

function answer(_request: CarrierRequest, answers: CarrierAnswers): CarrierResponse {
  if (isRefused(answers)) return refusal(answers.problem)
  const [first] = answers.answers
  if (!answers.array && first !== undefined && isRefused(first)) return refusal(first.problem)
  const bodies = answers.answers.map(each => (isRefused(each) ? errorBody(each.problem) : each))
  return { status: 200, headers: jsonHeaders, body: JSON.stringify(answers.array ? bodies : bodies[0]) }
}
