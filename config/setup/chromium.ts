import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

const names = ['chromium', 'chromium-browser', 'google-chrome']

/** What is said where the browser tests have to be left out. */
export const noChromium =
  'There is no Chromium here, so the tests that need a browser are left out. With one on PATH they run: apt-get install chromium.'

/** The machine's own Chromium; null: there is none. */
export function findChromium(path = process.env.PATH ?? ''): string | null {
  const places = names.flatMap(name => path.split(delimiter).map(folder => join(folder, name)))
  return places.find(isExecutable) ?? null
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
