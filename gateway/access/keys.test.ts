import { expect, test } from 'vitest'
import type { AccessKey } from '../../core/access.ts'
import type { ControlReply, ControlRequest } from '../../core/wire/control.ts'
import { processorsPlace } from '../noting.ts'
import { partitionOfTenant } from '../../config/partitions.ts'
import { createKeys, placeOf } from './keys.ts'

const key = { tenant: 'acme', id: 'aaaaaaaaaaaa' } as AccessKey

const whole = { current: true, whole: true }

function desk(answer: () => Promise<ControlReply>) {
  const asked: ControlRequest[] = []
  const told: { partition: number; request: ControlRequest }[] = []
  let now = 0
  const keys = createKeys({
    owners: {
      ask: (_, request) => {
        asked.push(request)
        return answer()
      },
      tell: (partition, request) => void told.push({ partition, request }),
      statuses: async () => [],
    },
    noting: async () => null,
    partitions: 16,
    clock: () => now,
  })
  const at = (ms: number) => {
    now = ms
  }
  return { keys, asked, told, at }
}

test('what the owner said holds for a while, also that there is none; what it did not say is asked again', async () => {
  const there = desk(async () => ({ kind: 'access-key', ...whole, key }))
  expect(await there.keys.find('acme', key.id)).toBe(key)
  expect(await there.keys.find('acme', key.id)).toBe(key)
  await there.keys.find('other', key.id)
  expect(there.asked).toEqual([
    { kind: 'access-key', tenant: 'acme', id: key.id },
    { kind: 'access-key', tenant: 'other', id: key.id },
  ])
  const behind = desk(async () => ({ kind: 'access-key', current: false, whole: false, key }))
  await expect(behind.keys.find('acme', key.id)).rejects.toThrow('no owner has all keys')
  const away = desk(async () => Promise.reject(new Error('no answer')))
  await expect(away.keys.find('acme', key.id)).rejects.toThrow('no answer')
  await expect(away.keys.find('acme', key.id)).rejects.toThrow('no answer')
  expect(away.asked).toHaveLength(2)
})

test('what was changed here is asked for anew', async () => {
  const { keys, asked } = desk(async () => ({ kind: 'access-key', ...whole, key }))
  await keys.find('acme', key.id)
  await keys.save(key, {} as never)
  await keys.find('acme', key.id)
  expect(asked).toHaveLength(2)
  expect(await keys.exist()).toBe(true)
})

test('the owner is told of use once a minute at most, with every scope that was used', () => {
  const { keys, told, at } = desk(async () => ({ kind: 'done', current: true }))
  at(1_000)
  keys.used(key, 'calls:read')
  at(60_999)
  keys.used(key, 'feed:read')
  expect(told).toHaveLength(1)
  at(61_000)
  keys.used(key, 'calls:read')
  expect(told.map(({ request }) => request)).toEqual([
    { kind: 'access-used', tenant: 'acme', id: key.id, lastAt: 1_000, scopes: ['calls:read'] },
    { kind: 'access-used', tenant: 'acme', id: key.id, lastAt: 61_000, scopes: ['calls:read', 'feed:read'] },
  ])
})

test('a tenant’s keys are where the tenant is, the processor’s in partition 0 under a name that no tenant has', () => {
  expect(placeOf('acme', 16)).toEqual({ tenant: 'acme', partition: partitionOfTenant('acme', 0, 16) })
  expect(placeOf(null, 16)).toEqual(processorsPlace)
  expect(processorsPlace).toEqual({ tenant: '', partition: 0 })
})
