import { expect, test } from 'vitest'
import { type AuditRecord, type Note, noteForm } from '../core/audit.ts'
import { nextRecord } from './auditChain.ts'
import { examineChain } from './auditVerify.ts'
import { restorationsIn } from './restorations.ts'
import { headLine, signHead } from './signedHead.ts'
import { chainOf, followed, linesOfRecords, otherSigner, publicKeys, rehashed, signer } from './testChain.ts'

// A chain of 20 records; a copy of when it had 12 was put back, and it went on from there.

const foundAt = 1_790_000_100_000
const before = chainOf(20)
const copied = 12
const head = (record: AuditRecord, atMs: number, by = signer) => headLine(signHead(by, record, atMs))
const headsBefore = [5, 11, 15, 19].map(index => head(at(before, index), foundAt - 1_000 + index))

function at(records: readonly AuditRecord[], index: number): AuditRecord {
  return records[index] as AuditRecord
}

function restored(kept: readonly AuditRecord[], detail: Partial<AuditRecord['detail']> = {}): AuditRecord[] {
  const says = { foundAt, until: foundAt - 9_000, from: kept.length, before: 19, highest: 19 }
  const note: Note = {
    ...{ form: noteForm, action: 'restored', actor: 'system', role: 'system', subjects: [] },
    ...{ request: null, purpose: null, counts: {} },
    detail: { ...says, beforeHash: at(before, 19).hash, ...detail },
  }
  const facts = { tenant: 'acme', atMs: foundAt + 10, partition: 3, sequence: 0, note }
  return followed([...kept, nextRecord(kept.at(-1) ?? null, facts)], 5, 'acme', 7_000)
}

const chain = restored(before.slice(0, copied))
const since = [13, 17].map(index => head(at(chain, index), foundAt + 100 + index))

async function verdictOf(
  records: readonly AuditRecord[],
  heads: readonly string[],
  anchors: readonly string[],
) {
  const lines = linesOfRecords(records)
  const restorations = await restorationsIn(lines)
  return examineChain({ records: lines, heads, anchors, publicKeys, restorations })
}

test('heads of what was lost are passed over, and counted, where a head of since speaks for the record that says so', async () => {
  const verdict = await verdictOf(chain, since, headsBefore)
  expect(verdict.trouble).toBeNull()
  expect(verdict.restored).toMatchObject([{ index: 12, from: 12, before: 19, headsLost: 2 }])
  expect(verdict.anchor?.index).toBe(11)
  // In one file, as it grows.
  expect((await verdictOf(chain, since, [...headsBefore, ...since])).trouble).toBeNull()
})

test('without it they are not: the record may be anybody’s', async () => {
  const { trouble } = await verdictOf(chain, headsBefore.slice(0, 2), headsBefore)
  expect(trouble).toMatchObject({ index: 12, says: expect.stringContaining('no head that was given speaks') })
  const forged = since.map((_, place) => head(at(chain, 13 + place), foundAt + 100, otherSigner))
  expect((await verdictOf(chain, forged, headsBefore)).trouble?.says).toContain('not one of those given')
})

test('a head that is not genuine is told, whatever it speaks for', async () => {
  const forged = head(at(before, 15), foundAt - 900, otherSigner)
  expect((await verdictOf(chain, since, [forged])).trouble?.index).toBe(15)
})

test('what was kept has to fit as ever, and so has all that was signed since', async () => {
  const rewritten = rehashed(
    [...chain.slice(0, 4), { ...at(chain, 4), actor: 'another' }, ...chain.slice(5)],
    4,
  )
  expect((await verdictOf(rewritten, since, headsBefore)).trouble?.index).toBe(5)
  const other = restored(before.slice(0, copied), { until: 0 })
  expect((await verdictOf(other, since, headsBefore)).trouble?.index).toBe(13)
  // Signed after it was found, for a record that is not in the chain.
  const late = head(at(before, 15), foundAt)
  expect((await verdictOf(chain, since, [late])).trouble?.index).toBe(15)
})

test('it excuses no more than there was: no later record, and no other last one', async () => {
  const longer = followed(before, 3)
  const beyond = head(at(longer, 21), foundAt - 500)
  expect((await verdictOf(chain, since, [beyond])).trouble?.index).toBe(18)
  const last = head({ ...at(before, 19), hash: at(longer, 20).hash }, foundAt - 500)
  expect((await verdictOf(chain, since, [last])).trouble?.index).toBe(18)
})

test('what came into the chain before the record that says it is in it', async () => {
  const faster = followed(before.slice(0, copied), 2, 'acme', 9_000)
  const said = restored(faster, { from: copied })
  const soon = head(at(said, 13), foundAt - 1)
  const verdict = await verdictOf(said, [head(at(said, 18), foundAt + 200)], [...headsBefore, soon])
  expect(verdict).toMatchObject({ trouble: null, anchor: { index: 13 }, restored: [{ headsLost: 2 }] })
})
