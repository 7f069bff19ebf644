import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { nextRecord } from '../../config/auditChain.ts'
import { breachPack } from '../../config/breach/pack.ts'
import { packText } from '../../config/breach/packText.ts'
import type { AuditAction, AuditRecord } from '../../core/audit.ts'
import type { Breach, BreachScope } from '../../core/breach.ts'
import { countBreach } from '../../workers/breachCount.ts'
import { openStore, type Store } from '../../workers/store.ts'

// What a pack says of the doings of actors and of measures, from a chain that lies in a store.

const [actor, role] = ['thiefskey', 'privacy-officer']
const began = Date.UTC(2026, 8, 1)
const folder = mkdtempSync(join(tmpdir(), 'ringtrail-acted-'))
let store: Store

type Done = { readonly action: AuditAction; readonly who?: string } & Partial<
  Pick<AuditRecord, 'subjects' | 'counts'>
>

const handed = (action: AuditAction, records: number, ...subjects: string[]): Done => ({
  ...{ action, subjects, counts: { records, subjects: subjects.length } },
})

/** One each second. */
const counted: readonly Done[] = [
  { action: 'configured', who: 'system' },
  handed('subject-accessed', 20, 'ref-1'),
  handed('subject-accessed', 30, 'ref-2', 'ref-3'),
  handed('subject-exported', 20, 'ref-1'),
  { action: 'subject-found', subjects: ['ref-4'] },
  { action: 'breach-pack-made', counts: { visitors: 5, callers: 1, rows: 9 } },
  { action: 'keys-destroyed', who: 'system', counts: { keys: 12, rows: 4 } },
  { action: 'keys-destroyed', who: 'system', counts: { keys: 3, rows: 1 } },
  handed('subject-exported', 1_000, 'ref-9'),
]
/** What an older version wrote did not count. */
const older: readonly Done[] = [
  { action: 'configured', who: 'system' },
  { action: 'configured', who: 'system' },
  handed('subject-accessed', 7, 'ref-1'),
  { action: 'subject-exported', subjects: ['ref-2'] },
]

function chainOf(tenant: string, done: readonly Done[]): AuditRecord[] {
  const records: AuditRecord[] = []
  for (const [place, { who = actor, ...one }] of done.entries()) {
    const note = { form: 2, actor: who, role, request: null, purpose: null, detail: {} } as const
    const facts = { tenant, atMs: began + place * 1_000, partition: 0, sequence: place }
    const whole = { ...note, subjects: [], counts: {}, ...one }
    records.push(nextRecord(records.at(-1) ?? null, { ...facts, note: whole }))
  }
  return records
}

beforeAll(async () => {
  store = openStore(folder, 0)
  const nothing = { rows: [], access: [], history: [], erasures: [], breaches: [], rectifications: [] }
  const position = { sequence: 1, rules: 1, log: 'seeded', mark: null }
  const audit = [...chainOf('acme', counted), ...chainOf('other', older)]
  await store.commit({ ...nothing, audit, position, expected: 0 })
})
afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

/** The last record of the first chain is after the time of the scope. */
const [fromMs, toMs] = [began, began + 8_000]

async function packOf(tenant: string) {
  const question = { tenant, fromMs, toMs, actors: [actor], sinceMs: 0 }
  const counts = await countBreach(store, question)
  const scope: BreachScope = { fromMs, toMs, tenants: null, partitions: null, actors: [actor] }
  const breach: Breach = {
    ...{ id: 'b-1', tenant: '', nature: 'disclosure', reference: null, openedAt: toMs, awareAt: toMs },
    ...{ dueAt: toMs + 1, scope, phases: [], packs: 0 },
  }
  const config = { tenants: [], processor: null }
  const facts = { config, breach, tenant, phase: 1, counts, processorMeasures: {}, nowMs: toMs } as const
  const pack = breachPack(facts)
  return { pack, text: packText(pack) }
}

test('only what was handed to the actors counts as handed to them, as often as it was', async () => {
  const { pack, text } = await packOf('acme')
  expect(pack.acted).toEqual({
    actions: { 'subject-accessed': 2, 'subject-exported': 1, 'subject-found': 1, 'breach-pack-made': 1 },
    ...{ records: 70, subjects: { count: 3, plusMinus: 0 }, uncounted: 0 },
  })
  expect(text).toContain('; handed to them: 70 records of 3 subjects.')
})

test('measures are records of what was done, and the first configuration is none', async () => {
  const { pack, text } = await packOf('acme')
  expect(pack.measures).toMatchObject([{ action: 'keys-destroyed', count: 2 }])
  expect(text).toContain(
    '- Keys were destroyed: what they sealed can no longer be read. (keys-destroyed, recorded 2 times)',
  )
  const configuredAgain = await packOf('other')
  expect(configuredAgain.text).toContain('(configured, recorded once)')
})

test('where an older version did not count, a pack says “at least”, and of how many', async () => {
  const { pack, text } = await packOf('other')
  expect(pack.acted).toMatchObject({ records: 7, subjects: { count: 2 }, uncounted: 1 })
  expect(text).toContain('; handed to them: at least 7 records of at least 2 subjects.')
  expect(text).toContain('How much it was is not recorded of 1 of these actions.')
})
