import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { pack } from '../../config/pack.ts'
import { joinParts } from '../../config/sealing.ts'
import { limits } from '../../core/limits.ts'
import { tell } from '../../core/story.ts'
import type { LogTime } from '../../core/words.ts'
import type { LogMessage } from '../../core/wire/log.ts'
import { commitOnce } from '../../workers/commit.ts'
import { openEvent } from '../../workers/opener.ts'
import { expireFields, type FieldExpiry } from '../../workers/fieldExpiry.ts'
import { turn } from '../../workers/partition.ts'
import { createChance } from '../load/chance.ts'
import {
  began,
  keep,
  openEdge,
  openOwner,
  type Owner,
  pageOf,
  policy,
  ringOf,
  tenant,
} from '../rights/owner.ts'
import { createGateway } from './gateway.ts'
import { openOwner as openPartition } from './owner.ts'
import { configured, message } from './world.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringtrail-field-expiry-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const hourMs = 3_600_000

/** The url goes after an hour, in a partition whose log has come so far, and whose store has come as far. */
function at(owner: Pick<Owner, 'store' | 'keys'>, afterMs: number) {
  const state = tell({ ...policy, fieldRetentionMs: { url: hourMs } }).state()
  state.now = (began + afterMs) as LogTime
  return { ...owner, state, storedUntilMs: state.now }
}

const dueMs = 2 * hourMs
const history = ({ store }: Owner) => store.history(tenant, 0, Number.MAX_SAFE_INTEGER, 100)
const shown = (owner: Owner) =>
  history(owner).map(({ event }) => JSON.stringify(openEvent(owner.keys, tenant, event).personal))
const fresh = (): FieldExpiry => ({ sweep: null })

async function filled(name: string): Promise<Owner> {
  const owner = await openOwner(join(folder, name))
  await keep(owner, openEdge(owner.keys), [
    [pageOf('anna', 1), { url: 'u1', title: 't1' }],
    [pageOf('ben', 1), { url: 'u2', title: 't2' }],
    [ringOf('pa', 'c1'), { a: 'number' }],
  ])
  return owner
}

test('a field that is due leaves what was sealed with the rest, and no copy of that opens', async () => {
  const owner = await filled('whole')
  const copies = history(owner)
  expect(await expireFields(at(owner, hourMs), fresh())).toBe(0)
  expect(shown(owner)).toHaveLength(3)
  expect(await expireFields(at(owner, dueMs), fresh())).toBe(1)
  const after = ['{"title":"t1"}', '{"title":"t2"}', '{"a":"number"}']
  expect(shown(owner)).toEqual(after)
  const opened = copies.map(({ event }) => openEvent(owner.keys, tenant, event).personal)
  // What calls are sealed under never held a url: it has another name now, and is the same key.
  expect(opened).toEqual([null, null, { a: 'number' }])
  expect(await expireFields(at(owner, dueMs), fresh())).toBe(0)
  await owner.close()
  const again = await openOwner(join(folder, 'whole'))
  expect(shown(again)).toEqual(after)
  await again.close()
})

test('what was begun when a process died is begun again, and ends the same', async () => {
  const owner = await filled('crash')
  const dying = { ...owner.keys, destroyPeriodsOf: () => Promise.reject(new Error('killed')) }
  const kept = at({ ...owner, keys: dying }, dueMs)
  await expect(expireFields(kept, fresh())).rejects.toThrow('killed')
  await owner.close()
  const again = await openOwner(join(folder, 'crash'))
  expect(await expireFields(at(again, dueMs), fresh())).toBe(1)
  expect(shown(again)).toEqual(['{"title":"t1"}', '{"title":"t2"}', '{"a":"number"}'])
  await again.close()
})

test('the key is not destroyed before what was sealed anew is on the disk', async () => {
  const owner = await filled('flush')
  const { keys, store } = owner
  const full = { ...store, isFlushed: async () => false }
  await expect(expireFields(at({ keys, store: full }, dueMs), fresh())).rejects.toThrow('not on the disk')
  expect(keys.inventory().tenants.get(tenant)?.periodKeys).toBe(3)
  await owner.close()
})

test('while commits fail no key goes of what is yet to be committed, however far time moves on', async () => {
  const owner = await openPartition({ directory: join(folder, 'uncommitted') })
  const { partition } = owner
  const gateway = createGateway(createChance(1), () => 0, partition.keys.intake())
  const visit = () => {
    let sent = gateway.send(policy)
    while (sent.message.lane !== 'visit') sent = gateway.send(policy)
    return sent.message
  }
  await owner.hear(configured({ ...policy, fieldRetentionMs: { url: hourMs } }, 1), began)
  await owner.hear(visit(), began)
  const apply = (heard: LogMessage, timeMs: number) =>
    turn(partition, { subject: '', sequence: partition.applied + 1, timeMs, data: pack(heard) })
  apply(visit(), began)
  apply(message('worker|pulse', 1, { kind: 'pulse' }), began + dueMs)
  expect(partition.state.now).toBe(began + dueMs)
  expect(await expireFields(partition, fresh())).toBe(0)

  await commitOnce(partition)
  expect(await expireFields(partition, fresh())).toBe(1)
  const names = partition.store
    .history(policy.tenant, 0, Number.MAX_SAFE_INTEGER, 100)
    .map(({ event }) => Object.keys(openEvent(partition.keys, policy.tenant, event).personal ?? {}))
  const rest = ['ipAddress', 'userAgent', 'ids', 'referrer', 'title', 'name']
  expect(names).toEqual([rest, rest])
  await owner.close()
})

test('who was erased, and what is damaged, holds nothing up', async () => {
  const owner = await filled('erased')
  const { store, keys } = owner
  await keys.eraseSubjects([{ tenant, names: ['v:anna'] }])
  const ben = history(owner)[1]
  if (ben === undefined) throw new Error('no event of ben')
  const bytes = Buffer.from(ben.event.personal ?? [])
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
  await store.replace([{ ...ben, event: { ...ben.event, personal: joinParts([bytes]) } }])
  expect(await expireFields(at(owner, dueMs), fresh())).toBe(1)
  expect(shown(owner)).toEqual(['null', 'null', '{"a":"number"}'])
  await owner.close()
})

test('beside an erasure nobody else loses what was sealed with a field that is due', async () => {
  const people = Array.from({ length: 40 }, (_, person) => `p${person}`)
  const owner = await openOwner(join(folder, 'beside'))
  const { keys, store } = owner
  const pages = people.map(who => [pageOf(who, 1), { url: `u-${who}`, title: who }] as const)
  await keep(owner, openEdge(keys), pages)
  const erasing: Promise<unknown>[] = []
  // Before each write of the sweep another person's key goes: the block that all of them are in is wrapped anew.
  const beside = {
    ...store,
    replace: async (rows: Parameters<typeof store.replace>[0]) => {
      erasing.push(keys.eraseSubjects([{ tenant, names: [`v:p${erasing.length}`] }]))
      await store.replace(rows)
    },
  }
  expect(await expireFields(at({ keys, store: beside }, dueMs), fresh())).toBe(1)
  await Promise.all(erasing)
  expect(erasing.length).toBeGreaterThan(2)
  const left = people.map((who, place) => (place < erasing.length ? 'null' : `{"title":"${who}"}`))
  expect(shown(owner)).toEqual(left)
  await owner.close()
})

test('whose key is not found for a moment, because its block is being wrapped anew, loses nothing', async () => {
  const owner = await filled('moment')
  const busy = { ...owner.keys, subjectKey: () => null }
  expect(await expireFields(at({ ...owner, keys: busy }, dueMs), fresh())).toBe(1)
  expect(shown(owner)).toEqual(['{"title":"t1"}', '{"title":"t2"}', '{"a":"number"}'])
  await owner.close()
})

test('a round looks at so many events, and the next goes on there', async () => {
  const owner = await openOwner(join(folder, 'rounds'))
  const events = Array.from({ length: limits.fieldExpiryPerRoundMax + 1 }, (_, at) => at)
  await keep(
    owner,
    openEdge(owner.keys),
    events.map(at => [pageOf('anna', at), { url: `u${at}`, title: `t${at}` }]),
  )
  const expiry = fresh()
  const kept = at(owner, dueMs)
  expect(await expireFields(kept, expiry)).toBe(0)
  expect(expiry.sweep).not.toBe(null)
  expect(await expireFields(kept, expiry)).toBe(1)
  expect(shown(owner)[0]).toBe('{"title":"t0"}')
  const last = owner.store.history(tenant, 0, Number.MAX_SAFE_INTEGER, 1_000_000).at(-1)
  expect(last && openEvent(owner.keys, tenant, last.event).personal).toEqual({ title: `t${events.at(-1)}` })
  await owner.close()
})
