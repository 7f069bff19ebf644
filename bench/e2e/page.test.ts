import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import twilioPackage from 'twilio'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import type { SignalAnswer } from '../../core/wire/signal.ts'
import type { ClientFrame, ServerFrame } from '../../core/wire/visitor.ts'
import { projectFolder } from '../sourceFiles.ts'
import { bearer, ownNumber, startSystem, type System, temporaryFolder } from '../system.ts'
import { askedElsewhere, openBrowser } from './browser.ts'
import { openWire, type Wire } from './wire.ts'

const authToken = 'auth-token-of-this-test'
const own = '+45 78 79 22 22'
const times = { idleTimeout: '3s', tail: '3s', coolDown: '3s', sticky: '1s' }

let browser: Browser
let wire: Wire
let system: System
const folder = temporaryFolder()

beforeAll(async () => {
  browser = await openBrowser()
  wire = await openWire()
  system = await startSystem({ dataDir: join(folder.path, 'data'), settings: settings(wire.origin) })
  wire.to = system.publicPort
})
afterEach(() => {
  wire.refusingVisits = false
  expect(askedElsewhere()).toEqual([])
})
afterAll(async () => {
  await browser?.close()
  await system?.stop()
  await wire?.stop()
  folder.remove()
})

/** The demo's tenant with times of seconds, and one whose policy wants a yes. */
function settings(origin: string): object {
  const tenant = (id: string, consent: string, numbers: string, pool: object) => ({
    id,
    consent,
    sites: [{ key: `pk_${id}`, origins: [origin], bots: 'allow' }],
    defaultForward: ownNumber,
    targets: [{ id: 'sales', replace: ownNumber, forward: ownNumber, pool: 'sales' }],
    pools: [{ id: 'sales', numbers: [numbers], overflow: 'fallback', ...times, ...pool }],
    carriers: { generic: { bearer }, twilio: { authToken } },
  })
  const steady = { idleTimeout: '60s', tail: '60s', coolDown: '60s' }
  return {
    listen: { public: '127.0.0.1:0', admin: '127.0.0.1:0' },
    publicUrl: origin,
    partitions: 4,
    demo: true,
    tenants: [
      tenant('demo', 'assumed', '+4570000001..+4570000050', steady),
      tenant('brief', 'assumed', '+4571000001..+4571000050', {}),
      tenant('strict', 'required', '+4572000001..+4572000050', steady),
    ],
  }
}

type Visit = {
  readonly page: Page
  readonly sent: ClientFrame[]
  readonly received: ServerFrame[]
  readonly troubles: string[]
}

/** A visitor of their own opens the demo site; `as` puts another tenant's site key, or a consent, into its pages. */
async function visit(as: { tenant?: string; consent?: string } = {}): Promise<Visit> {
  const page = await (await browser.newContext({ viewport: { width: 1200, height: 1500 } })).newPage()
  const visit: Visit = { page, sent: [], received: [], troubles: [] }
  page.on('pageerror', error => visit.troubles.push(error.message))
  page.on('console', message => {
    if (/Content Security Policy|Trusted/i.test(message.text())) visit.troubles.push(message.text())
  })
  page.on('websocket', socket => {
    socket.on('framesent', ({ payload }) => visit.sent.push(JSON.parse(String(payload))))
    socket.on('framereceived', ({ payload }) => visit.received.push(JSON.parse(String(payload))))
  })
  // Before the script runs: it is found as soon as it is parsed.
  await page.addInitScript(`new MutationObserver(() => {
    const script = document.querySelector('script[data-site]')
    if (script) Object.assign(script.dataset, ${JSON.stringify({ site: `pk_${as.tenant ?? 'demo'}`, consent: as.consent ?? '' })})
  }).observe(document, { childList: true, subtree: true })`)
  await page.goto(`${wire.origin}/demo/`)
  return visit
}

const numberOf = ({ page }: Visit) => page.locator('#header-number').textContent()
const lentNumber = async ({ page }: Visit) => {
  await page.locator('#header-number', { hasNotText: own }).waitFor()
  return (await page.locator('#visit-number').textContent()) as string
}
const sessionOf = ({ page }: Visit, tenant = 'demo') =>
  page.evaluate(`sessionStorage.getItem('ringtrail.pk_${tenant}')`)
const framesOf = <Frame extends { type: string }, Type extends Frame['type']>(frames: Frame[], type: Type) =>
  frames.filter((frame): frame is Extract<Frame, { type: Type }> => frame.type === type)
const soon = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 30_000, interval: 100 })

let calls = 0
async function ring(b: string, tenant = 'demo'): Promise<SignalAnswer> {
  calls += 1
  const response = await fetch(`${wire.origin}/v1/calls/generic/${tenant}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    body: JSON.stringify({ call: `page-${calls}`, state: 'ring', a: 'withheld', b }),
  })
  expect(response.status).toBe(200)
  return (await response.json()) as SignalAnswer
}

/** Twilio's voice webhook, signed as Twilio signs; resolves to the TwiML and to what is kept of the call. */
async function ringByTwilio(b: string): Promise<{ twiml: string; record: SignalAnswer }> {
  calls += 1
  const url = `${wire.origin}/v1/calls/twilio/demo`
  const call = `CA${String(calls).padStart(32, '0')}`
  const fields = { CallSid: call, From: '+12025550123', To: b, CallStatus: 'ringing', Direction: 'inbound' }
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'x-twilio-signature': twilioPackage.getExpectedTwilioSignature(authToken, url, fields) },
    body: new URLSearchParams(fields),
  })
  expect(response.status).toBe(200)
  const kept = await fetch(`http://127.0.0.1:${system.adminPort}/v1/calls/${call}?tenant=demo`)
  return { twiml: await response.text(), record: (await kept.json()) as SignalAnswer }
}

test('two visitors see two numbers, and each number names its own visit, whichever carrier rings', async () => {
  const [anna, boris] = [await visit(), await visit()]
  const [forAnna, forBoris] = [await lentNumber(anna), await lentNumber(boris)]
  expect(forAnna).toMatch(/^\+45700000\d\d$/)
  expect(forAnna).not.toBe(forBoris)
  for (const [visitor, number] of [
    [anna, forAnna],
    [boris, forBoris],
  ] as const) {
    const session = await sessionOf(visitor)
    expect(await ring(number)).toMatchObject({ match: { kind: 'exact', session }, forward: ownNumber })
    const { twiml, record } = await ringByTwilio(number)
    expect(twiml).toMatch(/<Dial[\s\S]*\+4578792222/)
    expect(record).toMatchObject({ carrier: 'twilio', match: { kind: 'exact', session }, forward: ownNumber })
  }
  await Promise.all([anna, boris].map(({ page }) => page.context().close()))
})

test('the demo’s page shows the number everywhere it stood, under its strict policy, and offers the line that rings it', async () => {
  const anna = await visit()
  const number = await lentNumber(anna)
  const pairs = number.slice(3).match(/../g) as string[]
  const texts = await Promise.all(
    ['#header-number', '#call-link', 'call-button a', '#visit-curl', 'footer'].map(one =>
      anna.page.locator(one).first().textContent(),
    ),
  )
  expect(texts[0]).toBe(`+45 ${pairs.join(' ')}`)
  expect(texts[1]).toBe(`Call ${pairs[0]}${pairs[1]} ${pairs[2]}${pairs[3]}`)
  expect(texts[2]).toBe(`Or ring ${pairs.join('-')}`)
  expect(texts[3]).toContain(`curl -s ${wire.origin}/v1/calls/generic/demo`)
  expect(texts[3]).toContain(`"b":"${number}"`)
  expect(texts[4]).toContain(`Tlf. ${pairs.join(' ')} · Fax 78 79 22 22`)
  expect(await anna.page.getAttribute('call-button a', 'href')).toBe(`tel:${number}`)
  expect(await anna.page.textContent('#visit-state')).toBe('lent to this visit')
  const shots = join(projectFolder, '.runtime/e2e')
  mkdirSync(shots, { recursive: true })
  await anna.page.screenshot({ path: join(shots, 'demo.png'), fullPage: true })
  await anna.page.click('nav a[href="pricing.html"]')
  await anna.page.locator('a', { hasText: pairs.join('.') }).waitFor()
  await anna.page.screenshot({ path: join(shots, 'pricing.png'), fullPage: true })
  expect(anna.troubles).toEqual([])
  await anna.page.context().close()
})

test('a route change and a click on the number reach the log', async () => {
  const anna = await visit()
  const number = await lentNumber(anna)
  await anna.page.click('#offer-button')
  await anna.page.evaluate(`addEventListener('click', event => event.preventDefault())`)
  await anna.page.click('#call-link')
  await soon(() =>
    expect(
      framesOf(anna.received, 'ack')
        .map(({ id }) => id)
        .sort(),
    ).toEqual([2, 3]),
  )
  expect(framesOf(anna.sent, 'page').map(({ url }) => url)).toEqual([`${wire.origin}/demo/?offer=autumn`])
  expect(framesOf(anna.sent, 'engagement')).toMatchObject([
    { action: 'click', element: 'a#call-link', number },
  ])
  await anna.page.context().close()
})

test('after a cut wire the visit comes back with its session and its number', async () => {
  const anna = await visit()
  const number = await lentNumber(anna)
  const session = await sessionOf(anna)
  wire.cut()
  await soon(() => expect(framesOf(anna.received, 'welcome')).toHaveLength(2))
  expect(framesOf(anna.received, 'welcome')[1]).toMatchObject({
    session,
    resumed: true,
    numbers: [{ e164: number }],
  })
  expect(await lentNumber(anna)).toBe(number)
  expect(await ring(number)).toMatchObject({ match: { kind: 'exact', session } })
  await anna.page.context().close()
})

test('when the visitor has left, the answer goes from exact to tail to cooldown, and stays that while nobody is lent the number', async () => {
  const anna = await visit({ tenant: 'brief' })
  const number = await lentNumber(anna)
  const session = await sessionOf(anna, 'brief')
  const told = [(await ring(number, 'brief')).match]
  await anna.page.context().close()
  await soon(async () => {
    told.push((await ring(number, 'brief')).match)
    expect(told.at(-1)?.reasons.at(-1)).toMatch(/^cooldown:lent-to-nobody-since-/)
  })
  const kinds = told.map(({ kind }) => kind)
  expect(kinds.filter((kind, index) => kind !== kinds[index - 1])).toEqual(['exact', 'tail', 'cooldown'])
  const claimed = told.map(({ confidence }) => confidence)
  expect(claimed).toEqual([...claimed].sort((a, b) => b - a))
  expect(new Set(told.map(match => match.session))).toEqual(new Set([session]))
})

test('a visitor who is not reached by the server sees the page’s own number, and gets one as soon as it is back', async () => {
  wire.refusingVisits = true
  const anna = await visit()
  await anna.page.waitForLoadState('load')
  await soon(() => expect(anna.page.locator('#visit-origin').textContent()).resolves.toBe(wire.origin))
  expect(await numberOf(anna)).toBe(own)
  expect(await anna.page.getAttribute('#call-link', 'href')).toBe('tel:+4578792222')
  wire.refusingVisits = false
  expect(await lentNumber(anna)).toMatch(/^\+45700000\d\d$/)
  expect(anna.troubles).toEqual([])
  await anna.page.context().close()
})

test('what could not be told on a socket reaches the log by beacon when the page is left', async () => {
  const told = async () => {
    const metrics = await (await fetch(`http://127.0.0.1:${system.adminPort}/metrics`)).text()
    return Number(/^ringtrail_outcomes_total\{[^}]*"engaged"[^}]*\} (\d+)$/m.exec(metrics)?.[1] ?? 0)
  }
  const before = await told()
  wire.refusingVisits = true
  const anna = await visit()
  await anna.page.waitForFunction('window.ringtrail')
  await anna.page.evaluate(`ringtrail.engagement('close', { element: 'chat' })`)
  await anna.page.goto('about:blank')
  await soon(async () => expect(await told()).toBe(before + 1))
  wire.refusingVisits = false
  await anna.page.context().close()
})

const kept = ({ page }: Visit) => page.evaluate('localStorage.length + sessionStorage.length')

test.each(['', 'unknown', 'denied'])(
  'where a yes is asked for, consent %j gives the page’s own number and keeps nothing',
  async consent => {
    const anna = await visit({ tenant: 'strict', consent })
    await soon(() =>
      expect(framesOf(anna.received, 'welcome')).toMatchObject([{ visitor: null, session: null }]),
    )
    expect(await numberOf(anna)).toBe(own)
    expect(await kept(anna)).toBe(0)
    await anna.page.context().close()
  },
)

test('a yes lends a number at once; a no takes it back, on the page and in the log; a yes after it starts afresh', async () => {
  const anna = await visit({ tenant: 'strict' })
  await soon(() => expect(framesOf(anna.received, 'welcome')).toHaveLength(1))
  await anna.page.evaluate(`ringtrail.consent('granted')`)
  const number = await lentNumber(anna)
  const session = await sessionOf(anna, 'strict')
  expect((await ring(number, 'strict')).match).toMatchObject({ kind: 'exact', session })
  await anna.page.evaluate(`ringtrail.consent('denied')`)
  await anna.page.locator('#header-number', { hasText: own }).waitFor()
  expect(await kept(anna)).toBe(0)
  await soon(() => expect(framesOf(anna.received, 'welcome')).toHaveLength(3))
  expect((await ring(number, 'strict')).match.kind).not.toBe('exact')
  await anna.page.evaluate(`ringtrail.consent('granted')`)
  const again = await lentNumber(anna)
  const afresh = await sessionOf(anna, 'strict')
  expect(afresh).not.toBe(session)
  expect((await ring(again, 'strict')).match).toMatchObject({ kind: 'exact', session: afresh })
  await anna.page.context().close()
})
