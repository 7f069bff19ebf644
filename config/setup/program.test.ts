import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { DebianPackage } from './debianPackage.ts'
import { findNatsServer, withoutFetching } from './natsServer.ts'
import type { Places } from './program.ts'
import { sha256 } from './uwsBinary.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringtrail-program-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function putProgram(path: string, version: string): string {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `#!/bin/sh\necho "nats-server: v${version}"\n`)
  chmodSync(path, 0o755)
  return path
}

/** Stands in for Debian's archive: unpacks a program of the given version, and counts how often it was asked. */
function places(given: Partial<Places> & { offers?: string }): Places & { fetched: () => number } {
  let fetched = 0
  async function fetch(wanted: DebianPackage, into: string): Promise<void> {
    fetched++
    if (given.offers === undefined) throw Object.assign(new Error('failed'), { stderr: 'W: hm\nE: no route' })
    const program = putProgram(join(into, wanted.path), given.offers)
    writeFileSync(join(into, 'origin.json'), JSON.stringify({ programSha256: sha256(readFileSync(program)) }))
  }
  const usual = { folders: [], runtime: join(folder, 'runtime'), fetch, say: () => {} }
  return { ...usual, ...given, fetched: () => fetched }
}

test('one that is new enough on PATH is taken, and nothing is fetched', async () => {
  putProgram(join(folder, 'old/nats-server'), '2.9.10')
  const path = putProgram(join(folder, 'new/nats-server'), '2.11.4')
  const here = places({ folders: [join(folder, 'absent'), join(folder, 'old'), join(folder, 'new')] })
  expect(await findNatsServer(here)).toEqual({ path, version: '2.11.4' })
  expect(here.fetched()).toBe(0)
})

test('one that is too old on PATH is passed over, and fetching happens once', async () => {
  putProgram(join(folder, 'old/nats-server'), '2.9.10')
  const here = places({ folders: [join(folder, 'old')], offers: '2.10.27' })
  const first = await findNatsServer(here)
  expect(first).toEqual({
    path: join(folder, 'runtime/nats-server/usr/sbin/nats-server'),
    version: '2.10.27',
  })
  expect(await findNatsServer(here)).toEqual(first)
  expect(here.fetched()).toBe(1)
})

test('a fetched program that was changed is not run', async () => {
  const here = places({ offers: '2.10.27' })
  const { path } = await findNatsServer(here)
  writeFileSync(path, '#!/bin/sh\necho v9.9.9\n')
  expect((await findNatsServer(here)).version).toBe('2.10.27')
  expect(here.fetched()).toBe(2)
})

test('when it cannot be had, one sentence says what is there, why it failed and what to do', async () => {
  putProgram(join(folder, 'old/nats-server'), '2.9.10')
  const failing = findNatsServer(places({ folders: [join(folder, 'old')] }))
  await expect(failing).rejects.toThrow(
    /needs nats-server 2\.10\.0 or newer; \S+ is 2\.9\.10, .* \(E: no route\)\. .*github\.com\/nats-io\/nats-server\/releases/,
  )
})

test('a fetched one that is too old is refused as well', async () => {
  await expect(findNatsServer(places({ offers: '2.9.10' }))).rejects.toThrow(/needs nats-server 2\.10\.0/)
})

test('with declared connections nothing is fetched, and it says why', async () => {
  const nowhere = { ...withoutFetching(), folders: [], runtime: join(folder, 'nothing') }
  await expect(findNatsServer(nowhere)).rejects.toThrow(/has an egress section, .* set nats\.url/)
})
