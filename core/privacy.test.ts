import { format, inspect } from 'node:util'
import { expect, test } from 'vitest'
import { Personal, personalFields } from './privacy.ts'
import { clientFrames } from './wire/visitor.ts'

const number = '+4520304050'

test('a personal value is itself only when it is revealed', () => {
  expect(new Personal(number).reveal()).toBe(number)
})

test.each<[string, (value: Personal) => string]>([
  ['String', value => String(value)],
  ['a template', value => `${value}`],
  ['concatenation', value => 'a'.concat(value as unknown as string)],
  ['JSON', value => JSON.stringify({ a: value })],
  ['inspect', value => inspect({ a: value }, { showHidden: true, depth: 9 })],
  ['format', value => format('%s %o %j %O', value, value, value, value)],
  ['join', value => [value, value].join()],
  ['an error’s text', value => new Error(`of ${value}`).message],
])('%s says (personal)', (_, print) => {
  const printed = print(new Personal(number))
  expect(printed).toContain('(personal)')
  expect(printed).not.toContain(number.slice(1))
})

test('nothing reaches the value through its properties', () => {
  const value = new Personal(number)
  expect(Reflect.ownKeys(value)).toEqual([])
  expect(structuredClone(value)).toEqual({})
})

test('every field stands in the list once, with a purpose', () => {
  const names = personalFields.map(each => each.field)
  expect(new Set(names).size).toBe(names.length)
  for (const each of personalFields) expect(each.purpose.length, each.field).toBeGreaterThan(10)
})

test('what the machines that match may see is clear, and nothing else is', () => {
  for (const each of personalFields)
    expect(each.seenBy.includes('matching'), each.field).toBe(each.where === 'clear')
})

test('every field of a page view that a browser sends is listed as sealed', () => {
  const sent = Object.keys(clientFrames.page.properties).filter(name => name !== 'type' && name !== 'id')
  const listed = personalFields.filter(each => each.where === 'sealed').map(each => each.field)
  for (const name of sent) expect(listed).toContain(`page-view.${name}`)
})

test('every signal that a browser sends with its hello is listed as sealed', () => {
  const listed = personalFields.filter(each => each.where === 'sealed').map(each => each.field)
  for (const name of Object.keys(clientFrames.hello.properties.signals.properties))
    expect(listed).toContain(`session.${name}`)
})
