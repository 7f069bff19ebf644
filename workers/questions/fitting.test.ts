import { expect, test } from 'vitest'
import { unpack } from '../../config/pack.ts'
import { fitting } from './fitting.ts'

test('an answer that no message may be as long as is not sent, and that is said', () => {
  const reply = { kind: 'report', current: true, more: 0, text: Buffer.alloc(1_000) } as const
  expect(unpack(fitting(reply, 1_100))).toMatchObject({ kind: 'report' })
  expect(unpack(fitting(reply, 1_000))).toEqual({ kind: 'too-long', current: true })
})
