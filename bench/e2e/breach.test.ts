import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { EvidenceManifest } from '../../config/evidence/collect.ts'
import { partitionOfTenant } from '../../config/partitions.ts'
import { readPublicKeys } from '../../config/signing.ts'
import { verifyDocument } from '../../config/signedDocument.ts'
import { repository } from '../docs.ts'
import { temporaryFolder } from '../system.ts'
import { askAdmin, type GivenKey, inShort, makeKey, type Run, startWith, visitAndCall } from './adminWorld.ts'
import { metric, until } from './badInputsClient.ts'

// A breach from its opening to its last document, and the evidence of it, on the whole system and by its own commands.

const folder = temporaryFolder()
let run: Run
let operator: GivenKey
let officer: GivenKey

beforeAll(async () => {
  run = await startWith(['acme', 'other'])
  operator = await makeKey(run.system, null, 'operator')
  officer = await makeKey(run.system, 'acme', 'privacy-officer')
  for (let number = 0; number < 3; number++)
    await visitAndCall(run.system, 'acme', `acme-${number}`, `${number}`.repeat(22))
  await visitAndCall(run.system, 'other', 'other-1', 'B'.repeat(22))
})
afterAll(async () => {
  await run?.end()
  folder.remove()
})

const post = async (path: string, key: string, body: object = {}) => {
  const answer = await askAdmin(run.system, 'POST', path, { key, body })
  return { short: inShort(answer), value: JSON.parse(answer.text) as Record<string, unknown> }
}

function command(...args: string[]) {
  const where = ['--config', `${run.system.dataDir}.yaml`, '--admin', `127.0.0.1:${run.system.adminPort}`]
  const all = [join(repository, 'gateway/main.ts'), ...args, ...where]
  return spawnSync(process.execPath, all, { encoding: 'utf8', cwd: repository })
}

type Controllers = {
  ready: boolean
  controllers: { tenant: string; text: string; pack: Record<string, unknown> }[]
}

test('a breach at the processor: clock, figures for each controller, phases in order, everything in the chains', async () => {
  const awareAt = new Date(Date.now() - 13 * 3_600_000).toISOString()
  const opening = { nature: 'unauthorised-access', awareAt, reference: 'incident 12' }
  const opened = await post('/v1/breaches', operator.key, opening)
  expect(opened.value).toMatchObject({ standing: 'clock-runs', nextPhase: 1, tenant: null, leftMinutes: 659 })
  const id = String(opened.value.id)
  const clock = () => metric(run.system, 'ringtrail_breach_clock_seconds{partition="0"}')
  expect(await clock()).toBeGreaterThan(12 * 3_600)
  const packed = await until(
    async () => (await post(`/v1/breaches/${id}/pack`, operator.key)).value as Controllers,
    ({ ready, controllers }) =>
      ready && JSON.stringify(controllers[0]?.pack.subjects) === people(3, 1) && isWhole(controllers),
  )
  const [acme, other] = packed.controllers
  expect([acme?.tenant, other?.tenant]).toEqual(['acme', 'other'])
  expect(JSON.stringify(other?.pack.subjects)).toBe(people(1, 1))
  expect(acme?.text).toContain('Approximate number of subjects: 3 visitors, 1 caller.')
  expect(acme?.text).toContain('(controller: fill in)')
  expect(acme?.pack.categories).toMatchObject([
    { kind: 'session', records: { count: 3, plusMinus: 0 } },
    { kind: 'page-view', records: { count: 3, plusMinus: 0 } },
    { kind: 'call', records: { count: 3, plusMinus: 0 } },
  ])
  expect((await post(`/v1/breaches/${id}/phase`, operator.key, { phase: 2 })).short).toBe(
    '409 phase-out-of-order',
  )
  const told = await post(`/v1/breaches/${id}/phase`, operator.key, { phase: 1, reference: 'letter 1' })
  expect(told.value).toMatchObject({ standing: 'told', nextPhase: 2, leftMinutes: 0 })
  expect(await clock()).toBe(0)
  for (const tenant of ['acme', 'other']) {
    const path = `/v1/tenants/${tenant}/audit/records`
    const { text } = await until(
      () => askAdmin(run.system, 'GET', path, { key: operator.key }),
      one => one.text.includes('breach-phase'),
    )
    const made = text.split('\n').findLast(line => line.includes('breach-pack-made')) ?? '{}'
    const pack = packed.controllers.find(one => one.tenant === tenant)?.pack
    const table = (pack?.categories ?? []) as { records: { count: number } }[]
    const records = table.reduce((sum, one) => sum + one.records.count, 0)
    expect(JSON.parse(made)).toMatchObject({ counts: { records, callers: 1 } })
  }
})

const people = (visitors: number, callers: number) =>
  JSON.stringify({
    visitors: { count: visitors, plusMinus: 0 },
    callers: { count: callers, plusMinus: 0 },
  })
const isWhole = (controllers: Controllers['controllers']) =>
  controllers.every(({ pack }) => (pack.categories as unknown[]).length === 3)

test('a privacy officer opens a breach of their own tenant, what a key did is counted, and nobody else sees it', async () => {
  const reader = await makeKey(run.system, 'acme', 'privacy-officer')
  const find = { visitor: '1'.repeat(22) }
  await post('/v1/tenants/acme/subjects/find', reader.key, find)
  const opening = { nature: 'disclosure', actors: [reader.id], to: '2090-01-01T00:00:00Z' }
  const { value } = await post('/v1/tenants/acme/breaches', officer.key, opening)
  const path = `/v1/tenants/acme/breaches/${String(value.id)}`
  const { controllers } = (await until(
    async () => (await post(`${path}/pack`, officer.key)).value as Controllers,
    one => JSON.stringify(one).includes('subject-found'),
  )) as Controllers
  expect(controllers.map(({ tenant }) => tenant)).toEqual(['acme'])
  expect(controllers[0]?.pack.acted).toMatchObject({ actions: { 'subject-found': 1 } })
  const listed = await askAdmin(run.system, 'GET', '/v1/breaches', { key: operator.key })
  expect(listed.text).not.toContain(String(value.id))
  expect((await post(`/v1/breaches/${String(value.id)}/pack`, operator.key)).short).toBe('404 unknown-breach')
})

test('what does not make sense is refused', async () => {
  const refused = async (body: object) => (await post('/v1/breaches', operator.key, body)).short
  const nature = 'loss'
  const [early, late] = ['2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z']
  expect(await refused({ nature, from: late, to: early })).toBe('400 not-valid')
  expect(await refused({ nature, awareAt: '2090-01-01T00:00:00Z' })).toBe('400 not-valid')
  const future = ['--aware-at', '2090-01-01T00:00:00Z']
  expect(command('breach', 'open', '--nature', nature, ...future).stderr).toBe(
    'awareAt has to be a time that is not in the future. (not-valid)\n',
  )
  expect(await refused({ nature, tenants: ['nobody'] })).toBe('404 unknown-tenant')
  // There are 4.
  expect(await refused({ nature, partitions: [3, 4] })).toBe('404 unknown-partition')
  expect(await refused({ nature, reference: 'call +45 20 30 40 50' })).toBe('400 not-valid')
  expect(await refused({ nature, reference: 'call 4520304050' })).toBe('400 looks-personal')
})

test('the commands do the same: open, pack, phase, list', async () => {
  const opened = command('breach', 'open', '--nature', 'loss', '--tenants', 'other')
  expect(opened.stderr).toBe('')
  const id = opened.stdout.split(' ')[0] ?? ''
  const out = join(folder.path, 'packs')
  // A visit and its page are two records, though one event.
  expect(command('breach', 'pack', id, '--out', out).stdout).toMatch(/^1 pack in .*, of 3 records, in /)
  expect(readdirSync(out).sort()).toEqual(['other.json', 'other.md'])
  writeFileSync(join(out, 'other.md'), 'edited, and not sent yet')
  const again = command('breach', 'pack', id, '--out', out)
  expect([again.status, again.stdout]).toEqual([1, ''])
  expect(again.stderr).toContain(`${out} is not empty, and nothing is overwritten.`)
  expect(readFileSync(join(out, 'other.md'), 'utf8')).toBe('edited, and not sent yet')
  expect(command('breach', 'phase', id, '--phase', '1').stdout).toContain('told')
  expect(command('breach', 'list').stdout).toContain(`${id}  loss  told`)
})

test('a breach in whose scope there is no tenant has no pack, and that is said', () => {
  const taken = ['acme', 'other'].map(tenant => partitionOfTenant(tenant, 0, 4))
  const empty = [0, 1, 2].find(number => !taken.includes(number))
  const opened = command('breach', 'open', '--nature', 'loss', '--partitions', String(empty))
  const out = join(folder.path, 'no-packs')
  const said = command('breach', 'pack', opened.stdout.split(' ')[0] ?? '', '--out', out)
  expect(said.stdout).toBe(
    'No tenant lies in the scope of this breach: there is nobody to tell, and no pack.\n',
  )
  expect(readdirSync(out)).toEqual([])
})

test('evidence is collected from the chains, every kind is there, and its hash is in the chain', async () => {
  const tried = ['--kind', 'restore-test', '--reference', 'ticket 4711', '--result', 'passed']
  expect(command('evidence', 'record', ...tried).stderr).toBe('')
  expect(command('access', 'review', '--tenant', 'acme').stderr).toBe('')
  const out = join(folder.path, 'evidence')
  const times = ['--from', '2026-01-01T00:00:00Z', '--to', '2090-01-01T00:00:00Z']
  const said = command('evidence', ...times, '--out', out)
  expect(said.stderr).toBe('')
  expect(said.stdout).toContain('its hash is in the audit chain')
  const bytes = readFileSync(join(out, 'manifest.json'))
  const manifest = JSON.parse(bytes.toString()) as EvidenceManifest
  for (const { file } of manifest.kinds) {
    const digest = createHash('sha256')
      .update(readFileSync(join(out, file.name)))
      .digest('hex')
    expect(digest).toBe(file.sha256)
  }
  const missing = manifest.kinds.filter(one => one.missing !== null).map(({ kind }) => kind)
  expect(missing).toEqual(['retention-runs', 'erasure-receipts', 'drill-results', 'key-destructions'])
  const states = readFileSync(join(out, 'audit-state.jsonl'), 'utf8').trimEnd().split('\n')
  expect(states).toHaveLength(3)
  for (const state of states) expect(JSON.parse(state)).toMatchObject({ trouble: null })
  const key = await askAdmin(run.system, 'GET', '/v1/tenants/acme/audit/key', { key: operator.key })
  const keys = readPublicKeys((JSON.parse(key.text) as { pem: string }).pem)
  expect(verifyDocument(manifest, keys).kind).toBe('as-expected')
  const verified = command('evidence', 'verify', '--directory', out, '--key', keys[0]?.text ?? '')
  expect(verified).toMatchObject({ status: 0, stderr: '' })
  expect(verified.stdout).toContain('Genuine: signed with key')
  const digest = createHash('sha256').update(bytes).digest('hex')
  const chain = await until(
    () => askAdmin(run.system, 'GET', '/v1/audit/records', { key: operator.key }),
    one => one.text.includes('evidence-made'),
  )
  expect(chain.text).toContain(digest)
})

test('the processor’s own chain is fetched and verified by the commands, as a tenant’s is', () => {
  const out = join(folder.path, 'processors')
  expect(command('audit', 'fetch', '--out', out).stderr).toBe('')
  const [records, heads, key] = ['records.jsonl', 'heads.jsonl', 'key.pem'].map(name => join(out, name))
  expect(readFileSync(records ?? '', 'utf8')).toContain('"tenant":""')
  const files = ['--records', records ?? '', '--heads', heads ?? '', '--key', key ?? '']
  const all = [join(repository, 'gateway/main.ts'), 'audit', 'verify', ...files]
  expect(spawnSync(process.execPath, all, { encoding: 'utf8' }).stdout).toContain('chain whole up to index')
  expect(command('audit', 'key', '--out', join(out, 'again.pem')).stdout).toContain('holds the public key')
})

test('evidence of one controller has what the processor tried, and nothing of another controller', () => {
  const out = join(folder.path, 'evidence-acme')
  const times = ['--from', '2026-01-01T00:00:00Z', '--to', '2090-01-01T00:00:00Z']
  expect(command('evidence', ...times, '--tenant', 'acme', '--out', out).stderr).toBe('')
  expect(readFileSync(join(out, 'restore-tests.jsonl'), 'utf8')).toContain('ticket 4711')
  const texts = readdirSync(out).map(name => readFileSync(join(out, name), 'utf8'))
  for (const text of texts) expect(text).not.toMatch(/"other"|tenant other|pk_other|other\.example/)
})

test('evidence without a running gateway says what is missing and why', () => {
  const out = join(folder.path, 'alone')
  const all = [
    ...['evidence', '--from', '2026-01-01T00:00:00Z', '--to', '2026-02-01T00:00:00Z', '--out', out],
    ...['--config', `${run.system.dataDir}.yaml`, '--admin', '127.0.0.1:1'],
  ]
  const said = spawnSync(process.execPath, [join(repository, 'gateway/main.ts'), ...all], {
    encoding: 'utf8',
  })
  expect(said.status).toBe(0)
  expect(said.stdout).toContain('egress-report: 1 record\n')
  expect(readFileSync(join(out, 'restore-tests.jsonl'), 'utf8')).toMatch(
    /^missing: nothing recorded .* because the audit chain cannot be read/,
  )
})
