import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** In memory where there is such a folder: a run waits for thousands of flushes. `null`: there. */
export function storesFolder(wanted: string | null): { readonly path: string; remove(): void } {
  const parent = wanted ?? (existsSync('/dev/shm') ? '/dev/shm' : tmpdir())
  const path = mkdtempSync(join(parent, 'ringtrail-retention-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}
