import { expect, test } from 'vitest'
import type { TenantPolicy } from '../core/policy.ts'
import { describeConfig, loadConfig, policyVersion, tenantPolicy, type Config } from './config.ts'
import { processingRecord } from './processingRecord.ts'
import { loaded, tenantText } from './testConfig.ts'

const demo = loadConfig({ env: {} }) as Config
const policyOf = (text: string) => tenantPolicy(loaded(text).tenants[0] as Config['tenants'][number])

test('the demo becomes a policy of plain data, without secrets or origins', () => {
  const policy = tenantPolicy(demo.tenants[0] as Config['tenants'][number])
  expect(policy).toMatchObject({
    tenant: 'demo',
    consent: 'assumed',
    sites: [{ key: 'pk_demo', targets: ['sales'] }],
  })
  expect(policy.pools[0]?.numbers).toHaveLength(20)
  expect(structuredClone(policy)).toEqual(policy)
  expect(JSON.stringify(policy)).not.toMatch(/whsec|secret|origin|localhost/)
})

test('the version is 16 bytes, and depends on what is said, not on how it is written', () => {
  const one = policyOf(
    tenantText('retention: 60d\ncalls: { qualifiedAfter: 60s }\ndefaultForward: "+45 78 79 22 22"'),
  )
  const same = policyOf(
    tenantText('defaultForward: "0045 78792222"\ncalls: { qualifiedAfter: 1m }\nretention: 1440h'),
  )
  const other = policyOf(
    tenantText('retention: 60d\ncalls: { qualifiedAfter: 61s }\ndefaultForward: "+45 78 79 22 22"'),
  )
  expect(policyVersion(one)).toMatch(/^[A-Za-z0-9_-]{22}$/)
  expect(policyVersion(same)).toBe(policyVersion(one))
  expect(policyVersion(other)).not.toBe(policyVersion(one))
})

test('the version does not depend on the order of keys, but on that of numbers', () => {
  const policy = tenantPolicy(demo.tenants[0] as Config['tenants'][number])
  const turned = Object.fromEntries(Object.entries(policy).reverse()) as TenantPolicy
  const pools = policy.pools.map(pool => ({ ...pool, numbers: [...pool.numbers].reverse() }))
  expect(policyVersion(turned)).toBe(policyVersion(policy))
  expect(policyVersion({ ...policy, pools })).not.toBe(policyVersion(policy))
})

test('how calls are judged is in the policy where it is not as it always was', () => {
  const plain = policyOf(tenantText('retention: 60d'))
  expect(Object.keys(plain.calls).sort()).toEqual(['qualifiedAfterMs', 'returningLookBackMs'])
  const same =
    'calls: { shortUnder: 5s, duplicateWithin: 30m, lookBack: { duration: 720h, touches: 20 }, halfLife: 7d }'
  expect(policyVersion(policyOf(tenantText(same)))).toBe(policyVersion(plain))
  const own = 'calls: { shortUnder: 0s, duplicateWithin: 1d, lookBack: { touches: 3 }, halfLife: 1h }'
  expect(policyOf(tenantText(own)).calls).toEqual({
    ...plain.calls,
    ...{ shortUnderMs: 0, duplicateWithinMs: 86_400_000, lookBackTouches: 3, halfLifeMs: 3_600_000 },
  })
})

test('fields that go earlier are in the policy; where there are none it is as it was before there were any', () => {
  const plain = policyOf(tenantText('retention: 60d'))
  const short = policyOf(tenantText('retention: 60d\nfieldRetention: { ipAddress: 7d, userAgent: null }'))
  expect(Object.keys(plain)).not.toContain('fieldRetentionMs')
  expect(policyVersion(policyOf(tenantText('fieldRetention: {}')))).toBe(policyVersion(plain))
  expect(short.fieldRetentionMs).toEqual({ ipAddress: 7 * 86_400_000 })
  expect(policyVersion(short)).not.toBe(policyVersion(plain))
  const config = loaded(tenantText('retention: 60d\nfieldRetention: { ipAddress: 7d }'))
  expect(describeConfig(config)).toContain('data kept 60d (ipAddress 7d)')
  expect(processingRecord(config, '').controllers[0]?.retention).toBe('60d; ipAddress 7d')
})

test('a secret or an origin that changes leaves the version alone', () => {
  const text = (origin: string, bearer: string) =>
    tenantText(`sites: [{ key: k, origins: ["${origin}"] }]\ncarriers: { generic: { bearer: ${bearer} } }`)
  expect(policyVersion(policyOf(text('https://a.example', 'a')))).toBe(
    policyVersion(policyOf(text('https://b.example', 'b'))),
  )
})

test('the demo in a few lines', () => {
  const lines = describeConfig(demo)
    .replace(/ in \S+,/, ' in DIR,')
    .replace(/data {6}\S+, .*/, 'data      DIR')
  expect(lines.split('\n').slice(1)).toEqual([
    '  public    127.0.0.1:8080',
    '  admin     127.0.0.1:9090',
    '  log       a local nats-server in DIR, durable',
    '  data      DIR',
    'tenant demo: consent assumed, data kept 60d',
    '  1 site: pk_demo',
    '  1 target, 1 static number',
    '  pool sales: 20 numbers (DK), idle 30s, tail 1m, cool-down 1m',
    '  carriers: generic',
  ])
  expect(demo.warnings).toEqual([])
})
