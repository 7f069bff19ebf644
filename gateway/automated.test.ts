import { expect, test } from 'vitest'
import { automatedBy } from './automated.ts'

const chrome =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'
const iphone =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1'
const google = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)'

test.each<[string, Record<string, string>, string | null]>([
  ['site=pk', { 'user-agent': chrome }, null],
  ['site=pk', { 'user-agent': iphone }, null],
  ['site=pk', { 'user-agent': google }, 'bot'],
  ['site=pk', { 'user-agent': chrome.replace('Chrome/', 'HeadlessChrome/') }, 'bot'],
  ['site=pk', { 'user-agent': 'Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)' }, 'bot'],
  ['site=pk', { 'user-agent': 'facebookexternalhit/1.1' }, 'bot'],
  ['site=pk', { 'user-agent': 'node' }, 'bot'],
  ['site=pk&webdriver=1', { 'user-agent': chrome }, 'bot'],
  ['site=pk&webdriver=0', { 'user-agent': chrome }, null],
  ['site=pk', { 'user-agent': chrome, 'sec-purpose': 'prefetch;prerender' }, 'preview'],
  ['site=pk', { 'user-agent': chrome, 'sec-purpose': 'prefetch;anonymous-client-ip' }, 'preview'],
  ['site=pk', { 'user-agent': iphone, purpose: 'preview' }, 'preview'],
  ['site=pk', { 'user-agent': chrome, 'x-moz': 'prefetch' }, 'preview'],
  ['site=pk', { 'user-agent': google, purpose: 'prefetch' }, 'bot'],
  // Nothing says that it is no person.
  ['site=pk', {}, null],
  ['site=pk', { 'user-agent': chrome, 'sec-purpose': '' }, null],
])('with %j and %j it is %s', (query, headers, found) => {
  expect(automatedBy({ query, headers: new Map(Object.entries(headers)) })).toBe(found)
})
