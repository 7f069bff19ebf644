import { expect, test } from 'vitest'
import { loaded, tenantText } from '../config/testConfig.ts'
import type { Input } from '../core/input.ts'
import type { PageFrame } from '../core/wire/visitor.ts'
import { createPseudonyms } from './pseudonyms.ts'
import { createSealer } from './seal.ts'
import { createSealingKeys } from './sealingKeys.ts'
import { createTenants, type Site } from './tenants.ts'
import { opened } from './testSealing.ts'
import { createVisit, helloEvent, pageEvent } from './visit.ts'

const text = tenantText(`consent: assumed
fieldRetention: { searchPhrase: 7d }
channels: [{ channel: Kitchens, campaign: { contains: Kitchen } }]
sites: [{ key: pk, origins: ["https://www.acme.example"], ignoreReferrers: [pay.example] }]`)
const site = createTenants(loaded(text)).site('pk') as Site
const sealer = createSealer(
  createSealingKeys(() => 0),
  createPseudonyms(Buffer.alloc(32, 7)),
)
const visit = () =>
  createVisit({ site, address: '192.0.2.17', userAgent: 'test', hasGpc: false, automated: null })
const page = (url: string, referrer?: string): PageFrame => ({
  ...{ type: 'page', id: 2, url },
  ...(referrer !== undefined && { referrer }),
})
const shop = 'https://www.acme.example/'
const sourceOf = (clear: Input) => ('page' in clear ? clear.page?.source : undefined)

test('what was typed into a search engine is sealed, by itself where it goes earlier, and nowhere clear', () => {
  const referrer = 'https://www.bing.com/search?q=knee+pain'
  const hello = helloEvent(visit(), { type: 'hello', page: { url: shop, referrer } }, sealer)
  const next = pageEvent(visit(), page(shop, referrer), sealer)
  for (const event of [hello, next]) {
    expect(opened(event)).toMatchObject({ referrer, searchPhrase: 'knee pain' })
    expect(JSON.stringify(event.clear)).not.toMatch(/knee|pain/)
    expect(sourceOf(event.clear)).toMatchObject({ source: 'bing', keyword: null, channel: 'Organic Search' })
  }
})

test('where nothing was typed nothing is sealed for it', () => {
  const event = pageEvent(visit(), page(shop, 'https://www.bing.com/'), sealer)
  expect(Object.keys(opened(event) as object)).toEqual(['url', 'referrer', 'title', 'name'])
})

test('a page view is classified as its site and tenant say', () => {
  const of = (url: string, referrer?: string) =>
    sourceOf(pageEvent(visit(), page(url, referrer), sealer).clear)
  expect(of(`${shop}?utm_source=x&utm_medium=y&utm_campaign=my-kitchen`)?.channel).toBe('Kitchens')
  expect(of(shop, 'https://blog.acme.example/')?.source).toBe('(direct)')
  expect(of(shop, 'https://www.pay.example/')?.source).toBe('(direct)')
  expect(of(shop)).toEqual({
    ...{
      source: '(direct)',
      medium: '(none)',
      campaign: null,
      content: null,
      keyword: null,
      channel: 'Direct',
    },
    provenance: { source: 'default', medium: 'default', campaign: null, content: null, keyword: null },
  })
})
