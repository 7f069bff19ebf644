import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { limits } from '../../core/limits.ts'
import { carryOut } from '../../workers/eraser.ts'
import {
  committed,
  erasureOf,
  hearErasures,
  isErased,
  loadErasures,
  rowOf,
  takeErasures,
} from '../../workers/erasures.ts'
import { openEvent } from '../../workers/opener.ts'
import { began, keep, openEdge, openOwner, type Owner, pageOf, policy, ringOf, tenant } from './owner.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringtrail-eraser-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const clear = {
  ...{ kind: 'subject-erased', tenant, request: 'r1', visitors: ['anna'], callers: ['pa'] },
} as never
const erased = { event: { clear, personal: null }, outcomes: [], reply: { kind: 'done' } } as never
const history = ({ store }: Owner) => store.history(tenant, 0, Number.MAX_SAFE_INTEGER, 100)
const texts = (owner: Owner) =>
  history(owner).map(({ event }) => JSON.stringify(openEvent(owner.keys, tenant, event).personal))

async function fill(owner: Owner): Promise<void> {
  const edge = openEdge(owner.keys)
  await keep(owner, edge, [
    [pageOf('anna', 1), { url: 'of-anna' }],
    [ringOf('pa', 'c1'), { a: 'number-of-anna' }],
    [pageOf('ben', 1), { url: 'of-ben' }],
    [ringOf('pb', 'c2'), { a: 'number-of-ben' }],
  ])
}

/** Hears the erasure, and commits its row as the committer does. */
async function ask(owner: Owner): Promise<ReturnType<typeof loadErasures>> {
  const erasures = loadErasures(owner.store)
  hearErasures(erasures, [erased], { atMs: began + 10, sequence: 1_000 }, () => true)
  const taken = takeErasures(erasures)
  await keep(owner, openEdge(owner.keys), [], { erasures: taken.map(rowOf) })
  committed(erasures, taken)
  return erasures
}

/** Hears one, and says that its row is on disk. */
function hear(
  erasures: ReturnType<typeof loadErasures>,
  request: string,
  visitor: string,
  action: string,
): void {
  const named = { kind: 'subject-erased', tenant, request, visitors: [visitor], callers: [] }
  const event = { clear: named, personal: null, note: { action, subjects: [] } }
  const applied = { event, outcomes: [], reply: { kind: 'done' } } as never
  hearErasures(erasures, [applied], { atMs: began + 10, sequence: 1_000 }, () => true)
  committed(erasures, takeErasures(erasures))
}

function setupOf({ store, keys }: Owner, erasures: ReturnType<typeof loadErasures>, now: () => number) {
  const said: string[] = []
  const announceIntake = () => void said.push('intake')
  const noteKeysGone = () => void said.push('keys-destroyed')
  const storedUntil = async () => now()
  const removeReturns = async () => undefined
  return {
    said,
    setup: { erasures, store, keys, announceIntake, noteKeysGone, removeReturns, storedUntil, clock: now },
  }
}

test('an erasure takes rows, keys and the half in this order, and nothing of anybody else', async () => {
  const owner = await openOwner(join(folder, 'whole'))
  await fill(owner)
  expect(texts(owner)).toHaveLength(4)
  const kept = history(owner)
  const erasures = await ask(owner)
  expect(isErased(erasures, tenant, ['v:anna'], 5)).toBe(true)
  expect(isErased(erasures, tenant, ['v:anna'], 1_001)).toBe(false)
  expect(isErased(erasures, tenant, ['v:ben'], 5)).toBe(false)
  let now = began
  const { said, setup } = setupOf(owner, erasures, () => now)
  const half = owner.keys.intake().id
  await carryOut(setup)
  expect(texts(owner)).toEqual(['{"url":"of-ben"}', '{"a":"number-of-ben"}'])
  for (const { event } of kept.slice(0, 2))
    expect(openEvent(owner.keys, tenant, event)).toEqual({ personal: null, isKeyGone: true })
  expect(said).toEqual(['keys-destroyed', 'intake'])
  expect(owner.keys.intake().id).not.toEqual(half)
  expect(owner.keys.inventory().intake).toHaveLength(2)
  now += limits.intakeGraceMs
  await carryOut(setup)
  expect(owner.keys.inventory().intake).toHaveLength(1)
  expect([...erasures.lingering.values()][0]).toMatchObject({ names: [], rows: 2, intakeGoneAt: now })
  await owner.close()
})

test('where consent is taken back, keys wait until the half that was replaced is gone; what was asked for does not', async () => {
  const owner = await openOwner(join(folder, 'withdrawals'))
  await fill(owner)
  const erasures = loadErasures(owner.store)
  const reached = () =>
    ['first', 'second', 'asked'].map(
      request => `${request} ${erasureOf(erasures, tenant, request)?.keysGoneAt !== null}`,
    )
  let now = began
  const { setup } = setupOf(owner, erasures, () => now)
  hear(erasures, 'first', 'anna', 'consent-withdrawn')
  await carryOut(setup)
  hear(erasures, 'second', 'ben', 'consent-withdrawn')
  hear(erasures, 'asked', 'cleo', 'subject-erased')
  await carryOut(setup)
  expect(reached()).toEqual(['first true', 'second false', 'asked true'])
  // The rows are gone all the same: of the visits nothing is left to be read.
  expect(texts(owner)).toEqual(['{"a":"number-of-anna"}', '{"a":"number-of-ben"}'])
  now += limits.intakeGraceMs
  await carryOut(setup)
  await carryOut(setup)
  expect(reached()).toEqual(['first true', 'second true', 'asked true'])
  await owner.close()
})

test('a half stays while the log has what is not in the store, and gateways are told again and again meanwhile', async () => {
  const owner = await openOwner(join(folder, 'behind'))
  const edge = openEdge(owner.keys)
  const late = edge.sealer.event(policy, pageOf('ben', 1), { url: 'of-ben' })
  const introduced = edge.introduced(late, began)
  const erasures = loadErasures(owner.store)
  let [now, storedUntil] = [began, began]
  const { said, setup } = setupOf(owner, erasures, () => now)
  const round = () => carryOut({ ...setup, storedUntil: async () => storedUntil })
  hear(erasures, 'first', 'anna', 'subject-erased')
  await round()
  now += 10 * limits.intakeGraceMs
  storedUntil += limits.intakeGraceMs - 1
  await round()
  expect(said).toEqual(['keys-destroyed', 'intake', 'intake'])
  // Only now the owner comes to it.
  await owner.keys.take(introduced)
  const event = { ...late, personal: late.personal as Uint8Array, session: null }
  expect(openEvent(owner.keys, tenant, event).personal).toEqual({ url: 'of-ben' })
  storedUntil += 1
  await round()
  expect(owner.keys.inventory().intake).toHaveLength(1)
  await owner.close()
})

test('a half that was replaced only just before is left to those that still use it', async () => {
  const owner = await openOwner(join(folder, 'steady'))
  await fill(owner)
  const erasures = loadErasures(owner.store)
  let now = began
  const { setup } = setupOf(owner, erasures, () => now)
  const goneAt = () => ['first', 'second'].map(request => erasureOf(erasures, tenant, request)?.intakeGoneAt)
  hear(erasures, 'first', 'anna', 'subject-erased')
  await carryOut(setup)
  now += limits.intakeGraceMs - 1
  hear(erasures, 'second', 'ben', 'subject-erased')
  await carryOut(setup)
  expect(goneAt()).toEqual([null, null])
  now += 1
  await carryOut(setup)
  expect(goneAt()).toEqual([began + limits.intakeGraceMs, null])
  expect(owner.keys.inventory().intake).toHaveLength(2)
  now += limits.intakeGraceMs
  await carryOut(setup)
  expect(goneAt()).toEqual([began + limits.intakeGraceMs, now])
  expect(owner.keys.inventory().intake).toHaveLength(1)
  await owner.close()
})

test('however steadily erasures are asked for, those whose consent was taken back get their turn', async () => {
  const owner = await openOwner(join(folder, 'turns'))
  await fill(owner)
  const erasures = loadErasures(owner.store)
  let now = began
  const { setup } = setupOf(owner, erasures, () => now)
  hear(erasures, 'first', 'anna', 'consent-withdrawn')
  await carryOut(setup)
  hear(erasures, 'second', 'ben', 'consent-withdrawn')
  for (const request of ['r1', 'r2', 'r3', 'r4']) {
    hear(erasures, request, 'cleo', 'subject-erased')
    await carryOut(setup)
    now += limits.intakeGraceMs / 2
  }
  const second = erasureOf(erasures, tenant, 'second')
  expect(second?.keysGoneAt).toBe(began + 1.5 * limits.intakeGraceMs)
  await owner.close()
})

test('packages in the clear go first, where a person asked; one that does not go keeps no key alive, and the erasure open', async () => {
  const owner = await openOwner(join(folder, 'returns'))
  await fill(owner)
  const erasures = await ask(owner)
  hear(erasures, 'second', 'ben', 'consent-withdrawn')
  let now = began
  const { setup } = setupOf(owner, erasures, () => now)
  let isRefused = true
  const asked: (readonly [tenant: string, erasedAt: number, events: number])[] = []
  const removeReturns = async (whose: string, erasedAt: number) => {
    asked.push([whose, erasedAt, history(owner).length])
    if (isRefused) throw new Error('the folder lets go of nothing')
  }
  const round = () => carryOut({ ...setup, removeReturns })
  await expect(round()).rejects.toThrow('lets go of nothing')
  expect(asked).toEqual([[tenant, 1_000, 4]])
  expect(erasureOf(erasures, tenant, 'r1')).toMatchObject({ keysGoneAt: began, returnsGoneAt: null })
  now += 2 * limits.intakeGraceMs
  await round().catch(() => undefined)
  expect(owner.keys.inventory().intake).toHaveLength(1)
  expect(erasureOf(erasures, tenant, 'r1')?.intakeGoneAt).toBe(null)
  isRefused = false
  await round()
  await round()
  expect(asked).toHaveLength(3)
  expect(erasureOf(erasures, tenant, 'r1')).toMatchObject({ returnsGoneAt: now, intakeGoneAt: now })
  await owner.close()
})

test('after a crash at any step it goes on where it was, and ends the same', async () => {
  const steps = ['returnsGoneAt', 'rowsGoneAt', 'keysGoneAt', 'intakeRotatedAt'] as const
  for (const step of steps) {
    const path = join(folder, step)
    const owner = await openOwner(path)
    await fill(owner)
    const first = setupOf(owner, await ask(owner), () => began)
    const { putErasure } = owner.store
    // The step itself is taken; that it was is what the crash loses.
    const failing = { ...owner.store, putErasure: failAt(putErasure, steps.indexOf(step)) }
    await carryOut({ ...first.setup, store: failing }).catch(() => undefined)
    await owner.close()
    const again = await openOwner(path)
    let now = began + 1
    const { setup } = setupOf(again, loadErasures(again.store), () => now)
    await carryOut(setup)
    now += 3 * limits.intakeGraceMs
    await carryOut(setup)
    expect(texts(again), step).toEqual(['{"url":"of-ben"}', '{"a":"number-of-ben"}'])
    expect([...setup.erasures.lingering.values()][0]?.intakeGoneAt, step).toBe(now)
    expect(again.keys.idsOf(tenant, 'v:anna'), step).toEqual([])
    await again.close()
  }
})

/** Puts so many rows, then fails as a process does that dies. */
function failAt<Row>(put: (row: Row) => Promise<void>, count: number): (row: Row) => Promise<void> {
  let left = count
  return row => {
    left -= 1
    return left < 0 ? Promise.reject(new Error('killed')) : put(row)
  }
}
