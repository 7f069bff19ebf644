import { expect, test } from 'vitest'
import { limits } from './limits.ts'

const natsPayloadBytesMax = 1024 * 1024

test('a message of the log is no longer than any nats-server takes, beats and the longest frame included', () => {
  expect(limits.messageBytesMax + limits.frameBytesMax * 2).toBeLessThan(natsPayloadBytesMax)
  expect(limits.beatsPerEntryMax * 32).toBeLessThan(limits.messageBytesMax)
})

test('a body of signals and a beacon fit into their lanes, and a lane into its messages', () => {
  expect(limits.signalsPerBodyMax).toBeLessThanOrEqual(limits.callLaneEventsMax)
  expect(limits.framesPerBeaconMax).toBeLessThanOrEqual(limits.visitLaneEventsMax / 2)
  expect(limits.eventsPerMessageMax).toBeLessThanOrEqual(limits.callLaneEventsMax)
})

test('the routing budget is over before a carrier gives up, and a page waits longer than a caller', () => {
  expect(limits.routingBudgetMs).toBeLessThan(3_000)
  expect(limits.helloBudgetMs).toBeGreaterThan(limits.routingBudgetMs)
  expect(limits.visitPaceMs).toBeLessThan(limits.routingBudgetMs)
})

test('forgetting and ending keep up with what a partition may take in', () => {
  const perSecond = (limits.forgetPerPulseMax * 1_000) / limits.pulseAgainMs
  // All sessions of a tenant within a quarter of an hour, for instance after a day without a worker.
  expect(perSecond * 900).toBeGreaterThan(limits.sessionsPerTenantMax)
  expect(limits.endPerPulseMax).toBeGreaterThanOrEqual(limits.forgetPerPulseMax)
})

test('a partition may be ahead of its store by many messages, and a pool is a part of its tenant', () => {
  expect(limits.uncommittedEntriesMax).toBeGreaterThanOrEqual(limits.eventsPerMessageMax * 16)
  expect(limits.numbersPerTenantMax).toBeGreaterThanOrEqual(limits.numbersPerPoolMax)
})

test('a log that is held is alarmed of first, then freed, and its bytes are gone within eight days of what was removed', () => {
  const dayMs = 86_400_000
  expect(limits.erasureRiskAfterMs).toBeLessThan(limits.heldAfterMs)
  expect(limits.heldAfterMs + limits.paddingEveryMs).toBeLessThan(7 * dayMs)
  expect(limits.heldAfterMs + limits.paddingEveryMs + limits.compactEveryMs).toBeLessThan(8 * dayMs)
})

test('a key that is revoked is refused everywhere within a second, and a tenant’s list of keys fits into a message', () => {
  expect(limits.accessKeyKnownMs).toBeLessThan(1_000)
  expect(limits.readinessKeptMs).toBeLessThan(1_000)
  expect(limits.accessKeysPerTenantMax).toBeLessThan(limits.accessKeysKeptPerTenantMax)
  expect(limits.accessKeysKeptPerTenantMax * 900).toBeLessThan(natsPayloadBytesMax)
})

test('a gateway looks at all the keys that it may hold within a minute', () => {
  expect(limits.subjectKeysLookedAtMax * 60).toBeGreaterThanOrEqual(limits.subjectKeysHeldMax)
})
