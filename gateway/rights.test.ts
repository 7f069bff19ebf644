import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { pack } from '../config/pack.ts'
import type { ControlReply, RightsSaid } from '../core/wire/control.ts'
import { subjects } from '../core/wire/subjects.ts'
import type { Pseudonym, VisitorId } from '../core/words.ts'
import { createRights } from './rights.ts'

/** NATS and the owner are played here: what is tested is which of two lists, and of two words, counts. */
beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const visitor = (letter: string) => letter.repeat(22) as VisitorId
const [ada, ben] = [visitor('A'), visitor('B')]
const caller = 'caller' as Pseudonym

function world() {
  const listeners = new Map<string, (message: { subject: string; data: Uint8Array }) => void>()
  const asked: ((reply: ControlReply) => void)[] = []
  const link = { reconnects: 0 }
  const rights = createRights({
    link: {
      reconnects: () => link.reconnects,
      subscribe: (subject, take) => {
        listeners.set(subject, message => take({ ...message, respond: () => undefined }))
        return { stop: () => undefined }
      },
    },
    owners: { ask: () => new Promise(resolve => asked.push(resolve)) },
    tenants: [{ id: 'acme', partition: 3 }],
  })
  const told: RightsSaid[] = []
  rights.hear(said => told.push(said))
  const say = (mode: RightsSaid['mode'], visitors: VisitorId[], at: number, callers: Pseudonym[] = []) =>
    listeners.get(subjects.everyRight)?.({
      subject: subjects.rights(3),
      data: pack({ tenant: 'acme', visitors, callers, mode, at }),
    })
  const answer = async (visitors: string[], objected: string[] = [], current = true) => {
    asked.shift()?.({ kind: 'restricted', current, visitors, callers: [], objected })
    await vi.advanceTimersByTimeAsync(0)
  }
  const newOwner = (owner: string) =>
    listeners.get(subjects.everyIntake)?.({ subject: '', data: pack({ partition: 3, owner }) })
  return { rights, told, say, answer, asked, link, newOwner }
}

test('the list is asked for at the start, and what is said while it comes is newer', async () => {
  const { rights, say, answer } = world()
  say('restricted', [ben], 10)
  say('lifted', [ada], 11)
  await answer([ada])
  expect(rights.isClosed('acme', ada)).toBe(false)
  expect(rights.isClosed('acme', ben)).toBe(true)
  expect(rights.isClosed('other', ben)).toBe(false)
})

test('an erasure ends a restriction, and an objection outlives it', async () => {
  const { rights, say, answer } = world()
  await answer([])
  say('restricted', [ada], 1)
  say('objected', [ben], 2, [caller])
  say('erased', [ada, ben], 3, [caller])
  expect([rights.isClosed('acme', ada), rights.isClosed('acme', ben)]).toEqual([false, true])
  expect(rights.hasObjected('acme', caller)).toBe(true)
  say('ended', [], 4)
  expect(rights.isClosed('acme', ben)).toBe(false)
})

test('the number of a restricted caller is taken, of one who objected it is not', async () => {
  const { rights, say, answer } = world()
  await answer([])
  say('restricted', [], 1, [caller])
  expect(rights.hasObjected('acme', caller)).toBe(false)
  say('objected', [], 2, [caller])
  expect(rights.hasObjected('acme', caller)).toBe(true)
})

test('what an owner says that lags behind another is not heard again', async () => {
  const { rights, say, answer, told } = world()
  await answer([])
  say('restricted', [ada], 10)
  say('lifted', [ada], 20)
  say('restricted', [ada], 10)
  expect(rights.isClosed('acme', ada)).toBe(false)
  expect(told.map(({ mode }) => mode)).toEqual(['restricted', 'lifted'])
})

test('after a reconnect, and when an owner begins, the list is asked for again, and what was missed is told', async () => {
  const { rights, answer, asked, link, newOwner, told } = world()
  await answer([])
  link.reconnects += 1
  await vi.advanceTimersByTimeAsync(250)
  await answer([ada])
  expect(rights.isClosed('acme', ada)).toBe(true)
  expect(told).toMatchObject([{ mode: 'restricted', visitors: [ada] }])
  newOwner('second')
  newOwner('second')
  await vi.advanceTimersByTimeAsync(1_000)
  expect(asked).toHaveLength(1)
})

test('an owner that is still catching up is asked again', async () => {
  const { rights, answer, asked } = world()
  await answer([], [], false)
  await vi.advanceTimersByTimeAsync(1_500)
  expect(asked).toHaveLength(1)
  await answer([ada], [`v:${ada}`])
  await rights.known(0)
  expect(rights.isClosed('acme', ada)).toBe(true)
})
