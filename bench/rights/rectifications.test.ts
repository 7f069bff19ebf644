import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { limits } from '../../core/limits.ts'
import { carryOut } from '../../workers/eraser.ts'
import { loadErasures } from '../../workers/erasures.ts'
import { openEvent } from '../../workers/opener.ts'
import {
  hearRectifications,
  loadRectifications,
  rectificationRow,
  rectify,
  storedRectifications,
  takeRectifications,
} from '../../workers/rectifications.ts'
import { oneAfterAnother } from '../../workers/rounds.ts'
import { began, keep, openEdge, openOwner, type Owner, pageOf, policy, tenant } from './owner.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringtrail-rectify-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const history = ({ store }: Owner) => store.history(tenant, 0, Number.MAX_SAFE_INTEGER, 100)
const titles = (owner: Owner) =>
  history(owner).map(({ event }) => openEvent(owner.keys, tenant, event).personal?.title ?? null)

/** Nobody else seals anything anew, and nobody is asked to stop. */
const here = { inTurn: oneAfterAnother(), goesOn: () => true, ownNumber: () => null }
const correction = { field: 'title', from: 'Ana', to: 'Anna', contacts: { from: null, to: null } }

/** Hears it as a partition does. */
async function ask(owner: Owner, edge: ReturnType<typeof openEdge>) {
  const event = edge.sealer.correction(policy, 'v:anna', 'r1', correction)
  await owner.keys.take(edge.introduced(event, began))
  const asked = loadRectifications(owner.store)
  const applied = { event, outcomes: [{ kind: 'noted', tenant }], reply: { kind: 'done' } } as never
  hearRectifications(asked, [applied], owner.keys, () => began)
  return { asked, taken: takeRectifications(asked) }
}

test('a wrong value is put right in every event of the person, and can be opened nowhere any more', async () => {
  const owner = await openOwner(join(folder, 'one'))
  const edge = openEdge(owner.keys)
  await keep(owner, edge, [
    [pageOf('anna', 1), { title: 'Ana', url: 'u1' }],
    [pageOf('anna', 2), { title: 'other', url: 'u2' }],
    [pageOf('ben', 1), { title: 'Ana', url: 'u3' }],
  ])
  const before = history(owner)
  const { asked, taken } = await ask(owner, edge)
  // Sealed meanwhile, under the new key: it is no old one.
  await keep(owner, edge, [[pageOf('anna', 3), { title: 'Ana', url: 'u4' }]], {
    rectifications: taken.map(rectificationRow),
  })
  storedRectifications(asked, taken)

  const notes: number[] = []
  const { store, keys } = owner
  const note = ({ changed }: { changed: number }) => void notes.push(changed)
  const halves = () => keys.inventory().intake.length
  const round = (now: number) =>
    rectify(asked, { ...here, store, keys, replaceIntake: () => keys.rotateIntake(now), note }, now)
  await round(began + limits.rectifyAfterMs - 1)
  expect(titles(owner)).toEqual(['Ana', 'other', 'Ana', 'Ana'])
  expect(halves()).toBe(1)
  await round(began + limits.rectifyAfterMs)
  await round(began + limits.rectifyAfterMs + 1)
  expect(titles(owner)).toEqual(['Anna', 'other', 'Ana', 'Ana'])
  expect(notes).toEqual([1])
  // Of the half under which the old keys came nothing is left, though nobody is erased.
  expect(halves()).toBe(2)
  const [announceIntake, noteKeysGone] = [() => undefined, () => undefined]
  const roundAt = (now: number) =>
    carryOut({
      ...{ erasures: loadErasures(store), store, keys, announceIntake, noteKeysGone },
      removeReturns: async () => undefined,
      storedUntil: async () => now,
      clock: () => now,
    })
  await roundAt(began + limits.rectifyAfterMs + limits.intakeGraceMs - 1)
  expect(halves()).toBe(2)
  await roundAt(began + limits.rectifyAfterMs + limits.intakeGraceMs)
  expect(halves()).toBe(1)
  for (const { event: old } of before.slice(0, 2))
    expect(openEvent(owner.keys, tenant, old)).toEqual({ personal: null, isKeyGone: true })
  expect(openEvent(owner.keys, tenant, before[2]?.event as never).personal).toMatchObject({ url: 'u3' })
  await owner.close()
  const again = await openOwner(join(folder, 'one'))
  expect(titles(again)).toEqual(['Anna', 'other', 'Ana', 'Ana'])
  expect([...loadRectifications(again.store).all.values()][0]).toMatchObject({ changed: 1 })
  await again.close()
})

test('the old keys are not destroyed before what was sealed anew is on the disk', async () => {
  const owner = await openOwner(join(folder, 'flush'))
  const edge = openEdge(owner.keys)
  await keep(owner, edge, [[pageOf('anna', 1), { title: 'Ana', url: 'u1' }]])
  const [before] = history(owner)
  const { asked, taken } = await ask(owner, edge)
  storedRectifications(asked, taken)
  const { store, keys } = owner
  const notes: number[] = []
  const note = ({ changed }: { changed: number }) => void notes.push(changed)
  const round = (isFlushed: typeof store.isFlushed) =>
    rectify(
      asked,
      { ...here, store: { ...store, isFlushed }, keys, replaceIntake: async () => undefined, note },
      began + limits.rectifyAfterMs,
    )
  await expect(round(async () => false)).rejects.toThrow('not on the disk')
  // A power cut would leave the event as it was: that can still be opened.
  expect(openEvent(keys, tenant, before?.event as never).personal).toMatchObject({ title: 'Ana' })
  expect(notes).toEqual([])
  await round(store.isFlushed)
  expect(titles(owner)).toEqual(['Anna'])
  expect(openEvent(keys, tenant, before?.event as never).isKeyGone).toBe(true)
  await owner.close()
})

test('of somebody with many events a few are sealed anew at once; a stop or a death in between, it goes on from there', async () => {
  const owner = await openOwner(join(folder, 'many'))
  const edge = openEdge(owner.keys)
  const many = 300
  const pages = Array.from({ length: many }, (_, id) => [pageOf('anna', id), { title: 'Ana' }] as const)
  await keep(owner, edge, pages)
  const { asked, taken } = await ask(owner, edge)
  await keep(owner, edge, [], { rectifications: taken.map(rectificationRow) })
  storedRectifications(asked, taken)
  const { store, keys } = owner
  const steps: string[] = []
  const watched: typeof store = {
    ...store,
    find: (...which) => {
      if (which[3] > 64) throw new Error('so many are not looked at in one go')
      return store.find(...which)
    },
    replace: async (rows, row) => {
      await store.replace(rows, row)
      steps.push('page')
      if (steps.length === 2) throw new Error('killed')
    },
    isFlushed: async () => {
      steps.push('flushed')
      return store.isFlushed()
    },
  }
  const eraseSubjects: typeof keys.eraseSubjects = async requests => {
    steps.push('keys')
    return keys.eraseSubjects(requests)
  }
  const notes: number[] = []
  const work = {
    ...{ ...here, store: watched, keys: { ...keys, eraseSubjects }, replaceIntake: async () => undefined },
    note: ({ changed }: { changed: number }) => void notes.push(changed),
  }
  const now = began + limits.rectifyAfterMs
  await expect(rectify(asked, work, now)).rejects.toThrow('killed')
  // The next process knows what is on the disk.
  const again = loadRectifications(store)
  let looks = 3
  await rectify(again, { ...work, goesOn: () => looks-- > 0 }, now)
  expect([steps.includes('keys'), notes]).toEqual([false, []])
  await rectify(again, work, now)
  expect(steps.slice(-3)).toEqual(['page', 'flushed', 'keys'])
  expect(steps.filter(step => step === 'page')).toHaveLength(Math.ceil(many / 64))
  expect(notes).toEqual([many])
  const found = store.history(tenant, 0, Number.MAX_SAFE_INTEGER, many)
  const right = found.filter(({ event }) => openEvent(keys, tenant, event).personal?.title === 'Anna')
  expect(right).toHaveLength(many)
  await owner.close()
})

test('a key that is hard to find for a moment, because somebody beside it is erased, is waited for', async () => {
  const owner = await openOwner(join(folder, 'beside'))
  const edge = openEdge(owner.keys)
  await keep(owner, edge, [[pageOf('anna', 1), { title: 'Ana' }]])
  const { asked, taken } = await ask(owner, edge)
  storedRectifications(asked, taken)
  const keys = { ...owner.keys, subjectKey: () => null }
  const work = {
    ...here,
    store: owner.store,
    keys,
    replaceIntake: async () => undefined,
    note: () => undefined,
  }
  await rectify(asked, work, began + limits.rectifyAfterMs)
  expect(titles(owner)).toEqual(['Anna'])
  await owner.close()
})
