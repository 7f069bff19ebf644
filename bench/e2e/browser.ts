import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

const names = ['chromium', 'chromium-browser', 'google-chrome']

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
  return chromium.launch({
    executablePath: findChromium(),
    args: flags,
    ignoreDefaultArgs: [...(more.withoutFlags ?? [])],
  })
}

function findChromium(): string {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const found = names.flatMap(name => folders.map(folder => join(folder, name))).find(isExecutable)
  if (found === undefined)
    throw new Error('No Chromium is installed, and this test needs one: apt-get install chromium')
  return found
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
