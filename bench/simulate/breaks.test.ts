import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { projectFolder } from '../sourceFiles.ts'
import { breaks } from './breaks.ts'
import type { Break } from './oneBreak.ts'

const parts = [
  'core',
  'config/pack.ts',
  'config/flatTexts.ts',
  'workers/results.ts',
  'workers/rows.ts',
  'bench/commandLine.ts',
  'bench/load/chance.ts',
  'bench/simulate',
  'package.json',
]
const seeds = 60
const sideBySide = 2

let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringtrail-breaks-'))
})

const children = new Set<ChildProcess>()

afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

/** The texts that a break changes. Throws where an edit finds its place not exactly once. */
function edited({ name, edits }: Break): Map<string, string> {
  const texts = new Map<string, string>()
  for (const { file, find, replace } of edits) {
    const text = texts.get(file) ?? readFileSync(join(projectFolder, file), 'utf8')
    if (text.split(find).length !== 2) throw new Error(`"${name}" finds its text not exactly once in ${file}`)
    texts.set(
      file,
      text.replace(find, () => replace),
    )
  }
  return texts
}

/** A copy of what a simulation needs, with these edits made. */
function copyWith(one: Break, place: number): string {
  const copy = join(folder, String(place))
  for (const part of parts) cpSync(join(projectFolder, part), join(copy, part), { recursive: true })
  symlinkSync(join(projectFolder, 'node_modules'), join(copy, 'node_modules'))
  for (const [file, text] of edited(one)) writeFileSync(join(copy, file), text)
  return copy
}

type Ended = { readonly code: number | null; readonly says: string }

async function simulateIn(copy: string, count: number): Promise<Ended> {
  const child = spawn(process.execPath, ['bench/simulate/main.ts', '--json', '--seeds', String(count)], {
    cwd: copy,
  })
  children.add(child)
  let says = ''
  child.stdout.on('data', data => (says += String(data)))
  child.stderr.on('data', data => (says += String(data)))
  return new Promise(resolve =>
    child.on('close', code => {
      children.delete(child)
      resolve({ code, says })
    }),
  )
}

/** Runs all of them, so many at a time. */
async function each<Item, Result>(
  items: readonly Item[],
  act: (item: Item, place: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  let next = 0
  const lane = async () => {
    while (next < items.length) {
      const place = next++
      results[place] = await act(items[place] as Item, place)
    }
  }
  await Promise.all(Array.from({ length: sideBySide }, lane))
  return results
}

test('every deliberate break of the core is caught, and the core as it is is clean', {
  timeout: 400_000,
}, async () => {
  const control: Break = { name: 'no break', edits: [] }
  const ended = await each([control, ...breaks], async (one, place) => {
    const copy = copyWith(one, place)
    const { code, says } = await simulateIn(copy, place === 0 ? 10 : seeds)
    rmSync(copy, { recursive: true })
    return { name: one.name, caught: code === 1 && says.includes('"failure":{'), code, says }
  })
  const [clean, ...broken] = ended
  expect(clean?.code, clean?.says.slice(0, 2_000)).toBe(0)
  expect(
    broken.filter(one => !one.caught).map(one => `${one.name}: ${one.code} ${one.says.slice(0, 300)}`),
  ).toEqual([])
})

test('every break has a name of its own, and finds what it changes', () => {
  expect(breaks.length).toBeGreaterThanOrEqual(12)
  expect(new Set(breaks.map(one => one.name)).size).toBe(breaks.length)
  for (const one of breaks) expect(edited(one).size).toBeGreaterThan(0)
})
