import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { ClientFrame } from '../../core/wire/visitor.ts'
import { askedElsewhere, openBrowser } from './browser.ts'
import { lent, openStandIn, politely, type StandIn, silentWelcome, welcomeTo } from './standIn.ts'

let browser: Browser
let standIn: StandIn
let page: Page
let thrown: Error[]

beforeAll(async () => {
  browser = await openBrowser()
})
afterAll(() => browser?.close())

beforeEach(async () => {
  standIn = await openStandIn()
  thrown = []
  page = await (await browser.newContext()).newPage()
  page.on('pageerror', error => thrown.push(error))
})
afterEach(async () => {
  await page.context().close()
  await standIn.stop()
  expect(thrown).toEqual([])
  expect(askedElsewhere()).toEqual([])
})

const probe = '<p id="probe">+45 78 79 22 22</p>'
const open = async (body = '', script?: string) => {
  standIn.body = body + probe
  if (script !== undefined) standIn.script = script
  await page.goto(standIn.origin)
}
const probeShows = (text: string) =>
  page.locator('#probe', { hasText: new RegExp(`^${text.replace('+', '\\+')}$`) }).waitFor()
const isSwapped = () => probeShows('+45 70 00 00 01')
const isOwn = () => probeShows('+45 78 79 22 22')
const html = (selector: string) => page.locator(selector).evaluate(element => element.innerHTML)
const soon = (check: () => void) => vi.waitFor(check, { timeout: 10_000, interval: 20 })
const framesOf = <Type extends ClientFrame['type']>(type: Type) =>
  standIn.frames.filter((frame): frame is Extract<ClientFrame, { type: Type }> => frame.type === type)

describe('swapping, with a stand-in for the gateway', () => {
  test.each([
    ['a link', '<a href="tel:+4578792222">78 79 22 22</a>', '<a href="tel:+4570000001">70 00 00 01</a>'],
    ['a national link', '<a href="tel:78-79-22-22">Ring</a>', '<a href="tel:+4570000001">Ring</a>'],
    [
      'a link as it is written in URLs',
      '<a href="tel:%2B45%2078792222">Ring</a>',
      '<a href="tel:+4570000001">Ring</a>',
    ],
    [
      'a text message',
      '<a href="sms:+4578792222?body=Hi">Write</a>',
      '<a href="sms:+4570000001?body=Hi">Write</a>',
    ],
    ['an extension', '<a href="tel:+4578792222;ext=4">Ring</a>', '<a href="tel:+4570000001;ext=4">Ring</a>'],
    [
      'labels',
      '<a aria-label="Ring 78792222" title="78 79 22 22">R</a>',
      '<a aria-label="Ring 70000001" title="70 00 00 01">R</a>',
    ],
    ['inline parts', '<b>+45</b> 78 79 <i>22 22</i>', '<b>+45</b> 70 00 <i>00 01</i>'],
    ['a link that nobody can read', '<a href="tel:5%">Ring</a>', '<a href="tel:5%">Ring</a>'],
    ['an order number', '1787922225', '1787922225'],
    ['a link elsewhere', '<a href="/78792222">x</a>', '<a href="/78792222">x</a>'],
    [
      'a part that is off',
      '<i data-ringtrail="off">78 79 22 22</i>',
      '<i data-ringtrail="off">78 79 22 22</i>',
    ],
    ['what people edit', '<i contenteditable="">78 79 22 22</i>', '<i contenteditable="">78 79 22 22</i>'],
    ['a text area', '<textarea>78 79 22 22</textarea>', '<textarea>78 79 22 22</textarea>'],
    [
      'cells side by side',
      '<table><tbody><tr><td>45</td><td>78792222</td></tr></tbody></table>',
      '<table><tbody><tr><td>45</td><td>70000001</td></tr></tbody></table>',
    ],
  ])('%s', async (_, written, shown) => {
    await open(`<div id="it">${written}</div>`)
    await isSwapped()
    expect(await html('#it')).toBe(shown)
  })

  test('data for search engines and fields stay as they are', async () => {
    const data = '{"telephone":"+45 78 79 22 22"}'
    await open(
      `<script id="data" type="application/ld+json">${data}</script><input id="field" value="78 79 22 22">`,
    )
    await isSwapped()
    expect(await html('#data')).toBe(data)
    expect(await page.inputValue('#field')).toBe('78 79 22 22')
  })

  test('open shadow roots are swapped, also of elements that are defined later', async () => {
    await open('<late-one></late-one>')
    await isSwapped()
    await page.evaluate(`customElements.define('late-one', class extends HTMLElement {
      connectedCallback() { this.attachShadow({ mode: 'open' }).innerHTML = '<a href="tel:+4578792222">78792222</a>' }
    })`)
    await page.locator('late-one a[href="tel:+4570000001"]', { hasText: '70000001' }).waitFor()
    await page.evaluate(
      `document.querySelector('late-one').shadowRoot.querySelector('a').textContent = '7879 2222'`,
    )
    await page.locator('late-one a', { hasText: '7000 0001' }).waitFor()
  })

  test('what the page adds or writes again is swapped, and its nodes stay the same ones', async () => {
    await open('<p id="it">old</p>')
    await isSwapped()
    await page.evaluate(`const it = document.getElementById('it'); window.node = it.firstChild; window.node.data = 'Ring 78 79 22 22'
      it.insertAdjacentHTML('afterend', '<p id="new"><span>+45</span> <span>78792222</span></p>')`)
    await page.locator('#it', { hasText: 'Ring 70 00 00 01' }).waitFor()
    await page.locator('#new', { hasText: '+45 70000001' }).waitFor()
    expect(await page.evaluate(`window.node === document.getElementById('it').firstChild`)).toBe(true)
  })

  test('another number replaces the first, also in copies that a framework made of it', async () => {
    await open('<p id="it">78.79.22.22</p>')
    await isSwapped()
    await page.evaluate(
      `document.body.insertAdjacentHTML('beforeend', '<p id="copy">' + document.getElementById('it').innerHTML + '</p>')`,
    )
    standIn.say({ type: 'numbers', numbers: [{ ...lent, e164: '+4570000002', display: '+45 70 00 00 02' }] })
    await probeShows('+45 70 00 00 02')
    expect([await html('#it'), await html('#copy')]).toEqual(['70.00.00.02', '70.00.00.02'])
  })

  test('the fallback brings back the page’s own words', async () => {
    await open('<p id="it"><a href="tel:7879%202222" title="7879-2222">78792222</a></p>')
    const before = '<a href="tel:7879%202222" title="7879-2222">78792222</a>'
    await isSwapped()
    expect(await html('#it')).not.toBe(before)
    standIn.say({ type: 'numbers', numbers: [{ ...lent, e164: lent.replace, kind: 'fallback' }] })
    await isOwn()
    expect(await html('#it')).toBe(before)
  })

  test('a script that insists on its own text wins, and the page does not flicker for ever', async () => {
    await open('<p id="it">78792222</p>')
    await isSwapped()
    await page.evaluate(`window.written = 0; const it = document.getElementById('it')
      new MutationObserver(() => { if (it.textContent !== '78792222') { window.written += 1; it.firstChild.data = '78792222' } })
        .observe(it, { characterData: true, subtree: true })
      it.firstChild.data = '7879 2222'`)
    await page.waitForFunction(`window.written >= 49`)
    await page.evaluate(
      `new Promise(done => { let frames = 0; const next = () => frames++ < 30 ? requestAnimationFrame(next) : done(); next() })`,
    )
    expect(await page.evaluate('window.written')).toBeLessThanOrEqual(50)
    expect(await html('#it')).toBe('78792222')
  })
})

describe('the conversation, with a stand-in for the gateway', () => {
  test('a hello says what the page is, and its answer is kept for the next page', async () => {
    await open('', 'data-consent="granted" data-targets="sales, support"')
    await isSwapped()
    const [first] = framesOf('hello')
    expect(first).toMatchObject({ consent: 'granted', session: '', targets: ['sales', 'support'] })
    expect(first?.page).toEqual({ id: 1, url: `${standIn.origin}/`, referrer: '', title: 'Test' })
    expect(first?.visitor).toMatch(/^[\w-]{22}$/)
    await page.reload()
    await isSwapped()
    const last = framesOf('hello').at(-1)
    expect(last).toMatchObject({ visitor: first?.visitor, session: 'S'.repeat(22) })
    expect(last?.tab).not.toBe(first?.tab)
  })

  test('a beat comes as often as the server says', async () => {
    standIn.answer = frame =>
      frame.type === 'hello' ? [{ ...welcomeTo(frame), heartbeatMs: 20 } as never] : []
    await open()
    await soon(() => expect(framesOf('beat').length).toBeGreaterThan(3))
  })

  test('after a lost socket the same visit comes back, with what was not acknowledged, and the number stays', async () => {
    standIn.answer = frame => (frame.type === 'hello' ? [welcomeTo(frame)] : [])
    await open()
    await isSwapped()
    await page.evaluate(`ringtrail.engagement('close', { element: 'chat' }); ringtrail.page()`)
    await soon(() => expect(framesOf('page')).toHaveLength(1))
    standIn.answer = politely
    standIn.cut()
    await soon(() => expect(framesOf('page')).toHaveLength(2))
    const [first, second] = framesOf('hello')
    expect(second).toMatchObject({
      visitor: first?.visitor,
      tab: first?.tab,
      session: 'S'.repeat(22),
      page: { id: 1 },
    })
    expect(framesOf('engagement').map(({ id }) => id)).toEqual([2, 2])
    expect(framesOf('page').map(({ id }) => id)).toEqual([3, 3])
    await isSwapped()
  })

  test('an event that is refused for good is not sent again, one that is refused for now is', async () => {
    const refusal = (id: number, code: string) => ({ type: 'error', id, code, message: '' }) as const
    standIn.answer = frame => {
      if (frame.type === 'hello') return [{ ...welcomeTo(frame), heartbeatMs: 200 } as never]
      if (frame.type !== 'engagement') return []
      return [refusal(frame.id, frame.action === 'close' ? 'not-valid' : 'overloaded')]
    }
    await open()
    await isSwapped()
    await page.evaluate(`ringtrail.engagement('close'); ringtrail.engagement('click')`)
    await soon(() => expect(framesOf('engagement').length).toBeGreaterThan(4))
    expect(framesOf('engagement').filter(({ action }) => action === 'close')).toHaveLength(1)
  })

  test('a hello that the server cannot take is said again on a new socket', async () => {
    standIn.answer = frame =>
      frame.type === 'hello' ? [{ type: 'error', code: 'overloaded', message: '' }] : []
    await open()
    await soon(() => expect(framesOf('hello')).toHaveLength(1))
    standIn.answer = politely
    await isSwapped()
    expect(standIn.sockets).toBe(2)
  })

  test('the page keeps its own number until the late welcome comes', async () => {
    standIn.answer = frame =>
      frame.type === 'hello' ? [{ type: 'error', code: 'not-now', message: '' }] : []
    await open()
    await soon(() => expect(framesOf('hello')).toHaveLength(1))
    await isOwn()
    const [hello] = framesOf('hello')
    if (hello !== undefined) standIn.say(welcomeTo(hello))
    await isSwapped()
    expect(standIn.sockets).toBe(1)
  })

  /** Runs the snippet against a server that is away, with this luck, in no time; resolves to the waits it chose. */
  const waits = async (luck: number) => {
    standIn.refusing = true
    await page.addInitScript(`{
      const wait = setTimeout
      window.waits = []
      Math.random = () => ${luck}
      window.setTimeout = (act, ms) => {
        if (ms === 3000 || ms < 500) return wait(act, ms) // the start of the swapping
        return window.waits.push(ms) < 8 ? wait(act, 0) : 0
      }
    }`)
    await open('<a id="it" href="tel:+4578792222">78792222</a>')
    await page.waitForFunction('window.waits.length === 8')
    return page.evaluate('window.waits')
  }

  test('while the server is away the page keeps its own number, and the snippet asks ever more rarely', async () => {
    expect(await waits(1)).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
    await isOwn()
    expect(await page.getAttribute('#it', 'href')).toBe('tel:+4578792222')
  })

  test('the waits are spread from half a second on, so that not everybody comes back at once', async () => {
    expect(await waits(0)).toEqual(Array(8).fill(500))
  })

  test('a route change is a page view with a new id, whichever way the address changes', async () => {
    await open()
    await isSwapped()
    await page.evaluate(
      `history.pushState(null, '', '/a'); history.replaceState(null, '', '/b'); document.title = 'B'`,
    )
    await soon(() => expect(framesOf('page')).toHaveLength(1))
    await page.goBack()
    await soon(() => expect(framesOf('page')).toHaveLength(2))
    await page.evaluate(`location.hash = 'chapter'; location.hash = '#/route'`)
    await soon(() => expect(framesOf('page')).toHaveLength(3))
    const path = (url: string | undefined) => url?.replace(standIn.origin, '')
    expect(
      framesOf('page').map(({ id, url, referrer, title }) => [id, path(url), path(referrer), title]),
    ).toEqual([
      [2, '/b', '/', 'B'],
      [3, '/', '/b', 'B'],
      [4, '/#/route', '/', 'B'],
    ])
  })

  test('a click on a swapped number is told, with the number', async () => {
    await open(
      '<a id="it" href="tel:+4578792222"><b>Ring</b></a><a id="other" href="tel:+4511223344">Other</a>',
    )
    await isSwapped()
    await page.evaluate(`addEventListener('click', event => event.preventDefault())`)
    await page.click('#other')
    await page.click('#it b')
    await soon(() => expect(framesOf('engagement')).toHaveLength(1))
    expect(framesOf('engagement')[0]).toMatchObject({
      action: 'click',
      element: 'a#it',
      number: '+4570000001',
    })
  })

  test('a form is told if it is marked, and of its fields those that are marked', async () => {
    const fields =
      '<input name="name" value="Anna" data-ringtrail-field><input name="mail" value="a@b.example"><input type="password" name="secret" value="x" data-ringtrail-field><input type="checkbox" name="no" data-ringtrail-field>'
    const button = '<button>Send</button>'
    await open(
      `<form id="one">${fields}${button}</form><form id="two" data-ringtrail-form>${fields}<textarea data-ringtrail-field="note">Hi</textarea>${button}</form>`,
    )
    await isSwapped()
    await page.evaluate(`addEventListener('submit', event => event.preventDefault())`)
    await page.click('#one button')
    await page.click('#two button')
    await soon(() => expect(framesOf('engagement')).toHaveLength(1))
    expect(framesOf('engagement')[0]).toMatchObject({
      action: 'submit',
      element: 'form#two',
      fields: { name: 'Anna', note: 'Hi' },
    })
    expect(Object.keys(framesOf('engagement')[0]?.fields ?? {})).toEqual(['name', 'note'])
  })

  test('what the server has not acknowledged goes by beacon when the page is left', async () => {
    standIn.answer = frame => (frame.type === 'hello' ? [welcomeTo(frame)] : [])
    await open()
    await isSwapped()
    await page.evaluate(`ringtrail.engagement('close')`)
    await page.goto('about:blank')
    await soon(() => expect(standIn.beacons).toBe(1))
    expect(standIn.frames.slice(-3).map(({ type }) => type)).toEqual(['hello', 'engagement', 'bye'])
  })

  test('with nothing left to tell, the page says bye on its socket and needs no beacon', async () => {
    await open()
    await isSwapped()
    await page.goto('about:blank')
    await soon(() => expect(framesOf('bye')).toHaveLength(1))
    expect(standIn.beacons).toBe(0)
  })
})

test('the back-forward cache keeps the page, and it comes back with the same tab on a new socket (stand-in)', async () => {
  const caching = await openBrowser({ withoutFlags: ['--disable-back-forward-cache'] })
  page = await (await caching.newContext()).newPage()
  await open('<a id="away" href="/away">Away</a>')
  await isSwapped()
  await page.evaluate(`window.isSamePage = true; document.getElementById('away').click()`)
  await soon(() => expect(framesOf('hello')).toHaveLength(2))
  await page.evaluate(`setTimeout(() => history.back())`)
  await soon(() => expect(framesOf('hello')).toHaveLength(3))
  const [first, away, back] = framesOf('hello')
  expect([away?.tab === first?.tab, back?.tab === first?.tab]).toEqual([false, true])
  expect(await page.evaluate('window.isSamePage')).toBe(true)
  await isSwapped()
  await caching.close()
})

describe('consent, with a stand-in for the gateway', () => {
  const kept = () =>
    page.evaluate(
      `JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage), document.cookie])`,
    )
  const nothing = '[[],[],""]'

  test.each(['', 'data-consent="denied"', 'data-consent="unknown"'])(
    'nothing is kept on the device with %j',
    async script => {
      await page.context().addCookies([{ name: '_ga', value: 'GA1.1.123.456', url: standIn.origin }])
      await open('', script)
      await soon(() => expect(framesOf('hello')).toHaveLength(1))
      await page.evaluate(`ringtrail.engagement('close'); ringtrail.page()`)
      standIn.say({ ...silentWelcome, numbers: [{ ...lent, kind: 'static' }] } as never)
      await isSwapped() // a static number may be shown; by now the first welcome was read, too
      expect(await kept()).toBe('[[],[],"_ga=GA1.1.123.456"]') // the test's own
      expect(framesOf('engagement')).toEqual([])
      expect(framesOf('hello')[0]?.ids).toBeUndefined()
    },
  )

  test('with a yes the id of Google Analytics goes along', async () => {
    await page.context().addCookies([{ name: '_ga', value: 'GA1.1.123.456', url: standIn.origin }])
    await open('', 'data-consent="granted"')
    await soon(() => expect(framesOf('hello')).toHaveLength(1))
    expect(framesOf('hello')[0]?.ids).toEqual({ ga_client_id: '123.456' })
  })

  test('a yes opens the visit, a no ends it, takes the numbers back and forgets', async () => {
    await open('', '')
    await soon(() => expect(framesOf('hello')).toHaveLength(1))
    await isOwn()
    await page.evaluate(`ringtrail.consent('granted')`)
    await isSwapped()
    const { visitor } = framesOf('hello')[1] ?? {}
    expect(visitor).toMatch(/^[\w-]{22}$/)
    expect(await kept()).toContain(visitor)
    await page.evaluate(`ringtrail.consent('denied')`)
    await isOwn()
    expect(await kept()).toBe(nothing)
    await soon(() => expect(framesOf('hello')).toHaveLength(3))
    expect(framesOf('hello')[2]).toMatchObject({ consent: 'denied', visitor })
    expect(standIn.sockets).toBe(1)
  })

  test('an id kept from before is told once more with the no, and gone from the device', async () => {
    await open()
    await isSwapped()
    const { visitor } = framesOf('hello')[0] ?? {}
    standIn.script = 'data-consent="denied"'
    await page.reload()
    await soon(() => expect(framesOf('hello')).toHaveLength(2))
    expect(framesOf('hello')[1]).toMatchObject({ consent: 'denied', visitor, session: '' })
    expect(await kept()).toBe(nothing)
    await isOwn()
  })

  test('a no of somebody who was never followed names nobody', async () => {
    await open('', '')
    await soon(() => expect(framesOf('hello')).toHaveLength(1))
    await isOwn()
    await page.evaluate(`ringtrail.consent('denied')`)
    await soon(() => expect(framesOf('hello')).toHaveLength(2))
    expect(framesOf('hello')[1]).toMatchObject({ consent: 'denied', visitor: '' })
  })

  test('when the server says so, the ids are forgotten', async () => {
    await open()
    await isSwapped()
    expect(await kept()).not.toBe(nothing)
    standIn.say({ ...silentWelcome, forget: true })
    await isOwn()
    expect(await kept()).toBe(nothing)
  })

  test('Global Privacy Control goes along', async () => {
    await page.addInitScript(`Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })`)
    await open()
    await soon(() => expect(framesOf('hello')).toHaveLength(1))
    expect(framesOf('hello')[0]?.signals).toEqual({ gpc: true })
  })

  test('a browser that is driven says so, one that is not does not', async () => {
    await open()
    await soon(() => expect(standIn.asked).toMatch(/^\/v1\/visit\?site=[^&]+&webdriver=1$/))
    await page.addInitScript(`Object.defineProperty(navigator, 'webdriver', { value: false })`)
    await open()
    await soon(() => expect(standIn.asked).toMatch(/^\/v1\/visit\?site=[^&]+$/))
  })

  test('the country whose numbers a page asks for goes along', async () => {
    await open('', 'data-consent="granted" data-country="SE"')
    await soon(() => expect(framesOf('hello')).toHaveLength(1))
    expect(framesOf('hello')[0]?.country).toBe('SE')
  })

  test('what the consent dialogue says goes along when it is said, and again when it changes', async () => {
    await page.addInitScript(`window.__tcfapi = (command, version, hear) => {
      window.say = (tcString, eventStatus) => hear({ tcString, eventStatus }, true)
    }`)
    await open('', '')
    await soon(() => expect(framesOf('hello')).toHaveLength(1))
    expect(framesOf('hello')[0]?.signals).toEqual({})
    await page.evaluate(`say('COshown', 'cmpuishown'); say('COone', 'tcloaded'); say('COone', 'tcloaded')`)
    await soon(() => expect(framesOf('hello')).toHaveLength(2))
    await page.evaluate(`say('COtwo', 'useractioncomplete')`)
    await soon(() => expect(framesOf('hello')).toHaveLength(3))
    expect(framesOf('hello').map(({ signals }) => signals?.tcf)).toEqual([undefined, 'COone', 'COtwo'])
  })
})
