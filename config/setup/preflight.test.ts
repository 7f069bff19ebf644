import { expect, test } from 'vitest'
import { nodeTrouble, preflight, sayWhyUwsFails } from './preflight.ts'

test('everything is in place here', () => {
  expect(() => preflight()).not.toThrow()
})

test('a Node that is too old is named together with the way out', () => {
  expect(nodeTrouble('24.12.0')).toBeNull()
  expect(nodeTrouble('20.20.2')).toMatch(/needs Node 24\.12\.0 or newer and this is 20\.20\.2.*npm start/)
})

test('a missing glibc version becomes a sentence that says what to do', () => {
  const message =
    "This version of uWS.js supports only …\n\nError: libc.so.6: version `GLIBC_2.38' not found (required by …)"
  expect(sayWhyUwsFails(message, '2.36')).toMatch(
    /glibc is 2\.36 and its binary wants 2\.38.*npm run setup.*docs\/uws\.md/,
  )
})

test('other reasons are passed on in one line', () => {
  expect(sayWhyUwsFails("Cannot find module 'uWebSockets.js'\nRequire stack:", null)).toMatch(/run npm ci/)
  expect(sayWhyUwsFails('long story\n\nError: wrong ELF class', null)).toMatch(
    /Error: wrong ELF class — docs\/uws\.md/,
  )
})
