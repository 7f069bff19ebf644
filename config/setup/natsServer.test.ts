import { isAbsolute } from 'node:path'
import { expect, test } from 'vitest'
import { findNatsServer } from './natsServer.ts'
import { usualPlaces } from './program.ts'
import { isAtLeast } from './versions.ts'

test('the nats-server of this machine is found without the network, and is new enough', async () => {
  const offline = { ...usualPlaces(), fetch: () => Promise.reject(new Error('the network was asked')) }
  const { path, version } = await findNatsServer(offline)
  expect(isAbsolute(path)).toBe(true)
  expect(isAtLeast(version, '2.10.0')).toBe(true)
})
