import { type Browser, chromium } from 'playwright-core'
import { findChromium, noChromium } from '../../config/setup/chromium.ts'

/**
 * What keeps Chromium from doing anything but showing the page. Without the last it asks for names of its maker at every
 * start, and nobody could tell its packets from those of a page.
 */
const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1',
]

/** The machine's own Chromium, started. Throws a sentence that says what to do if there is none. */
export async function openBrowser(
  more: { readonly withoutFlags?: readonly string[] } = {},
): Promise<Browser> {
  const executablePath = findChromium()
  if (executablePath === null) throw new Error(noChromium)
  const browser = await chromium.launch({
    executablePath,
    args: flags,
    ignoreDefaultArgs: [...(more.withoutFlags ?? [])],
  })
  browser.on('context', context => {
    context.on('request', request => note(request.url()))
    context.on('page', page => page.on('websocket', socket => note(socket.url())))
  })
  return browser
}

const elsewhere = new Set<string>()

function note(address: string): void {
  const { protocol, hostname, host } = new URL(address)
  const isHere = ['data:', 'blob:', 'about:'].includes(protocol)
  if (!isHere && !['127.0.0.1', 'localhost'].includes(hostname)) elsewhere.add(host)
}

/** The hosts besides this machine that pages of these browsers asked for anything; the names are not looked up. */
export const askedElsewhere = (): readonly string[] => [...elsewhere]
