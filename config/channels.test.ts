import { expect, test } from 'vitest'
import { channelOf } from '../core/channels.ts'
import { assertPolicy, type TenantPolicy } from '../core/policy.ts'
import { type Config, policyVersion, tenantPolicy } from './config.ts'
import { loaded, problemsOf, tenantText } from './testConfig.ts'

const policyOf = (text: string) => tenantPolicy(loaded(text).tenants[0] as Config['tenants'][number])
const statics = (more: string) =>
  `statics: [{ number: "+4570001111", forward: "+4578792222", source: { source: print, medium: offline${more} } }]`

test('rules become plain conditions in lower case, and hold as they are written', () => {
  const { channels = [] } = policyOf(
    tenantText(`channels:
  - { channel: Brand, source: { oneOf: [Google, bing] }, campaign: { startsWith: Brand } }
  - { channel: Flyers, medium: { equals: Offline } }
  - { channel: Spring, campaign: { contains: spring } }`),
  )
  expect(channels).toEqual([
    { channel: 'Brand', when: [{ source: { is: ['google', 'bing'] }, campaign: { startsWith: ['brand'] } }] },
    { channel: 'Flyers', when: [{ medium: { is: ['offline'] } }] },
    { channel: 'Spring', when: [{ campaign: { contains: ['spring'] } }] },
  ])
  expect(channelOf({ source: 'GOOGLE', medium: 'cpc', campaign: 'BRAND x' }, channels)).toBe('Brand')
})

test('where there are none, and no static number has a channel, the policy is as it was before there were any', () => {
  const plain = policyOf(tenantText(statics('')))
  expect(Object.keys(plain)).not.toContain('channels')
  expect(Object.keys(plain.statics[0]?.source ?? {})).not.toContain('channel')
  expect(policyVersion(policyOf(tenantText(`channels: []\n${statics(', channel: null')}`)))).toBe(
    policyVersion(plain),
  )
  const other = policyOf(tenantText(statics(', channel: Flyers')))
  expect(other.statics[0]?.source.channel).toBe('Flyers')
  expect(policyVersion(other)).not.toBe(policyVersion(plain))
})

test('hosts that are ignored are the gateway’s business: no version changes with them', () => {
  const text = (more: string) => tenantText(`sites: [{ key: k, origins: ["https://a.example"]${more} }]`)
  const config = loaded(text(', ignoreReferrers: [Pay.Example, www.login.example, gård.example]'))
  expect(config.tenants[0]?.sites[0]?.ignoreReferrers).toEqual([
    ...['pay.example', 'login.example', 'xn--grd-ula.example'],
  ])
  expect(policyVersion(policyOf(text(', ignoreReferrers: [pay.example]')))).toBe(
    policyVersion(policyOf(text(''))),
  )
})

test('what is wrong is said with its place', () => {
  const text = tenantText(`channels:
  - { channel: A }
  - { channel: B, source: { equals: a, contains: b } }
  - { channel: C, medium: {} }
  - { channel: D, medium: { matches: "(a+)+$" } }
  - { channel: "", medium: { oneOf: [] } }
sites: [{ key: k, origins: ["https://a.example"], ignoreReferrers: ["https://pay.example/", "a b"] }]`)
  expect(problemsOf(text)).toMatchInlineSnapshot(`
    [
      "test.yaml:5:9 tenants[0].channels[0]: has to say what source, medium or campaign is like",
      "test.yaml:6:31 tenants[0].channels[1].source: has to be one of equals, oneOf, startsWith and contains",
      "test.yaml:7:31 tenants[0].channels[2].medium: has to be one of equals, oneOf, startsWith and contains",
      "test.yaml:8:31 tenants[0].channels[3].medium: has to be one of equals, oneOf, startsWith and contains",
      "test.yaml:8:33 tenants[0].channels[3].medium.matches: is not a setting; known here: equals, oneOf, startsWith, contains",
      "test.yaml:9:20 tenants[0].channels[4].channel: has to be a text of at most 100 characters, not """,
      "test.yaml:9:41 tenants[0].channels[4].medium.oneOf: is empty: it needs at least one item",
      "test.yaml:10:73 tenants[0].sites[0].ignoreReferrers[0]: has to be a host such as pay.example, not "https://pay.example/"",
      "test.yaml:10:97 tenants[0].sites[0].ignoreReferrers[1]: has to be a host such as pay.example, not "a b"",
    ]
  `)
})

test('a policy with rules of another shape is none', () => {
  const policy = policyOf(tenantText('channels: [{ channel: A, medium: { equals: b } }]'))
  expect(() => assertPolicy(policy)).not.toThrow()
  const broken: unknown[] = [
    {},
    [{}],
    [{ channel: 'A' }],
    [{ channel: 1, when: [] }],
    [{ channel: 'A', when: [{ source: { is: 'x' } }] }],
    [{ channel: 'A', when: [{ campaign: { contains: null } }] }],
  ]
  for (const channels of broken)
    expect(() => assertPolicy({ ...policy, channels } as TenantPolicy)).toThrow(TypeError)
})
