import { type Browser, chromium } from 'playwright-core'
import { findChromium, noChromium } from '../../config/setup/chromium.ts'

/** What keeps Chromium from doing anything but showing the page. */
const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** The machine's own Chromium, started. Throws a sentence that says what to do if there is none. */
export async function openBrowser(
  more: { readonly withoutFlags?: readonly string[] } = {},
): Promise<Browser> {
  const executablePath = findChromium()
  if (executablePath === null) throw new Error(noChromium)
  return chromium.launch({
    executablePath,
    args: flags,
    ignoreDefaultArgs: [...(more.withoutFlags ?? [])],
  })
}
