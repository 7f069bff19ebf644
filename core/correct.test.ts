import { expect, test } from 'vitest'
import { correct } from './correct.ts'

const values = { userAgent: 'x', fields: { email: 'ana@example.com', 'a.b': '1' } }

test('a field, or one among what was entered, is put right where the wrong value stands', () => {
  expect(correct(values, { field: 'userAgent', from: null, to: 'y' })).toEqual({
    values: { ...values, userAgent: 'y' },
    isChanged: true,
  })
  const right = correct(values, { field: 'fields.email', from: 'ana@example.com', to: 'anna@example.com' })
  expect(right.values.fields).toEqual({ email: 'anna@example.com', 'a.b': '1' })
  expect(correct(values, { field: 'fields.a.b', from: '1', to: null }).values.fields).toEqual({
    email: 'ana@example.com',
  })
})

test('what does not stand there is left alone', () => {
  for (const field of ['fields.phone', 'ids.ga', 'nothing', 'userAgent.x'])
    expect(correct(values, { field, from: null, to: 'y' })).toEqual({ values, isChanged: false })
  expect(correct(values, { field: 'fields.email', from: 'other', to: 'y' }).isChanged).toBe(false)
})
