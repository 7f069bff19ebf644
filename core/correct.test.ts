import { expect, test } from 'vitest'
import { correct, correctContacts } from './correct.ts'
import type { Input } from './input.ts'
import { hello } from './story.ts'
import type { Pseudonym } from './words.ts'

const values = { userAgent: 'x', fields: { email: 'ana@example.com', 'a.b': '1' } }

test('[P12] a field, or one among what was entered, is put right where the wrong value stands', () => {
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

test('[P12] what does not stand there is left alone', () => {
  for (const field of ['fields.phone', 'ids.ga', 'nothing', 'userAgent.x'])
    expect(correct(values, { field, from: null, to: 'y' })).toEqual({ values, isChanged: false })
  expect(correct(values, { field: 'fields.email', from: 'other', to: 'y' }).isChanged).toBe(false)
})

const [wrong, right, phone, strange] = ['hash-ana', 'hash-anna', 'hash-phone', 'hash-strange'] as unknown as [
  Pseudonym,
  Pseudonym,
  Pseudonym,
  Pseudonym,
]
const [ana, anna, number] = ['ana@example.com', 'anna@example.com', '+4533112233']

/** By which hashes a form is found after a correction. */
function foundBy(
  contacts: readonly Pseudonym[],
  [before, after]: readonly [before: readonly string[], after: readonly string[]],
  {
    from = null,
    to = right,
    field = 'fields.mail',
  }: { from?: Pseudonym | null; to?: Pseudonym | null; field?: string } = {},
) {
  const { page: _, ...visit } = hello('anna', 'tab') as Extract<Input, { kind: 'hello' }>
  const form = {
    ...visit,
    kind: 'engagement',
    id: 1,
    action: 'submit',
    number: null,
    contacts,
  } as unknown as Input
  const correction = { field, from: null, to: null, contacts: { from, to } }
  const found = correctContacts(form, correction, { before, after, right: to === null ? null : anna })
  return 'contacts' in found ? found.contacts : []
}

test('[P12] a form is found by what stands in it now, and no more by what was replaced', () => {
  const hashes = [wrong, phone]
  expect(
    foundBy(hashes, [
      [ana, number],
      [anna, number],
    ]),
  ).toEqual([right, phone])
  expect(foundBy(hashes, [[ana, number], [number]], { to: null })).toEqual([phone])
  // The right value is none that people are found by.
  expect(foundBy(hashes, [[ana, number], [number]])).toEqual([phone])
  // It stands in another field, too.
  expect(
    foundBy(hashes, [
      [ana, number],
      [anna, ana, number],
    ]),
  ).toEqual([right, wrong, phone])
  expect(foundBy([phone], [[number], [anna, number]])).toEqual([right, phone])
  expect(
    foundBy(
      hashes,
      [
        [ana, number],
        [anna, number],
      ],
      { field: 'title' },
    ),
  ).toEqual(hashes)
  // A ninth that was not hashed has no hash now.
  expect(foundBy([wrong], [[ana], [number]], { to: null })).toEqual([])
})

test('[P12] where hashes are not those of what stands there, only the one that was named leaves', () => {
  const hashes = [wrong, phone, strange]
  expect(
    foundBy(hashes, [
      [ana, number],
      [anna, number],
    ]),
  ).toEqual([...hashes, right])
  expect(
    foundBy(
      hashes,
      [
        [ana, number],
        [anna, number],
      ],
      { from: wrong },
    ),
  ).toEqual([phone, strange, right])
  expect(foundBy(hashes, [[ana, number], [number]], { from: wrong, to: null })).toEqual([phone, strange])
})
