import twilioPackage from 'twilio'
import WebSocket from 'ws'
import type { Link } from '../../config/nats.ts'
import { limits } from '../../core/limits.ts'
import { subjects } from '../../core/wire/subjects.ts'
import { secret, signed } from '../e2e/badInputsClient.ts'
import { bearer, origin, type System } from '../system.ts'
import { canaries } from './canaries.ts'
import { headers, type Traffic } from './visits.ts'

/** Carriers of every kind who bring canaries, rightly and wrongly, signed and not; what they are told is heard. */

export const authToken = 'auth-token-of-the-listener'
/** The carriers of the tenant that is called. */
export const carriers = { generic: { bearer, secrets: [secret] }, twilio: { authToken } }

const generic = '/v1/calls/generic/bench'
const authorized = { authorization: `Bearer ${bearer}` }
const minutes = (count: number) => new Date(Date.now() + count * 60_000).toISOString()

type Post = { readonly path?: string; readonly more?: object; readonly method?: string }

function poster({ publicPort: port }: System, { ear }: Traffic) {
  return (body: string, { path = generic, more = authorized, method = 'POST' }: Post = {}) =>
    ear.send(path.slice(0, 20), { port, method, path, body, headers: { ...headers, ...more } })
}

const ringOf = ({ b }: Traffic, name: string) => ({
  ...{ call: `${canaries.call}-${name}`, state: 'ring' },
  ...{ a: canaries.phone, b, c: canaries.foreign },
})

/** One call from its ring to its end, repeated, contradicted, and in every form that is none. */
export async function callWithCanaries(system: System, traffic: Traffic, name: string): Promise<void> {
  const send = poster(system, traffic)
  const ring = ringOf(traffic, name)
  for (const state of ['ring', 'answer', 'end']) await send(JSON.stringify({ ...ring, state }))
  await send(JSON.stringify({ ...ring, a: canaries.entered }))
  const wrong = [
    { ...ring, b: canaries.name },
    { ...ring, state: canaries.email },
    { ...ring, [canaries.email]: canaries.ipv4 },
    { ...ring, at: canaries.phone },
    { ...ring, at: minutes(60) },
    { ...ring, at: '2001-01-01T00:00:00Z', call: `${canaries.call}-old` },
    [ring, { ...ring, b: canaries.email }],
    [],
  ]
  for (const one of wrong) await send(JSON.stringify(one))
  for (const text of [`{"a":"${canaries.phone}`, '', canaries.name.repeat(20_000)]) await send(text)
  await send(JSON.stringify(new Array(limits.signalsPerBodyMax + 1).fill(ring)))
  await send(JSON.stringify(ring), { path: `/v1/calls/generic/${encodeURIComponent(canaries.email)}` })
  await send(JSON.stringify(ring), { path: '/v1/calls/canary/bench' })
  await send('', { method: 'PUT' })
}

/** Proofs that are none: of the bearer, of each signature, and stale; and those that are right. */
export async function proofsWithCanaries(system: System, traffic: Traffic, name: string): Promise<void> {
  const send = poster(system, traffic)
  const text = JSON.stringify(ringOf(traffic, name))
  const now = Date.now()
  const right = signed(text, now, canaries.call)
  const proofs: readonly object[] = [
    {},
    { authorization: canaries.phone },
    { authorization: `Bearer ${canaries.phone}` },
    right,
    signed(text, now - 3_600_000, canaries.call),
    { ...right, 'webhook-signature': `v1,${canaries.click}` },
    { ...right, 'webhook-timestamp': canaries.phone },
    { ...right, 'webhook-id': canaries.email },
  ]
  for (const more of proofs) await send(text, { more })
  const path = '/v1/calls/twilio/bench'
  const ring = {
    CallSid: `${canaries.call}-t-${name}`,
    From: canaries.phone,
    To: traffic.b,
    CallStatus: 'ringing',
  }
  const leg = { ...ring, CallSid: canaries.call, ParentCallSid: ring.CallSid, To: canaries.foreign }
  const callback = `${path}?b=${encodeURIComponent(traffic.b)}`
  const forms: readonly (readonly [path: string, form: Record<string, string>])[] = [
    [path, ring],
    [callback, { ...leg, CallStatus: 'in-progress', Timestamp: new Date().toUTCString() }],
    [callback, { ...leg, CallStatus: 'completed', CallDuration: '7', Timestamp: canaries.phone }],
    [path, { From: canaries.phone, Caller: canaries.name }],
    [path, { ...ring, To: canaries.name }],
  ]
  for (const [to, form] of forms) {
    const signature = twilioPackage.getExpectedTwilioSignature(authToken, `${origin}${to}`, form)
    const body = new URLSearchParams(form).toString()
    for (const one of [signature, canaries.click, ''])
      await send(body, { path: to, more: { 'x-twilio-signature': one } })
  }
  await send('', { path, more: { 'x-twilio-signature': canaries.click } })
}

/** A carrier's socket: right, wrong, and `flood` more signals at once than may be in flight. */
export async function streamWithCanaries(system: System, traffic: Traffic, flood: number): Promise<void> {
  const { publicPort: port } = system
  for (const authorization of [`Bearer ${canaries.phone}`, ''])
    await traffic.ear.send('a carrier’s upgrade', {
      ...{ port, path: '/v1/calls/bench' },
      headers: {
        ...{ connection: 'upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' },
        ...{ 'sec-websocket-key': `${'x'.repeat(22)}==`, ...headers, authorization },
      },
    })
  const socket = new WebSocket(`ws://127.0.0.1:${port}/v1/calls/bench`, {
    headers: { ...headers, ...authorized },
  })
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve())
    socket.once('error', reject)
  })
  const ring = ringOf(traffic, `stream-${flood}`)
  const texts = [{ ...ring }, { ...ring, b: canaries.name }, { ...ring, [canaries.email]: 1 }].map(one =>
    JSON.stringify(one),
  )
  texts.push(canaries.email, '{}', ...new Array<string>(flood).fill(JSON.stringify(ring)))
  let left = texts.length
  const closed = new Promise<void>(resolve => {
    socket.on('message', data => {
      const text = String(data)
      // A carrier is told which of its own calls it was.
      if (text.includes('"error"')) traffic.ear.add('a frame to a carrier', withoutCall(text))
      left -= 1
      if (left === 0) socket.send(Buffer.from(canaries.phone))
    })
    socket.once('close', (code, reason) => {
      traffic.ear.add('the end of a carrier’s socket', `closed ${code} ${reason}`)
      resolve()
    })
  })
  for (const text of texts) socket.send(text)
  await closed
}

function withoutCall(text: string): string {
  const { call: _, ...rest } = JSON.parse(text) as { call?: string }
  return JSON.stringify(rest)
}

/** Signals as requests over NATS. */
export async function natsSignalsWithCanaries(link: Link, traffic: Traffic): Promise<void> {
  const ring = ringOf(traffic, 'nats')
  const bodies = [
    ring,
    { ...ring, b: canaries.name },
    [ring, { ...ring, [canaries.email]: 1 }],
    canaries.phone,
  ]
  const texts = [...bodies.map(one => JSON.stringify(one)), `{"a":"${canaries.phone}`, '']
  for (const text of texts) {
    const answer = Buffer.from(
      await link.request(subjects.signals('bench'), Buffer.from(text), 5_000),
    ).toString()
    if (answer.includes('"error"')) traffic.ear.add('an answer over NATS', answer)
  }
  const stranger = await link.request(subjects.signals('nobody'), Buffer.from(JSON.stringify(ring)), 5_000)
  traffic.ear.add('an answer over NATS', Buffer.from(stranger).toString())
}
