import type { EndReason } from '../../core/input.ts'
import { problems } from '../../core/problems.ts'
import {
  type Carrier,
  type CarrierAnswers,
  type CarrierRequest,
  type CarrierResponse,
  type CarrierSignal,
  isRefused,
  type Refused,
  type Translation,
} from './carrier.ts'
import { refusal } from './refusal.ts'
import { parseMailTime } from './times.ts'
import { formOf, verifyTwilio } from './twilioSignature.ts'
import { callerOrNull } from './withheld.ts'

/**
 * Twilio. The voice webhook of a number is the ring, and its answer says where the call goes; the address of the
 * callbacks in that answer carries B, because what they report is the leg to C.
 */
export const twilio: Carrier = {
  name: 'twilio',
  signsUrl: true,
  verify: (request, secrets) => verifyTwilio(request, secrets.secrets),
  translate,
  answer,
}

const reasons: Readonly<Record<string, EndReason>> = {
  completed: 'completed',
  busy: 'busy',
  'no-answer': 'no-answer',
  failed: 'failed',
  canceled: 'canceled',
}

type Leg = {
  /** The incoming call, of which the leg to C is a child. */
  readonly call: string
  readonly isChild: boolean
  readonly isCallback: boolean
  readonly a: string | null
  readonly b: string
  readonly c: string | null
  readonly status: string
  readonly at: number | null
  readonly durationMs: number
}

function translate(request: CarrierRequest): Translation | Refused {
  if (request.method === 'POST' && request.body.length === 0) return { problem: 'empty-body' }
  const leg = readLeg(request)
  return leg ? { signals: signalsOf(leg), array: false, idempotencyKey: null } : { problem: 'not-valid' }
}

/** null: not a call of ours, or no B to be found. */
function readLeg(request: CarrierRequest): Leg | null {
  const form = formOf(request)
  const field = (name: string) => form.get(name) ?? ''
  const isChild = field('ParentCallSid') !== ''
  const call = isChild ? field('ParentCallSid') : field('CallSid')
  const b = isChild ? (new URLSearchParams(request.query).get('b') ?? '') : field('To')
  if (call === '' || b === '' || field('CallStatus') === '') return null
  return {
    call,
    isChild,
    isCallback: isChild || field('CallbackSource') !== '' || field('DialCallStatus') !== '',
    a: callerOrNull(field('From')),
    b,
    c: isChild ? field('To') || null : null,
    status: field('CallStatus'),
    at: parseMailTime(field('Timestamp')),
    durationMs: Number(/^\d{1,6}$/.exec(field('CallDuration'))?.[0] ?? 0) * 1_000,
  }
}

function signalsOf(leg: Leg): CarrierSignal[] {
  const reason = Object.hasOwn(reasons, leg.status) ? (reasons[leg.status] ?? null) : null
  if (reason !== null) return [...lostAnswer(leg), signal(leg, { state: 'end', reason })]
  // That C's telephone rings is nothing new: the call rang when its webhook came.
  if (!leg.isCallback) return [signal(leg, { state: 'ring' })]
  return leg.isChild && leg.status === 'in-progress' ? [signal(leg, { state: 'answer' })] : []
}

/** C has talked for a while, so C has answered: said again with the end, in case the callback of the answer was lost. */
function lostAnswer(leg: Leg): CarrierSignal[] {
  if (!leg.isChild || leg.status !== 'completed' || leg.at === null || leg.durationMs === 0) return []
  return [signal(leg, { state: 'answer', at: leg.at - leg.durationMs, derived: true })]
}

function signal(leg: Leg, said: Pick<CarrierSignal, 'state'> & Partial<CarrierSignal>): CarrierSignal {
  const { call, a, b, c, at } = leg
  return { call, a, b, c, at, reason: null, derived: false, ...said }
}

function answer(request: CarrierRequest, answers: CarrierAnswers): CarrierResponse {
  if (isRefused(answers)) return refusal(answers.problem)
  const said = answers.answers
  const refused = said.filter(isRefused).find(each => !isNoNews(each, request))
  if (refused) return putThrough(request, refused)
  const [first] = said
  if (first === undefined || isRefused(first) || isReport(request))
    return { status: 204, headers: [], body: '' }
  return twiml(first.forward === null ? '<Reject/>' : dial(first.forward, callbackUrl(request)))
}

/** Twilio hangs up on a refusal. Nobody is stranded because we could not note the call: who rings is put through. */
function putThrough(request: CarrierRequest, { problem, forward }: Refused): CarrierResponse {
  if (isReport(request) || forward == null) return refusal(problem)
  return twiml(dial(forward, callbackUrl(request)))
}

/** A callback tells what Twilio has told before in other words: the first stands, and nobody needs to act. */
function isNoNews(refused: Refused, request: CarrierRequest): boolean {
  return problems[refused.problem].status === 409 && isReport(request)
}

/** A report of what happened, as opposed to the question what should. */
function isReport(request: CarrierRequest): boolean {
  const translation = translate(request)
  if (isRefused(translation)) return false
  return !translation.signals.some(each => !isRefused(each) && each.state === 'ring')
}

/** Where the leg to C reports: the address that was called, with B. B is a tracking number and nobody's own. */
function callbackUrl(request: CarrierRequest): string {
  const address = request.url.split(/[?#]/, 1)[0] ?? ''
  return `${address}?b=${encodeURIComponent(formOf(request).get('To') ?? '')}`
}

/** `answerOnBridge`: the caller hears ringing, and pays nothing, until C answers. */
function dial(forward: string, callback: string): string {
  const report = `statusCallback="${escaped(callback)}" statusCallbackEvent="initiated ringing answered completed"`
  const number = `<Number ${report} statusCallbackMethod="POST">${escaped(forward)}</Number>`
  return `<Dial answerOnBridge="true">${number}</Dial>`
}

function twiml(verbs: string): CarrierResponse {
  return {
    status: 200,
    headers: [
      ['content-type', 'text/xml; charset=utf-8'],
      ['cache-control', 'no-store'],
    ],
    body: `<?xml version="1.0" encoding="UTF-8"?><Response>${verbs}</Response>`,
  }
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

/** Text that is safe between tags and quotes. Control characters have no place in XML, not even escaped. */
function escaped(text: string): string {
  return text
    .replace(/[\p{Cc}\uFFFE\uFFFF]/gu, '')
    .replace(/[&<>"']/g, character => entities[character] ?? '')
}
