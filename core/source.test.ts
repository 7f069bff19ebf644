import { expect, test } from 'vitest'
import type { ChannelRule } from './channels.ts'
import type { Source, StaticPolicy } from './policy.ts'
import { isSameSource, staticSource, wholeSource } from './source.ts'
import type { PhoneNumber } from './words.ts'

const number = '+4570001111' as PhoneNumber
const print: Source = { source: 'print', medium: 'offline', campaign: 'autumn', content: null, keyword: null }
const fixed = (source: Source): StaticPolicy => ({ number, forward: number, source })
const provenance = {
  source: 'static',
  medium: 'static',
  campaign: 'static',
  content: null,
  keyword: null,
} as const
const rules: readonly ChannelRule[] = [{ channel: 'Print', when: [{ medium: { is: ['offline'] } }] }]

test('[M7] [S5] every value of a static number’s source is named by it', () => {
  expect(staticSource(fixed(print))).toEqual({ ...print, channel: 'Unassigned', provenance })
})

test('[S6] a static number has the channel that was set for it, else the tenant’s rule’s, else a default one', () => {
  expect(staticSource(fixed({ ...print, channel: 'Flyers' }), rules).channel).toBe('Flyers')
  expect(staticSource(fixed(print), rules).channel).toBe('Print')
  expect(staticSource(fixed({ ...print, source: 'google', medium: 'cpc' })).channel).toBe('Paid Search')
})

test('a source of an older entry is the same as itself, and says that channel and provenance are not known', () => {
  expect(isSameSource(print, { ...print, channel: null })).toBe(true)
  expect(wholeSource(print)).toEqual({ ...print, channel: null, provenance: null })
  expect(wholeSource(staticSource(fixed(print)))).toEqual(staticSource(fixed(print)))
})

test('[C4] sources that differ in any value, in channel or in what named it are not the same', () => {
  const one = staticSource(fixed(print))
  const others: Partial<Source>[] = [
    ...[
      { source: 'x' },
      { medium: 'x' },
      { campaign: null },
      { content: 'x' },
      { keyword: 'x' },
      { channel: 'x' },
    ],
    { provenance: { ...provenance, source: 'utm' } },
    { provenance: { ...provenance, medium: 'utm' } },
    { provenance: { ...provenance, campaign: 'utm' } },
    { provenance: { ...provenance, content: 'utm' } },
    { provenance: { ...provenance, keyword: 'utm' } },
  ]
  for (const other of others) expect(isSameSource(one, { ...one, ...other })).toBe(false)
  expect(isSameSource(one, null)).toBe(false)
  expect(isSameSource(null, null)).toBe(true)
  expect(isSameSource(one, structuredClone(one))).toBe(true)
})
