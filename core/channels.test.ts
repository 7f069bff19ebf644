import fc from 'fast-check'
import { expect, test } from 'vitest'
import { channelOf, type ChannelRule, defaultChannels, unassigned } from './channels.ts'

/**
 * GA4's definitions for manually tagged traffic, row by row as the page lists them
 * (https://support.google.com/analytics/answer/9756891): source, medium, campaign.
 */
const rows: readonly (readonly [definition: string, channel: string, values: readonly string[]])[] = [
  [
    'source is (direct) and medium is one of (not set), (none)',
    'Direct',
    ['(direct)|(none)|', '(direct)|(not set)|', '(Direct)|(None)|'],
  ],
  [
    'campaign contains cross-network',
    'Cross-network',
    ['google|cpc|cross-network', 'nobody|y|eu Cross-Network 3', 'shop|cpc|cross-network shop'],
  ],
  [
    'source in the list of shopping sites and medium is paid',
    'Paid Shopping',
    ['amazon|cpc|', 'ebay.de|ppc|', 'etsy.com|paid|', 'walmart|retargeting|', 'alibaba.com|cpm|'],
  ],
  [
    'campaign like ^(.*(([^a-df-z]|^)shop|shopping).*)$ and medium is paid',
    'Paid Shopping',
    [
      'google|cpc|shop',
      'google|cpc|eshop-may',
      'bing|ppc|May Shopping',
      'nobody|paid|2026 shop',
      'facebook|cpc|e-shop',
    ],
  ],
  [
    'source in the list of search sites and medium is paid',
    'Paid Search',
    [
      'google|cpc|',
      'bing|ppc|',
      'duckduckgo|paidsearch|',
      'yahoo|paid|',
      'www.google.dk|CPC|',
      'google|cpm|workshop',
    ],
  ],
  [
    'source in the list of social sites and medium is paid',
    'Paid Social',
    [
      'facebook|cpc|',
      'FB|paid-social|',
      'ig|paidsocial|',
      'linkedin|ppc|',
      't.co|cpc|',
      'facebook|retargeting|',
    ],
  ],
  [
    'source in the list of video sites and medium is paid',
    'Paid Video',
    ['youtube|cpv|'.replace('cpv', 'cpc'), 'vimeo.com|paid|', 'youtube|paidvideo|', 'twitch.tv|ppc|'],
  ],
  [
    'medium is one of display, banner, expandable, interstitial, cpm',
    'Display',
    [
      'dv360|display|',
      'nobody|Banner|',
      'nobody|expandable|',
      'nobody|interstitial|',
      'nobody|cpm|',
      'google|display|',
    ],
  ],
  [
    'medium is paid',
    'Paid Other',
    ['nobody|cpc|', 'nobody|ppc|', 'partner|cpa-cpc|', 'nobody|paid|', 'nobody|Retargeting|', 'nobody|xcpx|'],
  ],
  [
    'source in the list of shopping sites',
    'Organic Shopping',
    ['amazon|referral|', 'ebay.com|(not set)|', 'shop.app|link|', 'IDEALO|email|'],
  ],
  ['campaign says shop', 'Organic Shopping', ['newsletter|email|shop-may', 'nobody|y|window shopping']],
  [
    'source in the list of social sites',
    'Organic Social',
    [
      'facebook|referral|',
      'm.facebook.com|referral|',
      'reddit|(not set)|',
      'x.com|link|',
      'pinterest|organic|',
    ],
  ],
  [
    'medium is one of social, social-network, social-media, sm, social network, social media',
    'Organic Social',
    [
      'nobody|social|',
      'nobody|social-network|',
      'nobody|social-media|',
      'nobody|sm|',
      'nobody|social network|',
      'nobody|Social Media|',
    ],
  ],
  [
    'source in the list of video sites',
    'Organic Video',
    ['youtube|referral|', 'youtube.com|organic|', 'vimeo|link|'],
  ],
  ['medium like ^(.*video.*)$', 'Organic Video', ['nobody|video|', 'nobody|my-video-ad|']],
  [
    'source in the list of search sites',
    'Organic Search',
    ['google|referral|', 'bing.com|(not set)|', 'ecosia.org|x|'],
  ],
  ['medium is organic', 'Organic Search', ['nobody|organic|', 'Nobody|Organic|']],
  ['medium is one of referral, app, link', 'Referral', ['nobody|referral|', 'nobody|app|', 'nobody|link|']],
  [
    'source or medium is one of email, e-mail, e_mail, e mail',
    'Email',
    [
      'email|x|',
      'e-mail|x|',
      'e_mail|x|',
      'e mail|x|',
      'nobody|email|',
      'nobody|E-Mail|',
      'nobody|e_mail|',
      'nobody|e mail|',
    ],
  ],
  ['medium is affiliate', 'Affiliates', ['nobody|affiliate|']],
  ['medium is audio', 'Audio', ['spotify|audio|']],
  ['source or medium is sms', 'SMS', ['sms|x|', 'nobody|sms|']],
  [
    'medium ends with push, or contains mobile or notification, or source is firebase',
    'Mobile Push Notifications',
    [
      'nobody|push|',
      'nobody|web-push|',
      'nobody|mobile|',
      'nobody|in-mobile-app|',
      'nobody|notification|',
      'firebase|x|',
    ],
  ],
  [
    'medium is ai-assistant, or the source is an assistant',
    'AI Assistant',
    [
      'chatgpt|ai-assistant|',
      'nobody|ai-assistant|',
      'chatgpt.com|(not set)|',
      'perplexity.ai|referral|',
      'claude.ai|organic|',
    ],
  ],
  [
    'nothing of that',
    'Unassigned',
    ['nobody|y|', 'nobody|(not set)|', 'direct|(none)|', 'nobody|affiliates|', 'nobody|pushed|', 'nobody||'],
  ],
]

const ofText = (text: string, rules?: readonly ChannelRule[]) => {
  const [source = '', medium = '', campaign = ''] = text.split('|')
  return channelOf({ source, medium, campaign: campaign === '' ? null : campaign }, rules)
}

test.each(rows)('[S6] %s: %s', (_definition, channel, values) => {
  expect(Object.fromEntries(values.map(text => [text, ofText(text)]))).toEqual(
    Object.fromEntries(values.map(text => [text, channel])),
  )
})

test('[S6] every default channel is in the table above, in GA4’s order', () => {
  const told = new Set(rows.map(([, channel]) => channel))
  expect(new Set([...defaultChannels.map(({ channel }) => channel), unassigned])).toEqual(told)
  expect(defaultChannels.map(({ channel }) => channel).filter(one => one !== 'AI Assistant')).toEqual([
    ...['Direct', 'Cross-network', 'Paid Shopping', 'Paid Search', 'Paid Social', 'Paid Video', 'Display'],
    ...['Paid Other', 'Organic Shopping', 'Organic Social', 'Organic Video', 'Organic Search', 'Referral'],
    ...['Email', 'Affiliates', 'Audio', 'SMS', 'Mobile Push Notifications'],
  ])
})

test('[S6] a workshop is no shop', () => {
  expect(ofText('nobody|cpc|workshop')).toBe('Paid Other')
  expect(ofText('nobody|y|bishop')).toBe('Unassigned')
})

const rules: readonly ChannelRule[] = [
  { channel: 'Brand', when: [{ source: { is: ['google', 'bing'] }, campaign: { startsWith: ['brand'] } }] },
  { channel: 'Print', when: [{ medium: { is: ['offline'] } }, { source: { contains: ['flyer'] } }] },
  { channel: 'Brand again', when: [{ campaign: { startsWith: ['brand'] } }] },
]

test('[S6] a tenant’s rules come first, the first that holds wins, and all that a condition names has to hold', () => {
  expect(ofText('Google|cpc|Brand DK', rules)).toBe('Brand')
  expect(ofText('facebook|cpc|brand dk', rules)).toBe('Brand again')
  expect(ofText('google|cpc|generic', rules)).toBe('Paid Search')
  expect(ofText('radio|Offline|', rules)).toBe('Print')
  expect(ofText('Spring-Flyer-2|x|', rules)).toBe('Print')
  expect(ofText('(direct)|(none)|', [{ channel: 'Mine', when: [{ medium: { is: ['(none)'] } }] }])).toBe(
    'Mine',
  )
  expect(ofText('nobody|y|', [{ channel: 'Nothing', when: [{ medium: { is: [] } }] }])).toBe('Unassigned')
})

/** The definitions once more, with the regular expressions of the page. */
const gaPaid = /^(.*cp.*|ppc|retargeting|paid.*)$/i
const gaShop = /^(.*(([^a-df-z]|^)shop|shopping).*)$/i

test('[S6] of sources that are no known place, what is paid and what says shop is as GA4’s expressions say', () => {
  const word = fc.string({ unit: fc.constantFrom(...'cpaidshong- eworkPS'), maxLength: 12 })
  const check = (medium: string, campaign: string) => {
    const got = channelOf({ source: 'nobody', medium, campaign })
    const isShop = gaShop.test(campaign)
    if (gaPaid.test(medium)) expect(['Paid Shopping', 'Display', 'Paid Other']).toContain(got)
    else expect(got.startsWith('Paid')).toBe(false)
    if (campaign.toLowerCase().includes('cross-network')) return
    if (medium.toLowerCase() === 'cpm') return
    expect(got.endsWith('Shopping')).toBe(isShop)
  }
  fc.assert(fc.property(word, word, check), { seed: 4, numRuns: 3_000 })
})
