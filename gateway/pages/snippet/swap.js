// @ts-check
// The page's own words and ours: what was written where, so that it can be taken back.

import { cut, editsOf, rule } from './numbers.js'

/** Nothing that goes wrong here may reach the page. */
export const guard =
  act =>
  (...given) => {
    try {
      return act(...given)
    } catch {}
  }

/** Per node and attribute ('' is the text): [what the page wrote, what we wrote]. */
const memory = new WeakMap()
let writes = new WeakMap()
/** A new count of writes. */
export const recount = () => {
  writes = new WeakMap()
}
const own = (node, name, now) => {
  const kept = memory.get(node)?.[name]
  return kept?.[1] === now ? kept[0] : now
}
const write = (node, name, original, text) => {
  const now = name ? node.getAttribute(name) : node.data
  const kept = memory.get(node)
  if (kept || text !== original) memory.set(node, { ...kept, [name]: [original, text] })
  // Another script that writes the same node again and again wins.
  const times = (writes.get(node) || 0) + 1
  if (now === text || times > 50) return
  writes.set(node, times)
  if (name) node.setAttribute(name, text)
  else node.data = text
}

const swapTexts = nodes => {
  const originals = nodes.map(node => own(node, '', node.data))
  const text = originals.join('')
  if (!/\d/.test(text)) return
  const edges = originals.map((_, index) => originals.slice(0, index).join('').length)
  const edits = editsOf(rules, text, edges)
  nodes.forEach((node, index) => {
    const start = edges[index]
    write(node, '', originals[index], cut(text, edits, start, start + originals[index].length))
  })
}

const swapAttributes = element => {
  for (const name of ['href', 'aria-label', 'title']) {
    const now = element.getAttribute(name)
    if (!now || !/\d/.test(now)) continue
    const original = own(element, name, now)
    const link = name === 'href' && /^((?:tel|sms|callto):)([^;?]*)(.*)$/i.exec(original)
    if (name === 'href' && !link) continue
    write(
      element,
      name,
      original,
      link ? swapLink(link) : cut(original, editsOf(rules, original, [0]), 0, original.length),
    )
  }
}
const swapLink = link => {
  const [all, scheme, number, rest] = link
  const hit = rules.find(one => one.whole.test(decoded(number)))
  return hit ? scheme + hit.to.e164 + rest : all
}
/** A link that nobody can read (`tel:5%`) is left alone, and the page goes on. */
const decoded = text => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const inline = /^(span|b|strong|i|em|small|u|font|mark|bdi|bdo|abbr|sub|sup|wbr|nobr)$/i
const off =
  'head,script,style,noscript,template,textarea,input,select,iframe,[data-ringtrail=off],' +
  '[contenteditable]:not([contenteditable=false])'
const isUnder = node => {
  for (; node; node = node.parentNode || node.host) if (node.nodeType === 1 && node.matches(off)) return true
  return false
}

/** Texts that are read as one line are looked at together; whatever is no inline element parts them. */
const walk = (node, line) => {
  if (node.nodeType === 3) return void line.push(node)
  if (node.nodeType !== 1 && node.nodeType !== 11) return
  const parting = node.nodeType === 11 || !inline.test(node.nodeName)
  if (parting) swapTexts(line.splice(0))
  if (node.nodeType === 1) {
    if (node.matches(off)) return
    swapAttributes(node)
    if (node.shadowRoot) swapUnder(node.shadowRoot)
    else if (node.matches(':not(:defined)')) customElements.whenDefined(node.localName).then(() => soon(node))
  }
  for (let child = node.firstChild; child; child = child.nextSibling) walk(child, line)
  if (parting) swapTexts(line.splice(0))
}
const swapUnder = root => {
  watch(root)
  const line = []
  walk(root, line)
  swapTexts(line)
}

const watched = new WeakSet()
const watch = root => {
  if (root.nodeType === 1 || watched.has(root)) return
  watched.add(root)
  const attributeFilter = ['href', 'aria-label', 'title']
  watcher.observe(root, {
    subtree: true,
    childList: true,
    characterData: true,
    attributes: true,
    attributeFilter,
  })
}
const changed = records => {
  for (const { type, target, addedNodes } of records)
    for (const node of type === 'childList' ? addedNodes : [target]) soon(node)
}
const watcher = new MutationObserver(guard(changed))

/** What waits for the next frame. */
let waiting = new Set()
const soon = node => {
  while (node.parentNode && (node.nodeType === 3 || inline.test(node.nodeName))) node = node.parentNode
  if (!waiting.size) requestAnimationFrame(guard(swapWaiting))
  waiting.add(waiting.size < 200 ? node : document.documentElement)
}
const swapWaiting = () => {
  changed(watcher.takeRecords())
  const nodes = waiting
  waiting = new Set()
  for (const node of nodes) if (node.isConnected && !isUnder(node)) swapUnder(node)
  watcher.takeRecords() // our own writing
}

/** @type {any[]} */
export let shown = []
let rules = []
/** Numbers shown earlier → the page's own: a framework may have copied them elsewhere. */
const former = {}
let begun = false

export const show = numbers => {
  for (const one of shown) if (one.e164 !== one.replace) former[one.e164] = one.replace
  shown = numbers
  rules = numbers.filter(one => one.e164 !== one.replace).map(one => rule(one.replace, one))
  for (const e164 of Object.keys(former)) {
    const now = numbers.find(one => one.replace === former[e164]) || { e164: former[e164] }
    if (!numbers.some(one => one.e164 === e164)) rules.push(rule(e164, now))
  }
  if (begun) swap()
}
/** Once more over the whole page; the first time this starts the swapping. */
export const swap = () => {
  begun = true
  if (!rules.length) return
  watch(document)
  waiting.add(document.documentElement)
  swapWaiting()
}
