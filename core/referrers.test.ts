import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { mediumOf, ownHosts } from './ownReferrers.ts'
import { placeCalled, placeOf } from './referrers.ts'
import { mailHosts, otherHosts, paidHosts, socialHosts } from './referrersTable.ts'
import { searchHosts } from './searchHostsTable.ts'
import { classify } from './sources.ts'

/** Blocks of the file: a line that says what a visit is, then addresses. */
function recorded(): [referrer: string, visit: string, typed: string | null][] {
  const text = readFileSync(new URL('referrers.txt', import.meta.url), 'utf8')
  const blocks = text.split('\n\n').filter(block => !block.startsWith('#'))
  return blocks.flatMap(block => {
    const [visit = '', ...addresses] = block.trim().split('\n')
    return addresses.map((line): [string, string, string | null] => {
      const [referrer = '', typed = null] = line.split(' => ')
      return [referrer, visit, typed]
    })
  })
}

const url = 'https://www.acme.example/offers'

test('[S3] there are 300 referrers at least, each written once', () => {
  const referrers = recorded().map(([referrer]) => referrer)
  expect(referrers.length).toBeGreaterThanOrEqual(300)
  expect(new Set(referrers).size).toBe(referrers.length)
})

test.each(recorded())('[S3] [S7] %s is %s', (referrer, visit, typed) => {
  const { source, searchPhrase } = classify({ url, referrer })
  expect(`${source.source} / ${source.medium} / ${source.channel}`).toBe(visit)
  expect(searchPhrase?.reveal() ?? null).toBe(typed)
})

test('[S3] what lies below a search engine is another place, what lies below a social network is not', () => {
  expect(placeOf('search.excite.it')?.category).toBe('search')
  expect(placeOf('m.search.excite.it')?.category).toBe('search')
  expect(placeOf('shop.search.excite.it')).toBeNull()
  expect(placeOf('deep.below.linkedin.com')?.source).toBe('linkedin')
  expect(placeOf('notlinkedin.com')).toBeNull()
  expect(placeOf('linkedin.com.example')).toBeNull()
})

test('[S6] a utm_source means a place by our name, a usual short one, or a host', () => {
  const places = [
    'Facebook',
    'fb',
    'IG',
    'www.facebook.com',
    'm.facebook.com',
    'google.dk',
    'docs.google.com',
  ]
  expect(places.map(one => placeCalled(one)?.category ?? null)).toEqual([
    ...['social', 'social', 'social', 'social', 'social', 'search', null],
  ])
  for (const odd of ['', '.', '..', 'constructor', '__proto__', 'www.', 'x.']) placeCalled(odd)
  expect(placeCalled('constructor')).toBeNull()
})

test('the tables hold what the lookups ask for: lower case, no www, no path, each host in one of ours once', () => {
  const generated = [searchHosts, socialHosts, mailHosts, paidHosts, otherHosts].flat()
  const own = Object.values(ownHosts).flatMap(table => Object.entries(table))
  const hosts = [...generated, ...own].flatMap(([, list]) => list.split(' '))
  for (const host of hosts) expect(host).toMatch(/^(?!www\.)[a-z0-9-]+(?:\.[a-z0-9-]+)+$/)
  const ours = own.flatMap(([, list]) => list.split(' '))
  expect(ours.filter((host, place) => ours.indexOf(host) !== place)).toEqual([])
  expect(Object.keys(mediumOf).sort()).toEqual(Object.keys(ownHosts).sort())
})
