// @ts-check
// What happens on the page, and the start.

import { guard, show, shown, swap } from './swap.js'
import { clip, connect, drop, forget, greet, mail, nextId, note, random, send, view, visit } from './visit.js'

const place = () => location.href.split('#')[0] + (/^#[!/]/.test(location.hash) ? location.hash : '')
let here = place()
let routing = 0
const page = () => {
  here = place()
  visit.current = view(visit.current.url)
  note({ type: 'page', ...visit.current })
}
const routed = () => {
  routing = 0
  if (place() !== here) page()
}
// Soon, not at once: routers set the title after the address, and often both push and replace.
const routes = guard(() => {
  routing = routing || setTimeout(guard(routed), 100)
})
/** @param {any} [about] */
const engagement = (action, about = {}) => {
  const { element, number, fields } = about
  if (!/^(click|close|submit)$/.test(action)) return
  const names = Object.keys(fields || {}).slice(0, 32)
  const most = Math.min(512, Math.floor(3500 / names.length)) // a frame holds 16 KiB, in any script
  const fitting = {}
  for (const name of names) fitting[clip(name, 40)] = clip(fields[name], most)
  note({
    type: 'engagement',
    id: nextId(),
    action,
    element: element && clip(element, 512),
    number: number && clip(number, 64),
    fields: fitting,
  })
}
const named = element => element.localName + (element.id && `#${element.id}`)
const clicked = event => {
  const link = event.composedPath().find(node => node.nodeType === 1 && node.hasAttribute('href'))
  const [scheme, number] = link ? link.getAttribute('href').split(/[:;?]/) : []
  const one =
    /^(tel|sms|callto)$/i.test(scheme) &&
    shown.find(({ e164, replace }) => e164 === number && e164 !== replace)
  if (one) engagement('click', { element: named(link), number })
}
/** A form is reported if it is marked, and of its fields those that are marked themselves. */
const submitted = ({ target }) => {
  if (!target.matches('form[data-ringtrail-form]')) return
  const fields = {}
  for (const field of target.elements)
    if (
      field.matches('[data-ringtrail-field]:not([type=password])') &&
      (!/^(radio|checkbox)$/.test(field.type) || field.checked)
    )
      fields[field.getAttribute('data-ringtrail-field') || field.name || field.id] = field.value
  engagement('submit', { element: named(target), fields })
}

const consented = answer => {
  if (!/^(granted|denied)$/.test(answer) || answer === visit.consent) return
  const wasQuiet = visit.quiet
  visit.consent = answer
  visit.quiet = answer === 'denied'
  if (visit.quiet) {
    forget()
    // Who was never followed has nothing that could end.
    if (wasQuiet && !visit.before) visit.visitor = ''
    visit.queue = []
    show([])
  } else {
    visit.visitor = visit.visitor || random()
  }
  greet()
  connect()
  if (wasQuiet && visit.current !== visit.landing) note({ type: 'page', ...visit.current })
}
/** The consent dialogue, where it speaks IAB's language: nothing waits for it, its word goes along when it comes. */
const heard = ({ tcString, eventStatus }, isGood) => {
  const { tcf } = visit.signals
  if (!isGood || eventStatus === 'cmpuishown' || !tcString || tcString === tcf || tcString.length > 4096)
    return
  visit.signals.tcf = tcString
  visit.visitor = visit.visitor || random()
  if (visit.quiet) visit.landing = visit.current
  greet()
}
const left = () => {
  routed()
  visit.away = true
  if (!mail()) send({ type: 'bye' })
  drop() // an open socket would keep the page out of the back-forward cache
}
const back = () => {
  visit.away = false
  connect()
}

const begin = () => {
  for (const name of ['pushState', 'replaceState']) {
    const original = history[name]
    history[name] = function (...given) {
      const result = original.apply(this, given)
      routes()
      return result
    }
  }
  for (const name of ['popstate', 'hashchange']) addEventListener(name, routes)
  addEventListener('pagehide', guard(left))
  addEventListener(
    'pageshow',
    guard(({ persisted }) => persisted && back()),
  )
  document.addEventListener(
    'visibilitychange',
    guard(() => document.hidden && mail()),
  )
  document.addEventListener('click', guard(clicked), true)
  document.addEventListener('submit', guard(submitted), true)
  // Frameworks compare the page with what the server sent until it has loaded.
  if (document.readyState === 'complete') swap()
  else
    for (const wait of [load => addEventListener('load', load), load => setTimeout(load, 3000)])
      wait(guard(swap))
  connect()
  const dialogue = /** @type {any} */ (window).__tcfapi
  dialogue?.('addEventListener', 2, guard(heard))
}

const api = {
  consent: guard(consented),
  engagement: guard(engagement),
  page: guard(page),
  swap: guard(swap),
}
Object.assign(window, { ringtrail: api })
// A page that is rendered ahead is no visit yet.
if ('prerendering' in document && document.prerendering)
  document.addEventListener('prerenderingchange', guard(begin), { once: true })
else guard(begin)()
