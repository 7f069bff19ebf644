import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openLink } from '../../config/nats.ts'
import { unpack } from '../../config/pack.ts'
import type { LogMessage } from '../../core/wire/log.ts'
import type { Note } from '../../core/wire/note.ts'
import { streams, subjects } from '../../core/wire/subjects.ts'
import { startSystem, type System, temporaryFolder } from '../system.ts'
import {
  askAdmin,
  type GivenKey,
  inShort,
  machineToken,
  makeKey,
  openFeed,
  type Run,
  ring,
  startWith,
  visitAndCall,
} from './adminWorld.ts'
import { natsOptions, until } from './badInputsClient.ts'

/** API keys from the first to the last, on one started system with two tenants. The tests are one story, in order. */
const repository = join(import.meta.dirname, '../..')
let run: Run
let system: System
let first: GivenKey
let operator: GivenKey
const visitors = { acme: 'A'.repeat(22), other: 'B'.repeat(22) }
const known: string[] = []

beforeAll(async () => {
  run = await startWith(['acme', 'other'])
  system = run.system
  await visitAndCall(system, 'acme', 'acme-1', visitors.acme)
  await visitAndCall(system, 'other', 'other-1', visitors.other)
})

afterAll(() => run?.end())

const short = async (path: string, key?: string, method = 'GET', body?: unknown) =>
  inShort(await askAdmin(system, method, path, { key, body }))
const callOf = (tenant: string) => `/v1/calls/${tenant}-1?tenant=${tenant}`

const commandOf = (args: readonly string[]) => [
  join(repository, 'gateway/main.ts'),
  ...args,
  ...['--config', `${system.dataDir}.yaml`, '--admin', `127.0.0.1:${system.adminPort}`],
]
function command(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, commandOf(args), { encoding: 'utf8', cwd: repository })
}

test('before the first key, calls and the feed are open on loopback, keys are not, and the token is its user’s alone', async () => {
  expect(await short(callOf('acme'))).toBe('200')
  expect(await short('/v1/tenants/acme/keys')).toBe('401 key-missing')
  expect(statSync(join(system.dataDir, 'admin.token')).mode & 0o777).toBe(0o600)
  expect(await short('/v1/keys', `${machineToken(system).slice(0, -1)}x`)).toBe('401 key-missing')
})

test('the command line makes the first key; from then on a key is needed, and who listened without one is cut off', async () => {
  const { socket } = await openFeed(system)
  const closed = once(socket, 'close')
  const made = command('keys', 'create', '--tenant', 'acme', '--role', 'owner', '--name', 'first')
  expect(made.stderr).toMatch(/^Key [a-z2-7]{12}, role owner\. It expires .+ shown this once\.\n$/)
  const key = made.stdout.trim()
  known.push(key)
  first = { key, id: key.split('_')[2] ?? '' }
  expect(await short(callOf('acme'), key)).toBe('200')
  expect(await short('/v1/calls/acme-1', key)).toBe('200')
  await until(
    () => short(callOf('acme')),
    answer => answer === '401 key-missing',
  )
  expect((await closed)[0]).toBe(1008)
  await expect(openFeed(system)).rejects.toThrow('401')
})

test('a tenant’s key does not reach another, and cannot tell it from one that does not exist', async () => {
  const ask = (path: string) => askAdmin(system, 'GET', path, { key: first.key })
  expect(await ask(callOf('other'))).toEqual(await ask('/v1/calls/other-1?tenant=nobody'))
  expect(await ask('/v1/tenants/other/keys')).toEqual(await ask('/v1/tenants/nobody/keys'))
  expect(inShort(await ask('/v1/tenants/other/keys'))).toBe('404 unknown-tenant')
  expect(inShort(await ask('/v1/keys'))).toBe('403 scope-missing')
})

test('a role holds what it holds: an owner makes keys of its tenant’s roles only, an analyst none', async () => {
  const make = (role: string, key = first.key) =>
    short('/v1/tenants/acme/keys', key, 'POST', { name: 'x', role })
  expect(await make('operator')).toBe('400 not-valid')
  expect(await make('machine')).toBe('400 not-valid')
  const answer = await askAdmin(system, 'POST', '/v1/tenants/acme/keys', {
    key: first.key,
    body: { name: 'reports', role: 'analyst', purpose: 'ticket 4711' },
  })
  const { key } = JSON.parse(answer.text) as GivenKey
  known.push(key)
  expect(await short(callOf('acme'), key)).toBe('200')
  expect(await short('/v1/tenants/acme/keys', key)).toBe('403 scope-missing')
  expect(await make('analyst', key)).toBe('403 scope-missing')
  operator = await makeKey(system, null, 'operator')
  known.push(operator.key)
  expect(await short(callOf('acme'), operator.key)).toBe('200')
  expect(await short(callOf('other'), operator.key)).toBe('200')
  expect(await make('analyst', operator.key)).toBe('403 scope-missing')
  expect(await short('/v1/keys', operator.key)).toBe('200')
})

test('the feed tells a tenant’s key of that tenant alone, and the processor’s of all', async () => {
  const [acme, all] = [await openFeed(system, first.key), await openFeed(system, operator.key)]
  const one = await openFeed(system, operator.key, '?tenant=other')
  await expect(openFeed(system, first.key, '?tenant=other')).rejects.toThrow('404')
  await ring(system, 'other', 'other-2', '+4571000001')
  await ring(system, 'acme', 'acme-2', '+4570000001')
  await until(
    async () => acme.lines.length + all.lines.length + one.lines.length,
    count => count >= 4,
  )
  const calls = (lines: string[]) => lines.map(line => (JSON.parse(line) as { call: string }).call).sort()
  expect(calls(acme.lines)).toEqual(['acme-2'])
  expect(calls(one.lines)).toEqual(['other-2'])
  expect(calls(all.lines)).toEqual(['acme-2', 'other-2'])
  for (const { socket } of [acme, all, one]) socket.close()
})

test('`calls --follow` shows the machine’s token by itself', async () => {
  const child = spawn(process.execPath, commandOf(['calls', '--follow']), { cwd: repository })
  const said: string[] = []
  child.stdout.on('data', (chunk: Buffer) => void said.push(chunk.toString()))
  let rung = 0
  await until(
    async () => {
      rung += 1
      await ring(system, 'acme', `followed-${rung}`, '+4570000001')
      return said.join('')
    },
    text => text.includes('followed-'),
  )
  child.kill('SIGTERM')
  await once(child, 'exit')
})

test('a rotated key has two secrets for the overlap, and one after', async () => {
  const made = await makeKey(system, 'acme', 'analyst')
  const rotate = async (body: object) => {
    const path = `/v1/tenants/acme/keys/${made.id}/rotate`
    const { text } = await askAdmin(system, 'POST', path, { key: first.key, body })
    return JSON.parse(text) as GivenKey
  }
  const second = await rotate({ overlap: '1h' })
  expect(second.id).toBe(made.id)
  expect(await short(callOf('acme'), made.key)).toBe('200')
  expect(await short(callOf('acme'), second.key)).toBe('200')
  const third = await rotate({ overlap: '0s' })
  expect(await short(callOf('acme'), third.key)).toBe('200')
  expect(await short(callOf('acme'), second.key)).toBe('401 key-expired')
  expect(await short(callOf('acme'), made.key)).toBe('401 key-missing')
  known.push(made.key, second.key, third.key)
})

test('a key that is revoked is refused at once and for good, and who listens by it is cut off', async () => {
  const made = await makeKey(system, 'acme', 'analyst')
  known.push(made.key)
  const { socket } = await openFeed(system, made.key)
  const closed = once(socket, 'close')
  const path = `/v1/tenants/acme/keys/${made.id}`
  expect(await short(`${path}/revoke`, first.key, 'POST')).toBe('200')
  expect(await short(callOf('acme'), made.key)).toBe('401 key-revoked')
  expect((await closed)[0]).toBe(1008)
  expect(await short(`${path}/rotate`, first.key, 'POST')).toBe('409 key-ended')
  expect(await short(`${path}/revoke`, first.key, 'POST')).toBe('200')
})

test('a key ends when it should', async () => {
  const made = await makeKey(system, 'acme', 'analyst', { expiresIn: '300ms' })
  known.push(made.key)
  await until(
    () => short(callOf('acme'), made.key),
    answer => answer === '401 key-expired',
  )
})

test('what looks like somebody’s is not taken for a name', async () => {
  const make = (body: object) => short('/v1/tenants/acme/keys', first.key, 'POST', body)
  expect(await make({ name: 'of-4520304050', role: 'analyst' })).toBe('400 looks-personal')
  expect(await make({ name: 'x', role: 'analyst', purpose: 'for +4520304050' })).toBe('400 not-valid')
  expect(await make({ name: 'x', role: 'analyst', purpose: 'call 20304050' })).toBe('400 looks-personal')
  expect(await make({ name: 'x', role: 'analyst', expiresIn: '0s' })).toBe('400 not-valid')
  expect(await make({ name: 'x', role: 'analyst', secret: 's' })).toBe('400 unknown-field')
})

test('a refusal names the field and the form that it has to have, and nothing of what was sent', async () => {
  const body = { name: 'Anna Larsen', role: 'analyst' }
  const { text } = await askAdmin(system, 'POST', '/v1/tenants/acme/keys', { key: first.key, body })
  expect(JSON.parse(text)).toEqual({
    error: {
      code: 'not-valid',
      message: 'The message does not have the documented shape.',
      detail: 'name has to be at most 64 small letters, digits and . _ -, with a letter or a digit first.',
    },
  })
})

test('evidence of a server that is named without a configuration is asked of it, and not of the demo’s file', async () => {
  const [keyFile, out] = ['owner.key', 'evidence'].map(name => `${system.dataDir}.${name}`) as [
    string,
    string,
  ]
  writeFileSync(keyFile, first.key)
  const collect = (tenant: string) => {
    const span = ['--from', '2026-01-01T00:00:00Z', '--to', '2090-01-01T00:00:00Z', '--tenant', tenant]
    const where = ['--admin', `127.0.0.1:${system.adminPort}`, '--key-file', keyFile, '--out', out]
    const words = [join(repository, 'gateway/main.ts'), 'evidence', ...span, ...where]
    return spawnSync(process.execPath, words, { encoding: 'utf8', cwd: repository })
  }
  expect(collect('nobody').stderr).toBe('There is no such tenant. (unknown-tenant)\n')
  const { stdout, stderr } = collect('acme')
  expect(stderr).toBe('')
  expect(stdout).toMatch(/^key-inventory: 1 record$/m)
  expect(stdout).toMatch(/^sbom: missing.+--config names/m)
  // Its heads are checked with the key that the server named.
  const [state] = readFileSync(join(out, 'audit-state.jsonl'), 'utf8').trim().split('\n')
  expect(JSON.parse(state as string)).toMatchObject({ tenant: 'acme', trouble: null })
  expect(stdout).toMatch(/not signed: .+; its hash is in the audit chain\n$/)
})

test('the review says who has what, for the tenant with the processor’s keys, in three forms', async () => {
  const review = async (as: string) =>
    (await askAdmin(system, 'GET', `/v1/tenants/acme/access-review?as=${as}`, { key: first.key })).text
  const { keys } = JSON.parse(await review('json')) as {
    keys: { id: string; of: string; standing: string; flags: string[]; scopesUsed: string[] }[]
  }
  expect(keys.find(({ id }) => id === first.id)).toMatchObject({
    of: 'tenant',
    standing: 'active',
    flags: ['sees-personal-data'],
    scopesUsed: expect.arrayContaining(['calls:read']) as string[],
  })
  expect(keys.find(({ id }) => id === operator.id)).toMatchObject({ of: 'processor', flags: [] })
  const csv = await review('csv')
  expect(csv.trim().split('\n')).toHaveLength(keys.length + 1)
  expect(await review('text')).toContain(`for-operator (${operator.id}): operator of the processor, active`)
  const said = command('access', 'review', '--tenant', 'acme', '--as', 'csv')
  expect(said.stdout.split('\n')[0]).toBe(csv.split('\n')[0])
  expect(await short('/v1/tenants/acme/access-review?as=xml', first.key)).toBe('400 not-valid')
})

/** Every note that the log holds, in order within a partition. */
async function notes(): Promise<(Note & { tenant: string })[]> {
  const link = await openLink(natsOptions(system))
  const { lastSequence } = await link.streamState(streams.log)
  const found: (Note & { tenant: string })[] = []
  let at = 0
  const follower = link.follow({
    ...{ stream: streams.log, subject: subjects.everyLog, from: 1, trouble: () => undefined },
    take: record => {
      at = record.sequence
      for (const { clear, note } of (unpack(record.data) as LogMessage).events)
        if (note !== undefined && clear.kind === 'noted') found.push({ ...note, tenant: clear.tenant })
    },
  })
  await until(
    async () => at,
    sequence => sequence >= lastSequence,
  )
  await follower.stop()
  await link.close()
  return found
}

test('each of it left a note in the log: who, what, on which key, why', async () => {
  const all = await notes()
  const made = all.filter(({ action }) => action === 'access-key-made')
  expect(made[0]).toMatchObject({
    tenant: 'acme',
    actor: 'local',
    role: 'machine',
    detail: { key: first.id },
  })
  expect(made[1]).toMatchObject({ actor: first.id, role: 'owner', purpose: 'ticket 4711' })
  expect(made.find(({ tenant }) => tenant === '')).toMatchObject({ detail: { key: operator.id } })
  const count = (action: string) => all.filter(one => one.action === action).length
  expect(count('access-key-rotated')).toBe(2)
  expect(count('access-key-revoked')).toBe(2)
  expect(count('access-listed')).toBeGreaterThanOrEqual(5)
})

test('no file and no line of output holds a secret, but for the token’s own file', () => {
  const files = readdirSync(system.dataDir, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && entry.name !== 'admin.token')
    .map(entry => join(entry.parentPath, entry.name))
  const secrets = [...known.map(key => key.slice(-43)), machineToken(system)]
  expect(secrets.length).toBeGreaterThan(6)
  expect(files.length).toBeGreaterThan(8)
  for (const bytes of files.map(file => readFileSync(file)))
    for (const secret of secrets) expect(bytes.includes(secret)).toBe(false)
  const lines = JSON.stringify(system.lines())
  for (const secret of secrets) expect(lines).not.toContain(secret)
})

test('after a crash the keys are what they were, and the token is a new one', async () => {
  const before = machineToken(system)
  const list = async () =>
    JSON.parse((await askAdmin(system, 'GET', '/v1/tenants/acme/keys', { key: first.key })).text) as {
      keys: { id: string; standing: string }[]
    }
  const { keys } = await list()
  await system.killTree()
  const settings = JSON.parse(readFileSync(`${system.dataDir}.yaml`, 'utf8')) as object
  system = await startSystem({ dataDir: system.dataDir, settings })
  const { end } = run
  const both = async () => {
    await system.killTree()
    await end()
  }
  run = { system, end: both }
  const standing = (all: { id: string; standing: string }[]) => all.map(one => `${one.id} ${one.standing}`)
  expect(standing((await list()).keys)).toEqual(standing(keys))
  expect(await short(callOf('acme'), first.key)).toBe('200')
  expect(await short(callOf('acme'))).toBe('401 key-missing')
  expect(await short('/v1/keys', before)).toBe('401 key-missing')
  expect(await short('/v1/keys', machineToken(system))).toBe('200')
})

test('on another address there is nothing but monitoring until there are keys; then keys are all it takes', async () => {
  const away = await startWith(['acme'], { listen: { public: '127.0.0.1:0', admin: '0.0.0.0:0' } })
  try {
    const ask = async (path: string, key?: string) =>
      inShort(await askAdmin(away.system, 'GET', path, { key }))
    expect(await ask('/v1/calls/x')).toBe('404 not-found')
    expect(await ask('/v1/keys')).toBe('404 not-found')
    const { key } = await makeKey(away.system, 'acme', 'analyst')
    expect(await ask('/v1/calls/x', key)).toBe('404 unknown-call')
    expect(await ask('/v1/calls/x')).toBe('401 key-missing')
    expect(await ask('/livez')).toBe('200')
    // What counts all tenants together is no tenant's to read.
    for (const shown of [undefined, key, machineToken(away.system)]) {
      expect(await ask('/metrics', shown)).toBe('401 key-missing')
      expect((await askAdmin(away.system, 'GET', '/readyz', { key: shown })).text).toBe('{"ready":true}')
    }
  } finally {
    await away.end()
  }
})

test('on loopback monitors need no key, and who comes through a proxy is no monitor; where there is a key it is needed', async () => {
  const monitorKey = 'm'.repeat(40)
  const monitorKeyFile = join(temporaryFolder().path, 'monitor-key')
  writeFileSync(monitorKeyFile, `${monitorKey}\n`)
  const watched = await startWith(['acme'], { monitorKeyFile })
  try {
    const look = async (at: System, how: object) => [
      inShort(await askAdmin(at, 'GET', '/metrics', how)),
      (await askAdmin(at, 'GET', '/readyz', how)).text === '{"ready":true}' ? 'in short' : 'in detail',
    ]
    expect(await look(system, {})).toEqual(['200', 'in detail'])
    expect(await look(system, { from: '198.51.100.1' })).toEqual(['401 key-missing', 'in short'])
    expect(await look(watched.system, {})).toEqual(['401 key-missing', 'in short'])
    expect(await look(watched.system, { key: `${monitorKey}m` })).toEqual(['401 key-missing', 'in short'])
    expect(await look(watched.system, { key: monitorKey, from: '198.51.100.1' })).toEqual([
      '200',
      'in detail',
    ])
  } finally {
    await watched.end()
  }
})
