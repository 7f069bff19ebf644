import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { pack } from '../config/pack.ts'
import type { Terms } from '../core/keptFor.ts'
import { limits } from '../core/limits.ts'
import type { ControlReply } from '../core/wire/control.ts'
import { subjects } from '../core/wire/subjects.ts'
import { createTerms } from './terms.ts'

/** NATS and the owner are played here: what is tested is which of two words counts, and when it is asked again. */
beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const days = (count: number, fieldRetentionMs: Record<string, number> = {}): Terms => ({
  retentionMs: count * 86_400_000,
  fieldRetentionMs,
})
const inFile = { tenant: 'acme', ...days(60) }

function world() {
  const listeners = new Map<string, (message: { subject: string; data: Uint8Array }) => void>()
  const asked: ((reply: ControlReply) => void)[] = []
  const terms = createTerms({
    link: {
      reconnects: () => 0,
      subscribe: (subject, take) => {
        listeners.set(subject, message => take({ ...message, respond: () => undefined }))
        return { stop: () => undefined }
      },
    },
    owners: { ask: () => new Promise(resolve => asked.push(resolve)) },
    tenants: [{ partition: 3 }, { partition: 3 }],
  })
  const say = (said: Terms, at: number) =>
    listeners.get(subjects.everyTerm)?.({
      subject: subjects.terms(3),
      data: pack({ tenants: [{ tenant: 'acme', ...said }], at }),
    })
  const answer = async (said: Terms, at: number, current = true) => {
    asked.shift()?.({ kind: 'terms', current, said: { tenants: [{ tenant: 'acme', ...said }], at } })
    await vi.advanceTimersByTimeAsync(0)
  }
  return { terms, say, answer, asked, inForce: () => terms.of(inFile) }
}

test('before an owner has spoken the file counts, then what is in force, whatever the file says', async () => {
  const { inForce, answer, asked } = world()
  expect(inForce()).toBe(inFile)
  expect(asked).toHaveLength(1)
  await answer(days(7), 1, false)
  expect(inForce()).toBe(inFile)
  await vi.advanceTimersByTimeAsync(1_500)
  await answer(days(7, { ipAddress: 1_000 }), 1)
  expect(inForce()).toEqual(days(7, { ipAddress: 1_000 }))
})

test('a change counts as soon as it is said, and an owner that lags behind does not take it back', async () => {
  const { inForce, answer, say } = world()
  say(days(7), 20)
  await answer(days(60), 10)
  expect(inForce()).toEqual(days(7))
  say(days(30), 15)
  expect(inForce()).toEqual(days(7))
  say(days(90), 21)
  expect(inForce()).toEqual(days(90))
})

test('who did not hear of a change knows it half a minute later', async () => {
  const { inForce, answer, asked } = world()
  await answer(days(60), 10)
  await vi.advanceTimersByTimeAsync(limits.termsAskedEveryMs - 500)
  expect(asked).toHaveLength(0)
  await vi.advanceTimersByTimeAsync(1_000)
  await answer(days(7), 20)
  expect(inForce()).toEqual(days(7))
})
