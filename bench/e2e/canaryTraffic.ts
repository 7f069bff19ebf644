import WebSocket from 'ws'
import { pack } from '../../config/pack.ts'
import { openLink } from '../../config/nats.ts'
import { subjects } from '../../core/wire/subjects.ts'
import type { LinkOptions } from '../../config/nats.ts'
import { bearer, origin, siteKey, type System } from '../system.ts'
import { generic } from './badInputsClient.ts'
import { canaries, type Heard } from './canaries.ts'

/** Visitors and callers who bring canaries in every field, rightly and wrongly, and what they are told when it was wrong. */

const headers = {
  origin,
  'user-agent': canaries.userAgent,
  'x-forwarded-for': `${canaries.ipv6}, ${canaries.ipv4}`,
  forwarded: `for=${canaries.ipv4}`,
  referer: `${origin}${canaries.path}`,
  cookie: `id=${canaries.cookie}`,
}

const url = `${origin}${canaries.path}?q=${canaries.query}&gclid=${canaries.click}&mail=${encodeURIComponent(canaries.email)}&utm_source=${encodeURIComponent(canaries.phone)}`
const page = {
  url,
  referrer: `https://search.example/?q=${canaries.query}`,
  title: canaries.title,
  name: canaries.title,
}
const ids = { gclid: canaries.click, ecid: canaries.cookie }
const fields = { name: canaries.name, tel: canaries.entered, mail: canaries.email, street: canaries.street }
const hello = { type: 'hello', visitor: canaries.visitor, tab: canaries.tab, page, ids, consent: 'granted' }

const right: readonly object[] = [
  { type: 'page', id: 2, ...page },
  { type: 'engagement', id: 3, action: 'submit', element: canaries.name, number: canaries.entered, fields },
  { type: 'beat' },
]

const wrong: readonly string[] = [
  JSON.stringify({ type: 'page', id: canaries.phone, ...page }),
  JSON.stringify({ type: 'page', id: 4, url, [canaries.email]: canaries.name }),
  JSON.stringify({ type: canaries.phone }),
  JSON.stringify({ ...hello, visitor: canaries.email }),
  JSON.stringify({ ...hello, consent: canaries.name }),
  JSON.stringify({ type: 'engagement', id: 5, action: canaries.street, fields }),
  JSON.stringify({ type: 'engagement', id: 6, action: 'click', fields: canaries.email }),
  `{"type":"page","id":7,"url":"${url}`,
  canaries.email,
]

export type Traffic = { readonly errors: Heard[]; readonly ids: string[]; b: string }

/** One visit with everything that can be in it; sessions and numbers that were given are remembered, errors are kept. */
export async function visitWithCanaries(system: System, traffic: Traffic): Promise<void> {
  const socket = new WebSocket(`ws://127.0.0.1:${system.publicPort}/v1/visit?site=${siteKey}`, { headers })
  let told = 0
  const told$ = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`told ${told} times`)), 20_000)
    socket.on('message', data => {
      told += 1
      const frame = JSON.parse(String(data)) as {
        type: string
        session?: string
        numbers?: { e164: string }[]
      }
      if (frame.type === 'error') traffic.errors.push({ source: 'an error frame', text: String(data) })
      if (frame.type === 'welcome' && frame.session) traffic.ids.push(frame.session)
      traffic.b = frame.numbers?.[0]?.e164 ?? traffic.b
      // The welcome, two acknowledgements, and a refusal of each that is wrong.
      if (told < 3 + wrong.length) return
      clearTimeout(timer)
      resolve()
    })
    socket.once('error', reject)
  })
  await new Promise(resolve => socket.once('open', resolve))
  for (const frame of [hello, ...right]) socket.send(JSON.stringify(frame))
  for (const text of wrong) socket.send(text)
  await told$
  socket.send('{"type":"bye"}')
  socket.close()
}

/** Everything over HTTP that is refused, and calls that are not. */
export async function callWithCanaries(system: System, traffic: Traffic, name: string): Promise<void> {
  const base = `http://127.0.0.1:${system.publicPort}`
  const send = async (path: string, body: string, more: object = { authorization: `Bearer ${bearer}` }) => {
    const { origin: _, ...forwarded } = headers
    const response = await fetch(base + path, { method: 'POST', headers: { ...forwarded, ...more }, body })
    const text = await response.text()
    if (response.status !== 200)
      traffic.errors.push({ source: `${response.status} of ${path.split('?')[0]?.slice(0, 20)}`, text })
    return text
  }
  const call = `${canaries.call}-${name}`
  const ring = { call, state: 'ring', a: canaries.phone, b: traffic.b, c: canaries.foreign }
  for (const state of ['ring', 'answer', 'end']) await send(generic, JSON.stringify({ ...ring, state }))
  // Another caller for the same call: a conflict. Then what no signal is.
  await send(generic, JSON.stringify({ ...ring, a: canaries.entered }))
  for (const bad of [
    { ...ring, b: canaries.name },
    { ...ring, state: canaries.email },
    { ...ring, [canaries.email]: canaries.ipv4 },
    { ...ring, at: canaries.phone },
  ])
    await send(generic, JSON.stringify(bad))
  await send(generic, `{"a":"${canaries.phone}`)
  await send(generic, JSON.stringify(ring), { authorization: `Bearer ${canaries.phone}` })
  await send(generic, JSON.stringify(ring), {
    'webhook-id': canaries.call,
    'webhook-timestamp': '1',
    'webhook-signature': `v1,${canaries.click}`,
  })
  const form = new URLSearchParams({
    CallSid: call,
    From: canaries.phone,
    To: traffic.b,
    CallStatus: 'ringing',
  }).toString()
  await send('/v1/calls/twilio/bench', form, { 'x-twilio-signature': canaries.click })
  await send(`/v1/calls/generic/${encodeURIComponent(canaries.email)}`, JSON.stringify(ring))
  await send(`/v1/visit?site=${encodeURIComponent(canaries.email)}`, JSON.stringify([hello]), { origin })
  await send(`/v1/visit?site=${siteKey}`, JSON.stringify([hello]), { origin: `https://${canaries.ipv4}` })
  await send(`/v1/visit?site=${siteKey}`, JSON.stringify([right[0]]), { origin })
  await send(`${canaries.path}?phone=${encodeURIComponent(canaries.phone)}`, canaries.name)
}

/** Entries that no gateway writes, with canaries in them: undecodable, and decodable but nonsense. */
export async function poisonWithCanaries(options: LinkOptions): Promise<void> {
  const link = await openLink(options)
  const message = { version: 1, producer: canaries.click, lane: 'visit', replyTo: '' }
  const clear = {
    kind: 'hello',
    tenant: 'bench',
    site: siteKey,
    visitor: canaries.visitor,
    freshSession: canaries.tab,
    tab: canaries.tab,
  }
  const bodies = [
    Buffer.from(`${canaries.phone} ${canaries.email}`),
    pack({ ...message, version: 99, counter: 1, events: [canaries.name] }),
    pack({ ...message, counter: 2, events: [{ clear: { kind: canaries.email }, personal: null }] }),
    pack({
      ...message,
      counter: 3,
      events: [{ clear: { ...clear, page: null, targets: 5 }, personal: null }],
    }),
  ]
  for (const [at, body] of bodies.entries())
    await link.store(subjects.log(0), body, `poison-${Date.now()}-${at}`, 5_000)
  await link.close()
}
