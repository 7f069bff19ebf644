import fc from 'fast-check'
import { expect, test } from 'vitest'
import { limits } from './limits.ts'
import { type Arrival, classify, type SiteView } from './sources.ts'

const page = 'https://www.acme.example/offers'

/** `source / medium / campaign / content / keyword because rule`, unset values as `-`. */
function from(query: string, referrer?: string | null): string {
  const { source, because } = classify({ url: page + query, referrer })
  const values = [source.source, source.medium, source.campaign, source.content, source.keyword]
  return `${values.map(value => value ?? '-').join(' / ')} because ${because}`
}

const google = 'https://www.google.com/'

test.each([
  [
    '?utm_source=news&utm_medium=email&utm_campaign=may&utm_content=top&utm_term=pumps',
    null,
    'news / email / may / top / pumps because utm',
  ],
  ['?UTM_Source=News&Utm_MEDIUM=Email', null, 'News / Email / - / - / - because utm'],
  ['?utm_source=a&amp;utm_medium=b', null, 'a / b / - / - / - because utm'],
  ['?utm_source=&utm_source=b&utm_medium=c', null, 'b / c / - / - / - because utm'],
  ['?utm_source=news', google, 'news / (not set) / - / - / - because utm'],
  ['?utm_source=Google', google, 'Google / organic / - / - / - because utm'],
  ['?utm_medium=display', google, 'google / display / - / - / - because utm'],
  ['?utm_source=news&utm_medium=email', google, 'news / email / - / - / - because utm'],
  ['?utm_campaign=may&gclid=abc', google, 'google / cpc / may / - / - because click-id'],
  ['?gclid=', google, 'google / organic / - / - / - because referrer'],
  ['?msclkid=abc', 'https://www.bing.com/', 'bing / cpc / - / - / - because click-id'],
  ['?fbclid=abc', 'https://l.facebook.com/', 'facebook / social / - / - / - because click-id'],
  ['?ScCid=abc', null, 'snapchat / cpc / - / - / - because click-id'],
  ['?utm_source=chatgpt.com', 'https://chatgpt.com/', 'chatgpt.com / ai-assistant / - / - / - because utm'],
  ['?utm_source=www.google.com', google, 'www.google.com / organic / - / - / - because utm'],
  ['?utm_source=%00', google, '(not set) / (not set) / - / - / - because utm'],
  ['', 'https://www.google.co.uk/', 'google / organic / - / - / - because referrer'],
  ['', 'https://uk.search.yahoo.com/search?p=x', 'yahoo / organic / - / - / - because referrer'],
  ['', 'https://mail.google.com/mail/u/0/', 'gmail / email / - / - / - because referrer'],
  ['', 'https://docs.google.com/document', 'docs.google.com / referral / - / - / - because referral'],
  ['', 'https://m.facebook.com/', 'facebook / social / - / - / - because referrer'],
  ['', 'https://notfacebook.com/', 'notfacebook.com / referral / - / - / - because referral'],
  ['', 'android-app://com.google.android.gm/', 'gmail / email / - / - / - because referrer'],
  ['', 'https://www.partner.example/list?q=1', 'partner.example / referral / - / - / - because referral'],
  ['', 'https://constructor/', 'constructor / referral / - / - / - because referral'],
  ['', 'https://acme.example/', '(direct) / (none) / - / - / - because self'],
  ['', 'https://shop.acme.example/', '(direct) / (none) / - / - / - because self'],
  ['', 'https://notacme.example/', 'notacme.example / referral / - / - / - because referral'],
  ['', '', '(direct) / (none) / - / - / - because direct'],
  ['', 'about:blank', '(direct) / (none) / - / - / - because direct'],
  ['', 'no address', '(direct) / (none) / - / - / - because direct'],
  ['#utm_source=hash', null, '(direct) / (none) / - / - / - because direct'],
])('[S1] %s from %s is %s', (query, referrer, expected) => {
  expect(from(query, referrer)).toBe(expected)
})

test('[S7] what was typed into a search engine is in no value, and stands beside them unprinted', () => {
  const referrer = 'https://www.google.com/search?q=knee+pain+anna'
  for (const query of ['', '?utm_source=google&utm_term=oak', '?gclid=x']) {
    const classified = classify({ url: page + query, referrer })
    expect(classified.searchPhrase?.reveal()).toBe('knee pain anna')
    expect(JSON.stringify(classified)).not.toContain('knee')
  }
  const typed = (referrer: string) => classify({ url: page, referrer }).searchPhrase?.reveal() ?? null
  expect(typed('https://www.google.com/search?q=%20%0a')).toBeNull()
  expect(typed('https://www.partner.example/?q=oak')).toBeNull()
  expect(typed('https://www.facebook.com/search?q=oak')).toBeNull()
  expect(typed('https://www.acme.example/search?q=oak')).toBeNull()
  expect(typed(`https://www.google.com/?q=${'a'.repeat(2_000)}`)).toHaveLength(limits.textCharsMax)
})

const hostsOf: Readonly<Record<string, string>> = {
  'shop.acme.example': 'acme.example',
  'anna.github.io': 'anna.github.io',
}
const acme: SiteView = {
  domains: ['acme.example', 'acme-garden.example'],
  ignored: ['pay.example'],
  domainOf: host => hostsOf[host] ?? null,
  channels: [{ channel: 'Ours', when: [{ source: { is: ['partner.example'] } }] }],
}

test.each([
  ['https://shop.acme.example/', 'https://blog.acme.example/', 'self'],
  ['https://shop.acme.example/', 'https://acme.example/', 'self'],
  ['https://acme.example/', 'https://www.acme-garden.example/x', 'self'],
  ['https://elsewhere.example/', 'https://acme.example/', 'self'],
  ['https://acme.example/', 'https://notacme.example/', 'referral'],
  ['https://acme.example/', 'https://acme.example.attack.example/', 'referral'],
  ['https://anna.github.io/', 'https://ben.github.io/', 'referral'],
  ['https://anna.github.io/', 'https://github.io/', 'referral'],
  ['http://localhost:8080/', 'http://localhost:8080/x', 'self'],
  ['https://acme.example/', 'https://pay.example/return', 'ignored'],
  ['https://acme.example/', 'https://checkout.pay.example/return', 'ignored'],
  ['https://acme.example/', 'https://repay.example/return', 'referral'],
])('[S4] %s from %s is because %s', (url, referrer, because) => {
  const classified = classify({ url, referrer }, acme)
  expect(classified.because).toBe(because)
  expect(classified.source.source === '(direct)').toBe(because !== 'referral')
})

test('[S4] what the site itself or a place that is ignored sends on has the source that its address names', () => {
  const { source, because } = classify(
    { url: 'https://acme.example/?utm_source=news&utm_medium=email', referrer: 'https://pay.example/' },
    acme,
  )
  expect([source.source, source.channel, because]).toEqual(['news', 'Email', 'utm'])
})

test('[S6] the tenant’s rules name the channel first', () => {
  const of = (referrer: string) => classify({ url: 'https://acme.example/', referrer }, acme).source.channel
  expect(of('https://www.partner.example/')).toBe('Ours')
  expect(of('https://www.google.com/')).toBe('Organic Search')
})

/** What named source, medium, campaign, content, keyword. */
const named = (query: string, referrer?: string) =>
  Object.values(classify({ url: page + query, referrer }).source.provenance ?? {})
    .map(one => one ?? '-')
    .join(' ')

test.each([
  ['?utm_source=a&utm_medium=b&utm_campaign=c&utm_content=d&utm_term=e', google, 'utm utm utm utm utm'],
  ['?utm_source=a', google, 'utm default - - -'],
  ['?utm_source=google', google, 'utm referrer - - -'],
  ['?utm_source=google&gclid=x', undefined, 'utm click-id - - -'],
  ['?utm_medium=b', google, 'referrer utm - - -'],
  ['?utm_medium=b', undefined, 'default utm - - -'],
  ['?utm_campaign=c&gclid=x', google, 'click-id click-id utm - -'],
  ['?utm_term=e', google, 'referrer referrer - - utm'],
  ['?utm_source=%00&utm_medium=%00&utm_campaign=%00', google, 'default default - - -'],
  ['?utm_source=anna%40example.com&utm_medium=b', google, 'utm utm - - -'],
  ['', 'https://www.partner.example/', 'referrer referrer - - -'],
  ['', undefined, 'default default - - -'],
  ['', 'https://www.acme.example/', 'default default - - -'],
])('[S5] the values of %s from %s are named by %s', (query, referrer, expected) => {
  expect(named(query, referrer)).toBe(expected)
})

const personal = [
  'anna@example.com',
  'anna%40example.com',
  'anna＠example.com',
  'anna%2540example.com',
  '+45 20 30 40 50',
  '4520304050',
  '20304050',
  '(555) 123-4567',
  '555.123.4567',
  '010180-1234',
  '192.168.1.77',
  '2001:db8:0:0:1::7',
  '5d41402abc4b2a76b9719d911017c592',
  '123e4567-e89b-12d3-a456-426614174000',
  'x7Kq29LmP4vR8tZ1nB6c',
  '1234567890.1234567890',
  'sms-to-4520304050',
]

test.each(personal)('[S8] %s is withheld in every parameter', text => {
  const value = encodeURIComponent(text)
  const query = `?utm_source=${value}&utm_medium=${value}&utm_campaign=${value}&utm_content=${value}&utm_term=${value}`
  expect(from(query)).toBe(`${Array(5).fill('(withheld)').join(' / ')} because utm`)
})

test.each([
  'spring-sale-2024',
  'newsletter 2024-11-15',
  '20241115',
  '15.11.2024',
  '2024-2025',
  'springsale2024copenhagen',
  'brand | dk | b2c',
  'iphone-15-pro',
  '@acme',
  '50% off',
  'Grüße',
  '水道',
  'cpc',
  'abc123',
  'A/B test 4',
])('%s is kept', text => {
  expect(from(`?utm_source=x&utm_medium=y&utm_campaign=${encodeURIComponent(text)}`)).toBe(
    `x / y / ${text} / - / - because utm`,
  )
})

test('an advertising platform’s own numbers are kept beside its click id, a phone number is not', () => {
  expect(from('?gclid=x&utm_campaign=12345678901&utm_content=kwd-298765432109')).toBe(
    'google / cpc / 12345678901 / kwd-298765432109 / - because click-id',
  )
  expect(from('?utm_source=g&utm_campaign=12345678901')).toContain('/ (withheld) /')
  expect(from('?gclid=x&utm_campaign=%2B4520304050')).toContain('/ (withheld) /')
  // Not escaped, a plus arrives as a space.
  expect(from('?gclid=x&utm_campaign=+4520304050')).toContain('/ (withheld) /')
  expect(from('?gclid=x&utm_campaign=20+30+40+50')).toContain('/ (withheld) /')
  expect(from('?gclid=x&utm_source=4520304050')).toMatch(/^\(withheld\) /)
})

test('a referring host that is an address of a network is withheld', () => {
  expect(from('', 'http://10.20.30.40/intranet')).toBe('(withheld) / referral / - / - / - because referral')
})

test('[S8] a value ends at the bound, and never in the middle of a character', () => {
  const long = `${'a'.repeat(limits.sourceCharsMax - 1)}😀😀`
  const { campaign } = classify({
    url: `${page}?utm_source=x&utm_campaign=${encodeURIComponent(long)}`,
  }).source
  expect(campaign).toBe('a'.repeat(limits.sourceCharsMax - 1))
})

test('[S8] plain text ends at the bound, too', () => {
  const url = `${page}?utm_campaign=${'sale+'.repeat(60)}x`
  const { campaign } = classify({ url }).source
  expect(campaign).toBe('sale '.repeat(20))
  expect(campaign).toHaveLength(limits.sourceCharsMax)
})

test('a personal value is seen before the bound cuts it', () => {
  const late = encodeURIComponent(`${'a '.repeat(limits.sourceCharsMax)}anna@example.com`)
  expect(classify({ url: `${page}?utm_campaign=${late}` }).source.campaign).toBe('(withheld)')
})

test('control characters become spaces, and a value of nothing else is none', () => {
  expect(from('?utm_source=a%0Ab%00c&utm_medium=%00&utm_campaign=%00')).toBe(
    'a b c / (not set) / - / - / - because utm',
  )
})

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.webUrl({ withQueryParameters: true, withFragments: true }),
  fc.string({
    unit: fc.constantFrom(
      'utm_source',
      'utm_term',
      '=',
      '&',
      '?',
      '#',
      '%',
      '%40',
      '@',
      '+',
      '1',
      '.',
      ':',
      '//',
      'a',
      '\ud800',
    ),
  }),
)

test('no text makes it throw, and no value is empty, long or ill-formed', () => {
  const check = (arrival: Arrival) => {
    const { provenance, ...values } = classify(arrival).source
    expect(Object.keys(provenance ?? {})).toEqual(['source', 'medium', 'campaign', 'content', 'keyword'])
    for (const value of Object.values(values)) {
      if (value === null) continue
      expect(value.length).toBeGreaterThan(0)
      expect(value.length).toBeLessThanOrEqual(limits.sourceCharsMax)
      expect(value.isWellFormed()).toBe(true)
    }
  }
  const arrival = fc.record({ url: text, referrer: fc.option(text) })
  fc.assert(fc.property(arrival, check), { seed: 7, numRuns: 2_000 })
})

test('an e-mail address in any parameter never comes out', () => {
  const check = (name: string, address: string, around: string) => {
    const query = new URLSearchParams({ [name]: `${around}${address}`, gclid: 'x' })
    expect(JSON.stringify(classify({ url: `${page}?${query}` }))).not.toContain(address)
  }
  const names = fc.constantFrom(
    'utm_source',
    'utm_medium',
    'utm_campaign',
    'utm_content',
    'utm_term',
    'q',
    'gclid',
  )
  fc.assert(fc.property(names, fc.emailAddress(), fc.string(), check), { seed: 8 })
})
