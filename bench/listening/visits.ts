import WebSocket from 'ws'
import { limits } from '../../core/limits.ts'
import { origin, siteKey, type System } from '../system.ts'
import { canaries } from './canaries.ts'
import type { Ear } from './ear.ts'

/** Visitors who bring canaries in every field, rightly and wrongly; what they are told when it was wrong is heard. */

/** What came out of it: sessions and numbers that were given, which nobody may hear either. */
export type Traffic = { readonly ear: Ear; readonly ids: string[]; b: string }

/** The site that lets no bots in and wants a yes. */
export const strictKey = 'pk_strict'

const person = `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 ${canaries.userAgent}`

export const headers = {
  'user-agent': canaries.userAgent,
  'x-forwarded-for': `${canaries.ipv6}, ${canaries.ipv4}`,
  forwarded: `for=${canaries.ipv4}`,
  referer: `${origin}${canaries.path}`,
  cookie: `id=${canaries.cookie}`,
}

const url = `${origin}${canaries.path}?q=${canaries.query}&gclid=${canaries.click}&mail=${encodeURIComponent(canaries.email)}&utm_source=${encodeURIComponent(canaries.phone)}`
const page = {
  url,
  referrer: `https://duckduckgo.com/?q=${canaries.query}`,
  title: canaries.title,
  name: canaries.title,
}
const ids = { gclid: canaries.click, ecid: canaries.cookie }
const fields = { name: canaries.name, tel: canaries.entered, mail: canaries.email, street: canaries.street }
const signals = { gpc: false, tcf: canaries.click, gpp: canaries.cookie }
const hello = { type: 'hello', visitor: canaries.visitor, tab: canaries.tab, page, ids, consent: 'granted' }

const right: readonly object[] = [
  { type: 'page', id: 2, ...page },
  { type: 'engagement', id: 3, action: 'submit', element: canaries.name, number: canaries.entered, fields },
  { type: 'engagement', id: 4, action: 'click', element: canaries.title, number: canaries.phone },
  { type: 'beat' },
]

const wrong: readonly string[] = [
  JSON.stringify({ type: 'page', id: canaries.phone, ...page }),
  JSON.stringify({ type: 'page', id: 4, url, [canaries.email]: canaries.name }),
  JSON.stringify({ type: canaries.phone }),
  JSON.stringify({ ...hello, visitor: canaries.email }),
  JSON.stringify({ ...hello, consent: canaries.name }),
  JSON.stringify({ ...hello, signals: { gpc: canaries.phone } }),
  JSON.stringify({ type: 'engagement', id: 5, action: canaries.street, fields }),
  JSON.stringify({ type: 'engagement', id: 6, action: 'click', fields: canaries.email }),
  `{"type":"page","id":7,"url":"${url}`,
  canaries.email,
]

type Frame = { type: string; session?: string; numbers?: { e164: string }[] }

/** A visitor's socket: `told` waits for so many frames, or for the end; each error and the end are heard. */
async function openVisit(system: System, traffic: Traffic, site = siteKey, more: object = {}) {
  const address = `ws://127.0.0.1:${system.publicPort}/v1/visit?site=${site}`
  const socket = new WebSocket(address, { headers: { origin, ...headers, ...more } })
  let [frames, isOver] = [0, false]
  let heard: () => void = () => undefined
  socket.on('message', data => {
    frames += 1
    const frame = JSON.parse(String(data)) as Frame
    if (frame.type === 'error') traffic.ear.add('an error frame', String(data))
    if (frame.session) traffic.ids.push(frame.session)
    traffic.b = frame.numbers?.[0]?.e164 ?? traffic.b
    heard()
  })
  socket.on('error', () => undefined)
  socket.on('close', (code, reason) => {
    isOver = true
    traffic.ear.add('the end of a socket', `closed ${code} ${reason}`)
    heard()
  })
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve())
    socket.once('error', reject)
  })
  const told = (count: number) =>
    new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`told ${frames} of ${count}`)), 20_000)
      heard = () => {
        if (frames < count && !isOver) return
        clearTimeout(timer)
        resolve()
      }
      heard()
    })
  const say = (...texts: (object | string | Buffer)[]) => {
    for (const text of texts)
      socket.send(typeof text === 'string' || text instanceof Buffer ? text : JSON.stringify(text))
  }
  return { say, told, close: () => socket.close() }
}

/** One visit with everything that can be in it. */
export async function visitWithCanaries(system: System, traffic: Traffic): Promise<void> {
  const visit = await openVisit(system, traffic)
  visit.say({ ...hello, signals }, ...right, ...wrong)
  // The welcome, three acknowledgements, and a refusal of each that is wrong.
  await visit.told(4 + wrong.length)
  visit.say({ type: 'bye' })
  visit.close()
}

/** Says hello and hears what becomes of it, whatever that is. */
export async function helloWithCanaries(system: System, traffic: Traffic, more: object = {}): Promise<void> {
  const visit = await openVisit(system, traffic)
  visit.say({ ...hello, ...more })
  await visit.told(1)
  visit.close()
}

/** Frames that end the socket, come too soon or too often; words of consent; a site with stricter rules. */
export async function strangeVisits(system: System, traffic: Traffic): Promise<void> {
  const one = async (count: number, ...texts: (object | string | Buffer)[]) => {
    const visit = await openVisit(system, traffic)
    visit.say(...texts)
    await visit.told(count)
    visit.close()
  }
  await one(1, right[0] ?? {})
  await one(9, Buffer.from(canaries.phone))
  await one(9, JSON.stringify({ ...hello, page: { ...page, title: canaries.name.repeat(1_000) } }))
  await one(
    limits.framesPerSocketPerSecondMax + 2,
    hello,
    ...new Array(limits.framesPerSocketPerSecondMax + 1).fill(right[0]),
  )
  await one(1, hello, { ...hello, consent: 'denied' })
  const strict = await openVisit(system, traffic, strictKey, { 'sec-gpc': '1', 'user-agent': person })
  strict.say({ ...hello, consent: 'unknown', signals: { gpc: true, tcf: canaries.click } }, ...right)
  await strict.told(4)
  strict.close()
}

/** What of a visit goes over HTTP: beacons, and upgrades that are refused. */
export async function beaconsWithCanaries({ publicPort: port }: System, { ear }: Traffic): Promise<void> {
  const beacon = (site: string, body: string, more: object = {}) =>
    ear.send('a beacon', {
      ...{ port, method: 'POST', path: `/v1/visit?site=${encodeURIComponent(site)}`, body },
      headers: { origin, ...headers, ...more },
    })
  const upgrade = { connection: 'upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' }
  const bodies: readonly (readonly [body: string, headers?: object])[] = [
    [JSON.stringify([hello, ...right, { type: 'bye' }])],
    [JSON.stringify([right[0]])],
    [JSON.stringify(canaries.email)],
    [`[{"type":"${canaries.phone}`],
    [''],
    [JSON.stringify(new Array(limits.framesPerBeaconMax + 1).fill(hello))],
    [JSON.stringify(hello), { origin: `https://${canaries.ipv4}` }],
  ]
  for (const [body, more] of bodies) await beacon(siteKey, body, more)
  await beacon(canaries.email, JSON.stringify([hello]))
  await beacon(strictKey, JSON.stringify([hello]), { 'user-agent': `Googlebot ${canaries.userAgent}` })
  const path = `/v1/visit?site=${siteKey}`
  const origins = [`https://${canaries.ipv4}`, canaries.email]
  for (const one of origins)
    await ear.send('an upgrade', {
      port,
      path,
      headers: { ...upgrade, 'sec-websocket-key': `${'x'.repeat(22)}==`, ...headers, origin: one },
    })
  for (const method of ['GET', 'PUT'])
    await ear.send('a beacon', { port, method, path, headers: { origin, ...headers } })
  await ear.send('an unknown path', {
    ...{ port, method: 'POST', body: canaries.name, headers },
    path: `${canaries.path}?phone=${encodeURIComponent(canaries.phone)}`,
  })
}
