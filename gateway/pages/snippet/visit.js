// @ts-check
// What the visit says to the server, and what it keeps on the device.

import { guard, recount, show } from './swap.js'

const script = /** @type {HTMLScriptElement} */ (
  document.currentScript || document.querySelector('script[data-site]')
)
const asked = script.dataset
const source = script.src.split('?')[0]
const base = asked.server || (/^(.*)\/v1\/[^/]*$/.exec(source) || [0, new URL(source).origin])[1]
const address = `${String(base).replace(/\/$/, '')}/v1/visit?site=${encodeURIComponent(asked.site || '')}${navigator.webdriver ? '&webdriver=1' : ''}`
const targets = asked.targets?.split(/[\s,]+/).filter(Boolean)

// What is kept on the device: the ids of visitor and session, and only where the server gave a session.
/** @returns {Storage} */
const store = area => (area === 'local' ? localStorage : sessionStorage)
const keep = (area, value) => {
  try {
    if (value === undefined) return store(area).getItem(key) || ''
    if (value) store(area).setItem(key, value)
    else store(area).removeItem(key)
  } catch {}
  return ''
}
const key = `ringtrail.${asked.site}`
export const random = () =>
  btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .slice(0, 22)
export const forget = () => {
  keep('local', '')
  keep('session', '')
}

const given = /^(granted|denied)$/.test(asked.consent || '') ? asked.consent : 'unknown'
const before = /^[\w-]{22}$/.test(keep('local')) ? keep('local') : ''
if (given === 'denied') forget()

export const clip = (text, most) => String(text).slice(0, most)
const tab = random()
let lastId = 0
export const nextId = () => ++lastId
export const view = referrer => ({
  id: nextId(),
  url: clip(location.href, 4096),
  referrer: clip(referrer, 4096),
  title: clip(document.title, 512),
})
const first = view(document.referrer)
export const visit = {
  consent: given,
  /** @type {{ gpc?: boolean, tcf?: string }} What the browser and the consent dialogue say. */
  signals: /** @type {any} */ (navigator).globalPrivacyControl ? { gpc: true } : {},
  /** Nothing is noted: the visit may not be followed. */
  quiet: given === 'denied',
  // With a no, an id from before is sent once more: it says whose data ends.
  visitor: before || (given === 'denied' ? '' : random()),
  before,
  current: first,
  /** The page of a hello. Its id is lower than that of any event still waiting, or those would count as repeats. */
  landing: first,
  /** Events without an acknowledgement: with hello and bye they fit into one beacon of 64 frames. */
  queue: [],
  away: false,
}
const hello = () => {
  // Others' cookies are read only where somebody said yes, or the server did: it gave a session.
  const mayRead = visit.consent === 'granted' || (followed && !visit.quiet)
  const ga = /(?:^|; )_ga=GA\d\.\d\.([^;]+)/.exec(mayRead ? document.cookie : '')
  const ids = ga ? { ga_client_id: clip(ga[1], 512) } : undefined
  const session = visit.quiet ? '' : keep('session')
  const { landing, visitor, consent, signals } = visit
  const { country } = asked
  return { type: 'hello', page: landing, visitor, session, tab, consent, signals, ids, targets, country }
}

let sent = 0
const queueMax = 62
const inFlightMax = 32
export const note = frame => {
  if (visit.quiet) return
  if (visit.queue.push(frame) > queueMax) {
    visit.queue.shift()
    sent = Math.max(0, sent - 1)
  }
  pump()
}
const pump = () => {
  while (welcomed && sent < Math.min(visit.queue.length, inFlightMax)) send(visit.queue[sent++])
}
const settle = id => {
  const index = visit.queue.findIndex(frame => frame.id === id)
  if (index < 0) return
  const [{ type, ...page }] = visit.queue.splice(index, 1)
  if (index < sent) sent--
  if (type === 'page') visit.landing = page
  pump()
}
let mailed = 0
/** By beacon what was not acknowledged, and a no that nobody heard; each once. */
export const mail = () => {
  const unheard = visit.consent === 'denied' && visit.visitor
  const last = visit.queue.length ? visit.queue[visit.queue.length - 1].id : 0
  if ((last === mailed || !last) && !unheard) return false
  const frames = [{ ...hello(), targets: [] }, ...visit.queue, { type: 'bye' }]
  if (!navigator.sendBeacon(address, JSON.stringify(frames))) return false
  mailed = last
  if (unheard) visit.visitor = ''
  return true
}

let socket = null
let welcomed = false
let followed = false
let attempt = 0
let retry = 0
let beating = 0
export const send = frame => socket?.readyState === 1 && socket.send(JSON.stringify(frame))
export const greet = () => {
  welcomed = false
  send(hello())
}
export const connect = () => {
  if (socket || visit.away) return
  clearTimeout(retry)
  const mine = new WebSocket(address.replace(/^http/, 'ws'))
  socket = mine
  mine.onopen = guard(greet)
  mine.onmessage = guard(event => mine === socket && receive(JSON.parse(event.data)))
  mine.onclose = guard(event => mine === socket && lost(event.code === 1012 ? 5000 : 1000))
}
export const drop = () => {
  const mine = socket
  socket = null
  welcomed = false
  clearInterval(beating)
  clearTimeout(retry)
  mine?.close()
}
/** A gateway that restarts (1012) loses all its pages at once: they come back spread over a longer while. */
const lost = (first = 1000) => {
  drop()
  const most = Math.min(30000, first * 2 ** attempt++)
  retry = setTimeout(guard(connect), 500 + Math.random() * (most - 500))
}

const later = /^(overloaded|no-room|log-unavailable|partition-stopped|too-many-requests)$/
const receive = message => {
  const { type, id, code } = message
  if (type === 'welcome') welcome(message)
  if (type === 'numbers' && !visit.quiet) show(message.numbers)
  if (type === 'ack' || (type === 'error' && id && !later.test(code) && code !== 'not-now')) settle(id)
  // A hello that was not taken is said again after a while; after `not-now` the welcome follows by itself.
  if (type === 'error' && !id && !welcomed && later.test(code)) lost()
}
const welcome = message => {
  // The answer to an earlier hello, overtaken by a no.
  if (message.session && visit.consent === 'denied') return
  attempt = 0
  welcomed = true
  visit.quiet = !message.session && visit.consent !== 'granted'
  if (visit.quiet) visit.queue = []
  if (message.forget) {
    forget()
    visit.visitor = ''
  }
  clearInterval(beating)
  followed = !!message.session
  if (message.session) {
    visit.visitor = message.visitor
    keep('local', message.visitor)
    keep('session', message.session)
    beating = setInterval(guard(beat), message.heartbeatMs)
  }
  show(message.numbers)
  sent = 0
  pump()
}
/** The oldest event at the last beat: if it still waits at the next, all are sent again. */
let oldest
const beat = () => {
  recount()
  if (oldest && oldest === visit.queue[0]) sent = 0
  oldest = visit.queue[0]
  pump()
  send({ type: 'beat' })
}
