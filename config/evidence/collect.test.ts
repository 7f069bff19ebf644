import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AuditAction, AuditRecord } from '../../core/audit.ts'
import { evidenceKindNames, evidenceKinds } from '../../core/evidence.ts'
import { nextRecord } from '../auditChain.ts'
import { signHead } from '../signedHead.ts'
import { verifyDocument } from '../signedDocument.ts'
import { noteOf, publicKeys, signer } from '../testChain.ts'
import { loaded, tenantText } from '../testConfig.ts'
import { collectEvidence, type EvidenceManifest } from './collect.ts'
import { madeFrom } from './fromConfiguration.ts'
import { softwareBill } from './sbom.ts'
import { type EvidenceSource, NotHeld } from './source.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringtrail-evidence-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const began = Date.UTC(2026, 8, 1)
const day = 86_400_000

/** One record a day. */
function chain(tenant: string, actions: readonly AuditAction[]): AuditRecord[] {
  const records: AuditRecord[] = []
  for (const [place, action] of actions.entries()) {
    const facts = { tenant, atMs: began + place * day, partition: 0, sequence: place + 1 }
    records.push(nextRecord(records.at(-1) ?? null, { ...facts, note: { ...noteOf(place), action } }))
  }
  return records
}

function sourceOf(chains: Readonly<Record<string, AuditRecord[]>>, tenants = Object.keys(chains)) {
  const source: EvidenceSource = {
    tenants,
    publicKeys,
    async *records(tenant) {
      if (chains[tenant] === undefined) throw new NotHeld('the chain cannot be read here')
      yield* chains[tenant]
    },
    heads: async tenant => {
      const last = chains[tenant]?.at(-1)
      return last === undefined ? [] : [signHead(signer, last, began)]
    },
  }
  return source
}

const times = { fromMs: began, toMs: began + 30 * day, nowMs: began + 31 * day }
const out = () => join(folder, 'out')
const linesIn = (name: string) => readFileSync(join(out(), name), 'utf8').trimEnd().split('\n')

test('records go by their action into the file of their kind, within the time asked for, and hashes hold', async () => {
  const source = sourceOf({
    acme: chain('acme', ['access-listed', 'subject-erased', 'configured', 'drill-run']),
    '': chain('', ['restore-tested', 'breach-opened']),
  })
  const asked = { source, ...times, toMs: began + 3 * day, made: {}, signer }
  const manifest = await collectEvidence(out(), asked)
  const counts = Object.fromEntries(manifest.kinds.map(({ kind, records }) => [kind, records]))
  expect(counts).toMatchObject({
    ...{ 'access-reviews': 1, 'erasure-receipts': 1, 'configuration-history': 1, 'restore-tests': 1 },
    ...{ incidents: 1, 'drill-results': 0, 'audit-state': 2 },
  })
  for (const { file } of manifest.kinds) {
    const bytes = readFileSync(join(out(), file.name))
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(file.sha256)
  }
  const written = JSON.parse(readFileSync(join(out(), 'manifest.json'), 'utf8')) as EvidenceManifest
  expect(verifyDocument(written, publicKeys).kind).toBe('as-expected')
  expect(verifyDocument({ ...written, to: written.from }, publicKeys).kind).toBe('broken')
  expect(JSON.parse(linesIn('audit-state.jsonl')[0] ?? '')).toMatchObject({ records: 4, trouble: null })
})

test('no kind is blank: what is not there says so, between when, and why', async () => {
  const source = sourceOf({}, ['acme'])
  const manifest = await collectEvidence(out(), { source, ...times, made: {}, signer: null })
  expect(manifest.kinds.map(({ kind }) => kind)).toEqual(evidenceKindNames)
  for (const { file, missing } of manifest.kinds) {
    expect(missing).toMatch(
      /^missing: nothing recorded between 2026-09-01T00:00:00\.000Z and 2026-10-01.*, because the chain cannot be read here$/,
    )
    expect(linesIn(file.name)).toEqual([missing])
  }
})

test('what the processor tried for all is in the evidence of one controller, and nothing else of its chain', async () => {
  const chains = {
    acme: chain('acme', ['access-listed']),
    '': chain('', ['restore-tested', 'breach-opened', 'drill-run', 'access-key-made']),
  }
  const asked = { ...times, made: {}, signer }
  const manifest = await collectEvidence(out(), { source: sourceOf(chains, ['acme']), ...asked })
  const counts = Object.fromEntries(manifest.kinds.map(({ kind, records }) => [kind, records]))
  expect(counts).toMatchObject({
    ...{ 'restore-tests': 1, 'drill-results': 1, incidents: 0, 'access-reviews': 1, 'audit-state': 2 },
  })
  expect(manifest.tenants).toEqual(['acme'])
})

test('where the processor’s chain may not be read, what it would hold is missing for that reason', async () => {
  const source = sourceOf({ acme: chain('acme', ['access-listed']) })
  const { kinds } = await collectEvidence(out(), { source, ...times, made: {}, signer })
  const missing = Object.fromEntries(kinds.map(one => [one.kind, one.missing]))
  for (const kind of ['restore-tests', 'drill-results'])
    expect(missing[kind]).toMatch(
      /because the processor’s own chain was not read: the chain cannot be read here$/,
    )
  expect(missing['key-destructions']).toMatch(/because no key was destroyed$/)
})

test('a chain that was tampered with is said to be so, and its records are handed over all the same', async () => {
  const records = chain('acme', ['access-listed', 'configured', 'drill-run'])
  records[1] = { ...(records[1] as AuditRecord), actor: 'nobody' }
  const source = sourceOf({ acme: records })
  await collectEvidence(out(), { source, ...times, made: {}, signer })
  expect(JSON.parse(linesIn('audit-state.jsonl')[0] ?? '')).toMatchObject({
    ...{ records: 3, wholeUpTo: 0, trouble: expect.stringContaining('record 1 was changed') },
  })
  expect(linesIn('drill-results.jsonl')[0]).toContain('"action":"drill-run"')
})

test('the configuration and the installation give their kinds', async () => {
  const config = loaded(tenantText())
  const made = await madeFrom(config, join(import.meta.dirname, '../..'), times.nowMs)
  const source = sourceOf({ acme: chain('acme', ['configured']) })
  const manifest = await collectEvidence(out(), { source, ...times, made, signer })
  const missing = manifest.kinds.filter(one => one.missing !== null).map(({ kind }) => kind)
  for (const kind of ['sbom', 'egress-report', 'processing-record', 'configuration-now'])
    expect(missing).not.toContain(kind)
  expect(JSON.parse(linesIn('configuration-now.jsonl')[0] ?? '')).toMatchObject({ tenant: 'acme' })
})

test('of one controller, nothing made from the configuration names another', async () => {
  const others = `
  - id: beta
    consent: required
    controller: { name: Beta ApS, contact: privacy@beta.example, dataProtectionOfficer: dpo@beta.example }`
  const text = tenantText('controller: { name: Acme A/S, contact: privacy@acme.example }\n')
  const config = loaded(`${text}${others}\n`)
  const made = await madeFrom(config, join(import.meta.dirname, '../..'), times.nowMs, ['acme'])
  const source = sourceOf({ acme: chain('acme', ['configured']) })
  await collectEvidence(out(), { source, ...times, made, signer })
  const all = readdirSync(out()).map(name => readFileSync(join(out(), name), 'utf8'))
  expect(all.join('\n')).toContain('Acme A/S')
  for (const foreign of ['Beta ApS', 'beta.example', '"beta"', 'tenant beta'])
    expect(all.join('\n')).not.toContain(foreign)
})

test('without npm the bill of materials comes from the lock file, and names what npm names', async () => {
  const installation = join(import.meta.dirname, '../..')
  const read = async (npm: string) => {
    const made = await softwareBill(installation, npm)
    if (!('text' in made)) throw new Error(made.because)
    const { components } = JSON.parse(made.text) as { components: { name: string; version: string }[] }
    return components.map(one => `${one.name}@${one.version}`)
  }
  const fromLock = await read('no-such-program')
  expect(fromLock).toEqual(expect.arrayContaining(['nats@2.29.3', 'lmdb@3.5.6']))
  expect(fromLock.filter(one => one.startsWith('vitest@'))).toEqual([])
})

test('an installation without either says what is missing', async () => {
  expect(await softwareBill(folder, 'no-such-program')).toHaveProperty('because')
})

test('controls are named as Annex A names them, and every kind has one', () => {
  for (const { controls } of Object.values(evidenceKinds)) {
    expect(controls.length).toBeGreaterThan(0)
    for (const control of controls) expect(control).toMatch(/^A\.[5-8]\.\d{1,2}$/)
  }
})
