import { expect, test } from 'vitest'
import { clickIds } from './clickIds.ts'
import { classify } from './sources.ts'

const page = 'https://www.acme.example/offers'

/** As on the addresses that the platforms make, written as they write it: what a visit with it is. */
const marked: readonly (readonly [query: string, visit: string])[] = [
  ['gclid=Cj0KCQjwiMmwBhDmARIsABeQ7xRJWGVfm8Tw5EtQbxSiM8', 'google / cpc / Paid Search'],
  ['gbraid=0AAAAADf4Kx9', 'google / cpc / Paid Search'],
  ['wbraid=Cj8KCQjwiMmwBhDm', 'google / cpc / Paid Search'],
  ['gad_source=1', 'google / cpc / Paid Search'],
  ['gad_campaignid=20512345678', 'google / cpc / Paid Search'],
  ['dclid=CJKu8LrQxd4CFQ1qwQodmJIElw', 'dfa / cpm / Display'],
  ['msclkid=7d3b1a9c0e5f1d2c3b4a5968778695a4', 'bing / cpc / Paid Search'],
  ['ttclid=E.C.P.CqcBvmVZ', 'tiktok / cpc / Paid Social'],
  ['twclid=2-3lqxq3s5n1g2e4c', 'twitter / cpc / Paid Social'],
  ['li_fat_id=1b0f1d24-7f0c-4f3a-9f0e-2d3a4b5c6d7e', 'linkedin / cpc / Paid Social'],
  ['rdt_cid=4818364829123', 'reddit / cpc / Paid Social'],
  ['ScCid=9c6e3f0a-1b2c-4d5e-8f90-a1b2c3d4e5f6', 'snapchat / cpc / Paid Social'],
  ['qclid=A1b2', 'quora / cpc / Paid Social'],
  ['yclid=123', 'yandex / cpc / Paid Search'],
  ['ymclid=123', 'yandex-market / cpc / Paid Shopping'],
  ['yzclid=123', 'yandex / cpc / Paid Search'],
  ['sznclid=abc', 'seznam / cpc / Paid Search'],
  ['dicbo=v2-abc', 'outbrain / cpc / Paid Other'],
  ['obclid=abc', 'outbrain / cpc / Paid Other'],
  ['tblci=GiAbc', 'taboola / cpc / Paid Other'],
  ['irclickid=xyz%3A1', 'impact / affiliate / Affiliates'],
  ['awc=1234_1700000000_abc', 'awin / affiliate / Affiliates'],
  ['cjevent=abc', 'cj / affiliate / Affiliates'],
  ['ranSiteID=abc', 'rakuten-advertising / affiliate / Affiliates'],
  ['tduid=abc', 'tradedoubler / affiliate / Affiliates'],
  ['epik=dj0yJnU9', 'pinterest / social / Organic Social'],
  ['fbclid=IwAR2F4-dbP0l7Mn1IawQQGCINEz7PYXQvwjNwB', 'facebook / social / Organic Social'],
  ['igshid=MzRlODBiNWFlZA', 'instagram / social / Organic Social'],
  ['igsh=MzRlODBiNWFlZA', 'instagram / social / Organic Social'],
  ['mc_cid=5f1c2d3e4b', 'mailchimp / email / Email'],
  ['_hsmi=12345678', 'hubspot / email / Email'],
  ['_kx=abc', 'klaviyo / email / Email'],
  ['mkt_tok=abc', 'marketo / email / Email'],
  ['srsltid=AfmBOoq', 'google / organic / Organic Search'],
  ['ysclid=lz1a2b3c4d', 'yandex / organic / Organic Search'],
]

function visit(query: string, referrer?: string): string {
  const { source, because } = classify({ url: `${page}?${query}`, referrer })
  expect(because).toBe('click-id')
  expect(source.provenance).toMatchObject({ source: 'click-id', medium: 'click-id' })
  return `${source.source} / ${source.medium} / ${source.channel}`
}

test.each(marked)('[S2] %s is %s, in any case of letters', (query, expected) => {
  const [name = '', value = ''] = query.split('=')
  expect(visit(query)).toBe(expected)
  expect(visit(`a=b&${name.toUpperCase()}=${value}`)).toBe(expected)
  expect(visit(`${name.toLowerCase()}=${value}#top`)).toBe(expected)
})

test('[S2] every click id that is known is in the table of this test', () => {
  const tested = marked.map(([query]) => (query.split('=')[0] ?? '').toLowerCase())
  expect(clickIds.map(({ parameter }) => parameter).sort()).toEqual(tested.sort())
})

test('[S2] of several the first of the list counts, an advertisement before a link that is marked anyway', () => {
  expect(visit('fbclid=a&gclid=b')).toBe('google / cpc / Paid Search')
  expect(visit('srsltid=a&msclkid=b')).toBe('bing / cpc / Paid Search')
  expect(visit('mc_cid=a&fbclid=b')).toBe('facebook / social / Organic Social')
})

test('[S2] a platform that marks the links of several places is told apart by the referrer', () => {
  expect(visit('fbclid=a', 'https://l.instagram.com/')).toBe('instagram / social / Organic Social')
  expect(visit('fbclid=a', 'https://l.threads.com/')).toBe('threads / social / Organic Social')
  expect(visit('fbclid=a', 'https://www.google.com/')).toBe('facebook / social / Organic Social')
  expect(visit('yclid=a', 'https://search.yahoo.co.jp/')).toBe('yahoo / cpc / Paid Search')
})

test('[S2] a click id that says nothing is none', () => {
  for (const query of ['gclid=', 'gclid', 'gclid=%20', 'xgclid=1', 'gclid%3D1'])
    expect(classify({ url: `${page}?${query}` }).because).toBe('direct')
})
