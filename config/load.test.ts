import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { inspect } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { describeConfig, formatProblems, loadConfig } from './config.ts'
import { loaded, problemsOf, tenantText } from './testConfig.ts'

test('an empty file is a configuration: every default is known', () => {
  expect(loaded('')).toMatchObject({
    listen: { public: { host: '0.0.0.0', port: 8080 }, admin: { host: '127.0.0.1', port: 9090 } },
    publicUrl: null,
    nats: { url: null, durability: 'durable', storeDir: resolve('data/nats'), logBytes: 4_294_967_296 },
    disk: { stopAt: 0.85 },
    backups: { keptMs: 90 * 86_400_000 },
    dataDir: resolve('data'),
    dataDirIsRelative: true,
    latenessMs: 86_400_000,
    partitions: 16,
    demo: false,
    logLevel: 'info',
    tenants: [],
    warnings: [],
  })
  expect(loaded('').threads).toBeGreaterThanOrEqual(1)
})

test('the file goes before the defaults, the environment before the file, the flags before all', () => {
  const text = 'partitions: 2\nlogLevel: warn\ndataDir: /file\nlisten: { public: "127.0.0.1:1" }'
  const env = {
    RINGTRAIL_LOG_LEVEL: 'error',
    RINGTRAIL_DATA_DIR: '/environment',
    RINGTRAIL_LISTEN_ADMIN: '127.0.0.1:2',
  }
  const config = loaded(text, { env, flags: { dataDir: '/flag', threads: '1', 'listen.admin': undefined } })
  expect(config).toMatchObject({ partitions: 2, logLevel: 'error', dataDir: '/flag', threads: 1 })
  expect(config.listen).toEqual({
    public: { host: '127.0.0.1', port: 1 },
    admin: { host: '127.0.0.1', port: 2 },
  })
})

test('an empty variable is unset, and text is read as the setting asks', () => {
  const env = {
    RINGTRAIL_LOG_LEVEL: '',
    RINGTRAIL_DEMO: 'true',
    RINGTRAIL_PARTITIONS: '8',
    RINGTRAIL_TRUSTED_PROXIES: '10.0.0.0/8, ::1',
    RINGTRAIL_NATS_URL: 'null',
  }
  const config = loaded('nats: { url: "nats://file:4222" }', { env, flags: { threads: 'auto' } })
  expect(config).toMatchObject({ logLevel: 'info', demo: true, partitions: 8 })
  expect(config.nats.url).toBeNull()
  expect(config.trustedProxies).toEqual([
    { address: '10.0.0.0', prefix: 8, family: 'ipv4' },
    { address: '::1', prefix: 128, family: 'ipv6' },
  ])
})

test('a flag reaches into a list, and says what it cannot reach', () => {
  const text = tenantText('retention: 60d')
  expect(loaded(text, { flags: { 'tenants[0].retention': '1d' } }).tenants[0]?.retentionMs).toBe(86_400_000)
  expect(
    problemsOf(text, { flags: { 'tenants[2].retention': '1d', 'lisen.public': 'x', demo: 'perhaps' } }),
  ).toEqual([
    '--set tenants[2].retention: names item 2 of a list that has 1',
    '--set lisen.public: is not a setting; did you mean listen.public?',
    '--set demo: has to be true or false, not "perhaps"',
  ])
})

test('a problem in the environment names the variable', () => {
  expect(problemsOf('', { env: { RINGTRAIL_THREADS: 'many', RINGTRAIL_LISTEN_PUBLIC: '8080' } })).toEqual([
    'RINGTRAIL_THREADS threads: has to be auto or a whole number from 1 to 256, not "many"',
    'RINGTRAIL_LISTEN_PUBLIC listen.public: has to be an address such as 127.0.0.1:8080, not "8080"',
  ])
})

test('keys beside the data are warned of, unless it is the demo', () => {
  const toldOf = (text: string, env = {}) =>
    loadConfig({ text, env }).warnings.map(({ path, says }) => `${path} ${says}`)
  const where = 'so that a copy of it opens itself: set rootKeyFile, pepperFile and keyDir (docs/backup.md)'
  expect(toldOf('')).toEqual([
    `dataDir holds the root key, the pepper, the key store beside the data, ${where}`,
  ])
  const env = { RINGTRAIL_ROOT_KEY: 'r'.repeat(32), RINGTRAIL_PEPPER: 'p'.repeat(32) }
  expect(toldOf('', env)).toEqual([`dataDir holds the key store beside the data, ${where}`])
  expect(toldOf('dataDir: /a\nkeyDir: /ab', env)).toEqual([])
  expect(toldOf('demo: true')).toEqual([])
})

test('a misspelt variable is warned of', () => {
  const { warnings } = loaded('', { env: { RINGTRAIL_LISEN_PUBLIC: '127.0.0.1:1', PATH: '/bin' } })
  expect(warnings.map(one => `${one.source} ${one.says}`)).toEqual([
    'RINGTRAIL_LISEN_PUBLIC has no effect; did you mean RINGTRAIL_LISTEN_PUBLIC?',
  ])
})

test('broken YAML is told with line and column, and without the text around', () => {
  const [first = '', ...others] = problemsOf('dataDir: ./data\nnats: { url: "nats://me:hunter2@host\n')
  expect(first).toMatch(/^test\.yaml:3:1: Missing closing "quote$/)
  expect([first, ...others].join()).not.toContain('hunter2')
  expect(problemsOf('demo: true\ndemo: false')).toEqual(['test.yaml:2:1: Map keys must be unique'])
  expect(problemsOf('demo: *nobody')).toHaveLength(1)
  expect(problemsOf('- a list')).toEqual(['test.yaml:1:1: has to be a map of settings, not a list'])
})

test('a file that is not there is a problem and no exception', () => {
  const config = loadConfig({ file: 'not/here.yaml', env: {} })
  expect(config.kind === 'config-problems' && formatProblems(config)).toBe(
    'not/here.yaml: cannot be read (ENOENT)',
  )
})

test('the demo’s pages may use its site from wherever its listener was moved to', () => {
  const origins = (flags: Record<string, string>) => {
    const config = loadConfig({ env: { RINGTRAIL_LISTEN_PUBLIC: '127.0.0.1:8088' }, flags })
    return config.kind === 'config' ? config.tenants[0]?.sites[0]?.origins : config.problems
  }
  expect(origins({})).toEqual([
    'http://localhost:8080',
    'http://127.0.0.1:8080',
    'http://localhost:8088',
    'http://127.0.0.1:8088',
  ])
  expect(origins({ demo: 'false' })).toHaveLength(2)
})

test('the result is frozen all the way down', () => {
  const thawed: string[] = []
  const look = (value: unknown, path: string) => {
    if (typeof value !== 'object' || value === null) return
    if (!Object.isFrozen(value)) thawed.push(path)
    for (const [key, part] of Object.entries(value)) look(part, `${path}.${key}`)
  }
  const demo = loadConfig({ env: {} })
  expect(demo.kind).toBe('config')
  look(demo, 'config')
  expect(thawed).toEqual([])
})

test('a key file is read, a short one is refused, a missing one is told', () => {
  const directory = mkdtempSync(join(tmpdir(), 'ringtrail-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const keep = (name: string, text: string) => {
    writeFileSync(join(directory, name), text)
    return join(directory, name)
  }
  const key = 'k'.repeat(43)
  expect(loaded(`rootKeyFile: ${keep('good', `${key}\n`)}`).rootKey?.reveal()).toBe(key)
  expect(loaded('', { env: { RINGTRAIL_PEPPER: key } }).pepper?.reveal()).toBe(key)
  expect(problemsOf(`rootKeyFile: ${keep('short', 'tooshort')}`)).toEqual([
    'test.yaml:1:14 rootKeyFile: has to name a file of one line, at least 32 characters long',
  ])
  expect(
    problemsOf('pepperFile: /nowhere/pepper\ntls: { certFile: /nowhere/cert, keyFile: /nowhere/key }'),
  ).toEqual([
    'test.yaml:1:13 pepperFile: names a file that cannot be read (ENOENT)',
    'test.yaml:2:18 tls.certFile: names a file that cannot be read (ENOENT)',
    'test.yaml:2:42 tls.keyFile: names a file that cannot be read (ENOENT)',
  ])
  expect(problemsOf(`pepperFile: ${keep('empty', '\n')}`)).toEqual([
    'test.yaml:1:13 pepperFile: names an empty file',
  ])
})

test.each([
  [0o600, []],
  [0o640, []],
  [0o644, ['rootKeyFile', 'pepperFile']],
])('key files of mode %o that everybody can read are a warning', (mode, told) => {
  const directory = mkdtempSync(join(tmpdir(), 'ringtrail-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'key')
  writeFileSync(file, 'k'.repeat(43))
  chmodSync(file, mode)
  const { warnings } = loaded(`rootKeyFile: ${file}\npepperFile: ${file}\nmonitorKeyFile: ${file}`)
  expect(warnings.map(({ path, says }) => `${path} ${says}`)).toEqual(
    told.map(path => `${path} names a file that everybody on this machine can read: chmod 600`),
  )
})

test('no way of printing a configuration prints a secret', () => {
  const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`
  const text = `publicUrl: https://ring.example${tenantText(
    `carriers: { generic: { secrets: [${secret}], bearer: bearer-of-acme }, twilio: { authToken: token-of-acme } }`,
  )}`
  const config = loaded(text, { env: { RINGTRAIL_ROOT_KEY: 'root-key-'.repeat(5) } })
  const printed = [
    inspect(config, { depth: 20 }),
    JSON.stringify(config),
    describeConfig(config),
    `${config.rootKey}`,
  ]
  for (const one of [...printed, JSON.stringify(structuredClone(config))]) {
    expect(one).not.toMatch(/whsec_|-of-acme|root-key/)
  }
  expect(config.tenants[0]?.carriers.twilio?.authTokens.map(token => token.reveal())).toEqual([
    'token-of-acme',
  ])
})

test('no problem repeats what stands where a secret belongs', () => {
  const text = `nats: { url: "http://me:hunter2@host" }${tenantText(
    'carriers: { generic: { secrets: [hunter2, 12345678], bearer: { hunter2: 1 } }, twilio: { authToken: 12345678 } }',
  )}`
  const told = problemsOf(text).filter(line => !line.includes('hunter2 is not'))
  expect(told.length).toBeGreaterThanOrEqual(5)
  expect(told.join('\n')).not.toMatch(/hunter2|12345678/)
})

test('a return package lies for a week, unless the file says otherwise', () => {
  expect(loaded('').returnsKeptMs).toBe(7 * 86_400_000)
  expect(loaded('returnsKept: 1h').returnsKeptMs).toBe(3_600_000)
})

test('the audit chain: signed each minute and anchored nowhere, unless the file says more', () => {
  expect(loaded('').audit).toEqual({ signEveryMs: 60_000, anchorFile: null, anchorCommand: null })
  const text = 'audit: { signEvery: 5s, anchorFile: heads.jsonl, anchorCommand: [/usr/bin/keep, --all] }'
  expect(loaded(text).audit).toEqual({
    signEveryMs: 5_000,
    anchorFile: resolve('heads.jsonl'),
    anchorCommand: ['/usr/bin/keep', '--all'],
  })
})

test.each([
  ['backups: { keptFor: 7d }', 'backups.keptFor: has to be a duration such as 90d, at least 8d'],
  [
    'audit: { signEvery: 0s }',
    'audit.signEvery: has to be a duration such as 1m, at least 1s and at most 1h',
  ],
  [
    'audit: { signEvery: 2h }',
    'audit.signEvery: has to be a duration such as 1m, at least 1s and at most 1h',
  ],
  ['returnsKept: 59m', 'returnsKept: has to be a duration such as 7d, at least 1h and at most 7d'],
  ['returnsKept: 8d', 'returnsKept: has to be a duration such as 7d, at least 1h and at most 7d'],
  ['audit: { anchorCommand: [] }', 'audit.anchorCommand: is empty: it needs at least one item'],
  ['audit: { anchorCommand: keep }', 'audit.anchorCommand: has to be a list of a program and its arguments'],
  ['audit: { anchors: x }', 'audit.anchors: '],
])('%s is refused in a sentence', (text, says) => {
  expect(problemsOf(text)).toEqual([expect.stringContaining(says)])
})
