import { expect, test } from 'vitest'
import { classify } from '../core/sources.ts'
import { domainOf } from './domains.ts'
import { siteView } from './siteView.ts'

test.each([
  ['www.acme.example', 'acme.example'],
  ['a.b.acme.co.uk', 'acme.co.uk'],
  ['acme.com.br', 'acme.com.br'],
  ['anna.github.io', 'anna.github.io'],
  ['shop.anna.github.io', 'anna.github.io'],
  ['www.københavn.dk', 'københavn.dk'],
  ['co.uk', null],
  ['localhost', null],
  ['192.0.2.7', null],
  ['[2001:db8::7]', null],
  ['', null],
])('the domain of %s is %s', (host, domain) => {
  expect(domainOf(host)).toBe(domain)
})

const view = siteView(
  {
    origins: [
      'https://www.acme.co.uk',
      'https://shop.acme.co.uk:8443',
      'http://localhost:8080',
      'https://anna.github.io',
    ],
    ignoreReferrers: ['pay.example'],
  },
  { channels: [] },
)

test('the domains of the origins are the site’s own, each once', () => {
  expect(view.domains).toEqual(['acme.co.uk', 'localhost', 'anna.github.io'])
})

test.each([
  ['https://www.acme.co.uk/', 'https://blog.acme.co.uk/', 'self'],
  ['https://www.acme.co.uk/', 'https://anna.github.io/', 'self'],
  ['https://www.acme.co.uk/', 'https://other.co.uk/', 'referral'],
  ['https://anna.github.io/', 'https://ben.github.io/', 'referral'],
  ['https://shop.ben.example/', 'https://blog.ben.example/', 'self'],
  ['https://www.acme.co.uk/', 'https://checkout.pay.example/', 'ignored'],
])('a visit of %s from %s is because %s', (url, referrer, because) => {
  expect(classify({ url, referrer }, view).because).toBe(because)
})
