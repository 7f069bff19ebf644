import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findChromium } from './chromium.ts'

test('a Chromium is found by any of its names on PATH, and only where it can be run', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringtrail-chromium-'))
  try {
    expect(findChromium(folder)).toBeNull()
    const path = join(folder, 'chromium-browser')
    writeFileSync(path, '')
    expect(findChromium(`/nowhere:${folder}`)).toBeNull()
    chmodSync(path, 0o700)
    expect(findChromium(`/nowhere:${folder}`)).toBe(path)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
