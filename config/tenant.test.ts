import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfig } from './load.ts'
import { loaded, problemsOf, tenantText } from './testConfig.ts'

const numbers = `
targets:
  - { id: sales, replace: "+45 78 79 22 22", forward: "+45 78 79 22 22", pool: sales }
pools:
  - { id: sales, numbers: ["+4570000001..+4570000003", "+45 70 00 09 99"] }
`

test('a tenant is read: numbers parsed, ranges expanded, durations in milliseconds', () => {
  const [tenant] = loaded(
    tenantText(`${numbers}sites: [{ key: pk, origins: ["https://www.acme.example"] }]`),
  ).tenants
  expect(tenant).toEqual({
    id: 'acme',
    controller: null,
    retentionMs: 5_184_000_000,
    fieldRetentionMs: {},
    latenessMs: 86_400_000,
    consent: 'required',
    gpc: 'objection',
    tcf: null,
    onWithdrawal: 'erase',
    channels: [],
    defaultForward: null,
    sites: [
      {
        ...{ key: 'pk', origins: ['https://www.acme.example'], bots: 'refuse' },
        ...{ ignoreReferrers: [], targets: ['sales'] },
      },
    ],
    targets: [{ id: 'sales', replace: '+4578792222', forward: '+4578792222', pool: 'sales', static: null }],
    pools: [
      {
        id: 'sales',
        numbers: ['+4570000001', '+4570000002', '+4570000003', '+4570000999'],
        idleTimeoutMs: 300_000,
        tailMs: 1_200_000,
        coolDownMs: 600_000,
        stickyMs: 86_400_000,
        overflow: 'share',
      },
    ],
    statics: [],
    calls: {
      qualifiedAfterMs: 30_000,
      returningLookBackMs: 2_592_000_000,
      shortUnderMs: 5_000,
      duplicateWithinMs: 1_800_000,
      lookBackMs: 2_592_000_000,
      lookBackTouches: 20,
      halfLifeMs: 604_800_000,
    },
    carriers: { generic: null, twilio: null },
  })
})

test('every problem is told at once, each where it stands', () => {
  const text = `listen: { public: "0.0.0.0" }
trustedProxys: []
nats: { durability: durabel }
tenants:
  - id: Acme
    sites:
      - { key: k, origins: ["https://x.example/"], targets: [salse] }
      - { key: k, origins: [] }
    targets:
      - { id: sales, replace: +4578792222, forward: "+4570000001", pool: sale }
    pools:
      - id: sales
        numbers: ["+4570000001..+4570000200", "+4570000005", "nope"]
        tail: twenty
        idleTimout: 5m
    statics:
      - { number: "+45 70 00 00 01", forward: "+45 78 79 22 22", source: { source: print } }
    carriers:
      generic: {}
      twilio: { authToken: abc }
`
  expect(problemsOf(text)).toEqual([
    'test.yaml:1:19 listen.public: has to be an address such as 127.0.0.1:8080, not "0.0.0.0"',
    'test.yaml:2:1 trustedProxys: is not a setting; did you mean trustedProxies?',
    'test.yaml:3:21 nats.durability: has to be one of durable, lazy, not "durabel"; did you mean durable?',
    'test.yaml:5:9 tenants[0].id: has to be an id of a-z, 0-9 and “-”, at most 64, not "Acme"',
    'test.yaml:7:29 tenants[0].sites[0].origins[0]: has to be scheme://host[:port] and nothing else: "https://x.example", not "https://x.example/"',
    'test.yaml:7:62 tenants[0].sites[0].targets[0]: names no target of this tenant: "salse"; did you mean sales?',
    'test.yaml:8:16 tenants[0].sites[1].key: is used twice: "k"',
    'test.yaml:8:28 tenants[0].sites[1].origins: is empty: it needs at least one item',
    'test.yaml:10:31 tenants[0].targets[0].replace: has to be text: put it in quotes, "+4578792222"',
    'test.yaml:10:53 tenants[0].targets[0].forward: is itself a tracking number (tenants[0].pools[0].numbers): the call would go round',
    'test.yaml:10:74 tenants[0].targets[0].pool: names no pool of this tenant: "sale"; did you mean sales?',
    'test.yaml:13:18 tenants[0].pools[0].numbers: has +4570000005, which it has already',
    'test.yaml:13:62 tenants[0].pools[0].numbers[2]: has to be a phone number such as +45 70 00 00 01, or a range of them, not "nope"',
    'test.yaml:14:15 tenants[0].pools[0].tail: has to be a duration such as 20m, not "twenty"',
    'test.yaml:15:9 tenants[0].pools[0].idleTimout: is not a setting; did you mean idleTimeout?',
    'test.yaml:17:19 tenants[0].statics[0].number: has +4570000001, which tenants[0].pools[0].numbers has already',
    'test.yaml:17:74 tenants[0].statics[0].source.medium: is missing: it has to be a text of at most 100 characters',
    'test.yaml:19:16 tenants[0].carriers.generic: has no secret: give secrets, secretsFile, bearer or bearerFile',
    'test.yaml:20:15 tenants[0].carriers.twilio: needs publicUrl: the signature of this carrier covers the address that it called',
  ])
})

test.each([
  ['a tenant twice', `${tenantText()}\n  - id: acme`, ['tenants[1].id: is used twice: "acme"']],
  [
    'a number of two tenants',
    `${tenantText('pools: [{ id: a, numbers: ["+4570000001..+4570000009"] }]')}
  - { id: other, pools: [{ id: a, numbers: ["+4570000008..+4570000020"] }] }`,
    [
      'tenants[1].pools[0].numbers: has +4570000008 and 1 more, which tenants[0].pools[0].numbers has already',
    ],
  ],
  [
    'a site key of two tenants',
    `${tenantText('sites: [{ key: k, origins: ["https://a.example"] }]')}
  - { id: other, sites: [{ key: k, origins: ["https://b.example"] }] }`,
    ['tenants[1].sites[0].key: is used twice: "k"'],
  ],
  [
    'a pool for two targets',
    tenantText(
      `${numbers.replace('pools:', '  - { id: help, replace: "+45 78 79 22 23", forward: "+45 78 79 22 23", pool: sales }\npools:')}`,
    ),
    ['tenants[0].targets[1].pool: is used by another target: a pool serves one'],
  ],
  [
    'one number replaced twice on a page',
    tenantText(`sites: [{ key: k, origins: ["https://a.example"] }]
targets:
  - { id: a, replace: "+45 78 79 22 22", forward: "+45 78 79 22 22" }
  - { id: b, replace: "+4578792222", forward: "+45 78 79 22 23" }`),
    ['tenants[0].targets[1].replace: is used twice: "+4578792222"'],
  ],
  [
    'a static number that is not among the statics',
    tenantText(
      'targets: [{ id: a, replace: "+45 78 79 22 22", forward: "+45 78 79 22 22", static: "+4570001111" }]',
    ),
    ['tenants[0].targets[0].static: is not among the tenant’s statics'],
  ],
  [
    'times that are nothing',
    tenantText('retention: 0d\npools: [{ id: a, numbers: ["+4570000001"], idleTimeout: 0s, tail: 0s }]'),
    [
      'tenants[0].pools[0].idleTimeout: has to be longer than nothing',
      'tenants[0].retention: has to be longer than nothing',
    ],
  ],
  [
    'a field that is kept no shorter than the rest, one that is none, and one kept for nothing',
    tenantText('retention: 7d\nfieldRetention: { ipAddress: 7d, url: 8d, address: 1d, a: 0s }'),
    [
      'tenants[0].fieldRetention.a: has to be longer than nothing',
      'tenants[0].fieldRetention.address: is not a setting; did you mean ipAddress?',
      'tenants[0].fieldRetention.ipAddress: has to be shorter than retention',
      'tenants[0].fieldRetention.url: has to be shorter than retention',
    ],
  ],
  [
    'a forward without a plus',
    tenantText('defaultForward: "78 79 22 22"'),
    [
      'tenants[0].defaultForward: has to be a phone number in international form, such as "+45 70 00 00 01", not "78 79 22 22"',
    ],
  ],
  [
    'a pool that is too large',
    tenantText('pools: [{ id: a, numbers: ["+4570000001..+4570060000", "+4571000001..+4571060000"] }]'),
    ['tenants[0].pools[0].numbers: are more than 100000 numbers'],
  ],
])('%s is refused', (_, text, says) => {
  const told = problemsOf(text).map(line => line.replace(/^\S+ /, ''))
  expect(told.sort()).toEqual(says)
})

test.each([
  'https://*.acme.example',
  'ftp://acme.example',
  'www.acme.example',
  'https://acme.example:443',
  'https://ACME.example',
  'null',
])('the origin %s is refused', origin => {
  expect(problemsOf(tenantText(`sites: [{ key: k, origins: ["${origin}"] }]`))).toHaveLength(1)
})

const secretOf = (byte: number) => `whsec_${Buffer.alloc(24, byte).toString('base64')}`

test('secrets come from the file, from files of their own, and first of all from the environment', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringtrail-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'secrets')
  writeFileSync(file, `${secretOf(1)}\n${secretOf(2)}\n`)
  const text = `publicUrl: https://ring.example${tenantText(
    `carriers: { generic: { secretsFile: ${file} }, twilio: { authToken: [new, old] } }`,
    'acme-dk',
  )}`
  const revealed = (env: Record<string, string>) => {
    const carriers = loaded(text, { env }).tenants[0]?.carriers
    const reveal = (secret: { reveal(): string }) => secret.reveal()
    return {
      generic: carriers?.generic?.secrets.map(reveal),
      twilio: carriers?.twilio?.authTokens.map(reveal),
    }
  }
  expect(revealed({})).toEqual({ generic: [secretOf(1), secretOf(2)], twilio: ['new', 'old'] })
  expect(
    revealed({
      RINGTRAIL_TENANT_ACME_DK_GENERIC_SECRETS: `${secretOf(3)}, ${secretOf(4)}`,
      RINGTRAIL_TENANT_ACME_DK_TWILIO_AUTH_TOKEN: 'fresh',
    }),
  ).toEqual({ generic: [secretOf(3), secretOf(4)], twilio: ['fresh'] })
})

test('a carrier may stand in the file without its secret, which the environment gives', () => {
  const text = tenantText('carriers: { generic: {} }')
  const env = { RINGTRAIL_TENANT_ACME_GENERIC_BEARER: 'b'.repeat(32) }
  const config = loaded(text, { env })
  expect(config.tenants[0]?.carriers.generic?.bearers.map(one => one.reveal())).toEqual(['b'.repeat(32)])
  expect(config.warnings).toEqual([])
})

test.each([
  [
    'twilio: { authTokenFile: /nowhere/token }',
    'tenants[0].carriers.twilio.authTokenFile: names a file that cannot be read (ENOENT)',
  ],
  [
    'generic: { secrets: [plain] }',
    'tenants[0].carriers.generic.secrets[0]: has to be whsec_ and the base64 of 24 to 64 random bytes',
  ],
  ['twilio: {}', 'tenants[0].carriers.twilio: has no secret: give authToken or authTokenFile'],
  ['twilio: { authToken: [a, b, c] }', 'tenants[0].carriers.twilio.authToken: has more than 2 items'],
  ['vonage: {}', 'tenants[0].carriers.vonage: is not a setting; known here: generic, twilio'],
])('%s is refused', (carrier, says) => {
  const told = problemsOf(`publicUrl: https://ring.example${tenantText(`carriers: { ${carrier} }`)}`)
  expect(told.map(line => line.replace(/^\S+ /, ''))).toEqual([says])
})

test('what works but deserves a look is a warning', () => {
  const text = `listen: { admin: "0.0.0.0:9090" }
trustedProxies: ["0.0.0.0/0"]${tenantText('pools: [{ id: a, numbers: ["+4570000001"] }]\nretention: 1d\ncalls: { returningLookBack: 2d, lookBack: { duration: 2d } }\ncarriers: { generic: { bearer: changeme } }')}`
  expect(loaded(text).warnings.map(one => `${one.line} ${one.path}: ${one.says}`)).toEqual([
    '1 listen.admin: is reachable from other machines: only /livez, /readyz and, with monitorKeyFile, /metrics until keys exist',
    '2 trustedProxies[0]: trusts everybody to say whose address a request has',
    '8 tenants[0].carriers.generic.bearer: is shorter than 32 characters: "openssl rand -hex 32" makes a good one',
    '5 tenants[0].pools[0]: is used by no target',
    '7 tenants[0].calls.returningLookBack: is longer than retention: callers are forgotten before',
    '7 tenants[0].calls.lookBack.duration: is longer than retention: visits are forgotten before',
  ])
})

test('a look-back that nobody wrote is not warned of, however short retention is', () => {
  expect(loaded(tenantText('retention: 1d')).warnings).toEqual([])
  expect(loaded(tenantText('retention: 1d\ncalls: { qualifiedAfter: 10s }')).warnings).toEqual([])
})

test('a retention that is none is told alone: what would have to be shorter is not', () => {
  const rest = 'fieldRetention: { ipAddress: 2d }\ncalls: { returningLookBack: 2d }'
  for (const retention of ['10x', '0d', '9999999d']) {
    const told = loadConfig({ text: tenantText(`retention: ${retention}\n${rest}`), env: {} })
    expect(told).toMatchObject({ problems: [{ path: 'tenants[0].retention' }] })
    expect(told.warnings.filter(({ path }) => path !== 'dataDir')).toEqual([])
  }
})

test('a pool’s holds and a target’s segments are read, and left out where there are none', () => {
  const [tenant] = loaded(
    tenantText(`targets:
  - id: sales
    replace: "+45 78 79 22 22"
    forward: "+45 78 79 22 22"
    pool: sales
    segments:
      - { id: brand, when: { medium: cpc, landingPath: /shop }, pool: brand }
      - { id: staff, when: { source: intranet } }
pools:
  - { id: sales, numbers: ["+4570000001"], minHold: 15m, maxHold: 4h, warnAt: 0.9 }
  - { id: brand, numbers: ["+4570000002"] }
`),
  ).tenants
  expect(tenant?.targets[0]?.segments).toEqual([
    { id: 'brand', when: { medium: 'cpc', landingPath: '/shop' }, pool: 'brand' },
    { id: 'staff', when: { source: 'intranet' }, pool: null },
  ])
  expect(tenant?.pools[0]).toMatchObject({ minHoldMs: 900_000, maxHoldMs: 14_400_000, warnAt: 0.9 })
  expect(Object.keys(tenant?.pools[1] ?? {})).toEqual([
    ...['id', 'numbers', 'idleTimeoutMs', 'tailMs', 'coolDownMs', 'stickyMs', 'overflow'],
  ])
})

test('what is wrong with holds and segments is told', () => {
  const text = tenantText(`targets:
  - { id: sales, replace: "+4578792222", forward: "+4578792222", pool: sales, segments: [
      { id: a, when: {}, pool: sales },
      { id: a, when: { landingPath: shop }, pool: salse }] }
  - { id: help, replace: "+4578792223", forward: "+4578792223", pool: null, segments: [
      { id: a, when: { country: dk }, pool: sales }] }
pools:
  - { id: sales, numbers: ["+4570000001"], minHold: 2h, maxHold: 1h, warnAt: 75 }
`)
  expect(problemsOf(text).map(line => line.replace(/^\S+ /, ''))).toEqual([
    'tenants[0].targets[0].segments[0].when: says nothing: it would fit every visit',
    'tenants[0].targets[0].segments[1].id: is used twice: "a"',
    'tenants[0].targets[0].segments[1].when.landingPath: has to be a path that begins with /, not "shop"',
    'tenants[0].targets[0].segments[1].pool: names no pool of this tenant: "salse"; did you mean sales?',
    'tenants[0].targets[1].segments[0].when.country: has to be a country such as DK, not "dk"',
    'tenants[0].targets[1].segments[0].pool: is used by another target: a pool serves one',
    'tenants[0].pools[0].minHold: is longer than maxHold',
    'tenants[0].pools[0].warnAt: has to be a share above 0 and up to 1, such as 0.75, or null, not 75',
  ])
})

test('the segments of the guide for marketers are a configuration', () => {
  const guide = readFileSync(join(import.meta.dirname, '../docs/marketer.md'), 'utf8')
  const [, example = ''] = /```yaml\n(.*?)```/s.exec(guide) ?? []
  const pools = `pools:
  - { id: sales, numbers: ["+4570000001"] }
  - { id: brand, numbers: ["+4570000002"] }
  - { id: sweden, numbers: ["+46850000001"] }
`
  const [tenant] = loaded(tenantText(example + pools)).tenants
  expect(tenant?.targets[0]?.segments?.map(({ id }) => id)).toEqual(['brand', 'sweden', 'staff'])
})
