import { once } from 'node:events'
import WebSocket from 'ws'
import { bearer, origin, type System } from '../system.ts'
import type { Mark } from './markers.ts'

/** On which occasions people bring something: each brings a value in every personal field that it can have. */

export const site = 'pk_acme'
const tenant = 'acme'

function headers(mark: Mark): Record<string, string> {
  return { origin, 'user-agent': mark('session.userAgent'), 'x-forwarded-for': mark('session.ipAddress') }
}

function page(mark: Mark) {
  return {
    url: `${origin}/${mark('page-view.url')}`,
    // A search engine that is known: what was typed is read from there, and sealed as a field of its own.
    referrer: `https://duckduckgo.com/?q=${mark('page-view.searchPhrase')}&t=${mark('page-view.referrer')}`,
    title: mark('page-view.title'),
    name: mark('page-view.name'),
  }
}

function framesOf(mark: Mark, visitor: string): readonly object[] {
  const ids = { gclid: mark('session.ids.*'), ecid: mark('session.ids.*') }
  const fields = {
    name: mark('engagement.fields.*'),
    tel: mark('engagement.fields.*', 'phone'),
    mail: mark('engagement.fields.*', 'mail'),
  }
  const signals = { gpc: false, tcf: mark('session.tcf'), gpp: mark('session.gpp') }
  return [
    { type: 'hello', visitor, consent: 'granted', ids, signals, page: page(mark) },
    { type: 'page', id: 2, ...page(mark) },
    { type: 'engagement', id: 3, action: 'submit', element: mark('engagement.element'), fields },
  ]
}

type Told = {
  readonly type: string
  readonly session?: string
  readonly numbers?: { readonly e164: string }[]
}
export type Visited = { readonly session: string; readonly number: string }

export async function visitBySocket(system: System, mark: Mark, visitor: string): Promise<Visited> {
  const url = `ws://127.0.0.1:${system.publicPort}/v1/visit?site=${site}`
  const socket = new WebSocket(url, { headers: headers(mark) })
  const told: Told[] = []
  socket.on('message', data => void told.push(JSON.parse(String(data)) as Told))
  await once(socket, 'open')
  for (const frame of framesOf(mark, visitor)) socket.send(JSON.stringify(frame))
  while (told.length < 3) await once(socket, 'message')
  socket.close()
  return visited(told)
}

export async function visitByBeacon(system: System, mark: Mark, visitor: string): Promise<Visited> {
  const url = `http://127.0.0.1:${system.publicPort}/v1/visit?site=${site}`
  const body = JSON.stringify(framesOf(mark, visitor))
  const response = await fetch(url, { method: 'POST', headers: headers(mark), body })
  return visited((await response.json()) as Told[])
}

/** The log may have what follows before the welcome is answered: each comes when it is ready. */
function visited(told: readonly Told[]): Visited {
  const welcome = told.find(({ type }) => type === 'welcome')
  const acks = told.filter(({ type }) => type === 'ack')
  if (!welcome?.session || acks.length !== 2) throw new Error(`told ${JSON.stringify(told)}`)
  return { session: welcome.session, number: welcome.numbers?.[0]?.e164 ?? '' }
}

export type Rung = { readonly a: string; readonly text: string }

function signals(
  mark: Mark,
  call: string,
  b: string,
): { readonly a: string; readonly all: readonly object[] } {
  const [a, c] = [mark('call.a'), mark('call.c')]
  return { a, all: ['ring', 'end'].map(state => ({ call, state, a, b, c })) }
}

/** Resolves to the caller's number, and all that was answered. */
export async function callByWebhook(system: System, mark: Mark, call: string, b: string): Promise<Rung> {
  const { a, all } = signals(mark, call, b)
  const response = await fetch(`http://127.0.0.1:${system.publicPort}/v1/calls/generic/${tenant}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}` },
    body: JSON.stringify(all),
  })
  return { a, text: await response.text() }
}

export async function callByStream(system: System, mark: Mark, call: string, b: string): Promise<Rung> {
  const { a, all } = signals(mark, call, b)
  const url = `ws://127.0.0.1:${system.publicPort}/v1/calls/${tenant}`
  const socket = new WebSocket(url, { headers: { authorization: `Bearer ${bearer}` } })
  const told: string[] = []
  socket.on('message', data => void told.push(String(data)))
  await once(socket, 'open')
  for (const signal of all) socket.send(JSON.stringify(signal))
  while (told.length < all.length) await once(socket, 'message')
  socket.close()
  return { a, text: told.join('\n') }
}
