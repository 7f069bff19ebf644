// @ts-check
// What the demo's pages do besides: a button in a shadow root, a route, a form, and the words in "Your visit".
// None of it is needed for the numbers.

customElements.define(
  'call-button',
  class extends HTMLElement {
    connectedCallback() {
      const sheet = document.createElement('link')
      sheet.rel = 'stylesheet'
      sheet.href = 'style.css'
      const link = document.createElement('a')
      link.className = 'button'
      link.href = 'tel:+4578792222'
      link.textContent = 'Or ring 78-79-22-22'
      this.attachShadow({ mode: 'open' }).append(sheet, link)
    }
  },
)

const at = id => document.getElementById(id)

/** The offer has an address of its own, as in a site that is one page. */
const showRoute = () => {
  const offer = at('offer')
  if (offer) offer.hidden = !new URLSearchParams(location.search).has('offer')
}
at('offer-button')?.addEventListener('click', () => {
  history.pushState(null, '', '?offer=autumn')
  showRoute()
})
addEventListener('popstate', showRoute)
showRoute()

at('callback')?.addEventListener('submit', event => {
  event.preventDefault()
  const said = at('callback-said')
  if (said) said.hidden = false
})

const server = at('visit-origin')
if (server) server.textContent = location.origin

/** The snippet swaps the number in "Your visit" like any other; this says in words what it did. */
const number = at('visit-number')
const state = at('visit-state')
const own = number?.textContent
const say = () => {
  if (!number || !state) return
  state.textContent =
    number.textContent === own ? 'the page’s own: no number is lent to this visit' : 'lent to this visit'
}
if (number) new MutationObserver(say).observe(number, { characterData: true, subtree: true })
