import { expect, test } from 'vitest'
import { causeOf, createLogger } from './logger.ts'

const number = '+4930901820'

function logged(error: unknown): string {
  const lines: string[] = []
  createLogger('info', { write: line => void lines.push(line) }).error(causeOf(error), 'handler_threw')
  return lines.join('')
}

test('a line says what kind of error it was and where it came from', () => {
  const error = Object.assign(new TypeError('no'), { code: 'ENOSPC' })
  const { stack, ...rest } = causeOf(error)
  expect(rest).toEqual({ name: 'TypeError', code: 'ENOSPC' })
  expect(stack?.[0]).toMatch(/^at .*config\/logger\.test\.ts:\d+:\d+\)?$/)
})

function changedLater(): Error {
  const error = new Error(`no visit for ${number}`)
  error.message = 'another'
  return error
}

test.each([
  ['its message', new Error(`no visit for ${number}`)],
  ['a message of several lines', new Error(`no\n${number}\nvisit`)],
  ['a message that looks like a frame', new Error(`no\n    at visit (/calls/${number}:1:1)`)],
  ['a message that was changed later', changedLater()],
  ['its name', Object.assign(new Error('no'), { name: number })],
  ['its code', Object.assign(new Error('no'), { code: number.slice(1) })],
  ['a number for a code', Object.assign(new Error('no'), { code: Number(number) })],
  ['its cause', new Error('no', { cause: new Error(number) })],
  ['its own fields', Object.assign(new Error('no'), { caller: number })],
  ['a text that was thrown', number],
])('a phone number never gets out by way of %s', (_, error) => {
  const line = logged(error)
  expect(line).toContain('handler_threw')
  expect(line).not.toContain(number.slice(1))
})

test('what an error was made from is said too, and a circle of causes ends', () => {
  const error = new Error('no')
  error.cause = new RangeError(number, { cause: error })
  expect(causeOf(error).cause?.name).toBe('RangeError')
})

test('an error without a message keeps its frames', () => {
  expect(causeOf(new Error()).stack?.length).toBeGreaterThan(0)
})
