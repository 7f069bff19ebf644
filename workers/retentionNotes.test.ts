import { expect, test } from 'vitest'
import { policyOf, tell } from '../core/story.ts'
import type { Input } from '../core/input.ts'
import { noteForm } from '../core/wire/note.ts'
import { dayNote, policyBefore, recordedDays, retentionChange } from './retentionNotes.ts'

const dayMs = 86_400_000
const policy = policyOf(1)
const configured = (more: object, version = 'v2'): Input => ({
  kind: 'configured',
  tenant: 'acme',
  version,
  policy: { ...policy, ...more },
})

function changeBy(clear: Input, note?: object) {
  const story = tell(policy)
  const before = policyBefore(story.state(), clear)
  return retentionChange(before, { event: { clear, personal: null, ...note }, outcomes: story.at(1, clear) })
}

test('an entry that changes for how long data is kept says from what to what, and by whom', () => {
  const note = { actor: 'key-1', role: 'owner', subjects: [], request: null, purpose: 'ticket-7' }
  const whole = { ...note, action: 'configured', counts: {}, detail: {} }
  expect(
    changeBy(configured({ retentionMs: dayMs, fieldRetentionMs: { ipAddress: 3_600_000 } }), { note: whole }),
  ).toEqual({
    ...note,
    action: 'retention-changed',
    counts: {},
    detail: { beforeMs: 60 * dayMs, retentionMs: dayMs, fieldsBefore: '', fields: 'ipAddress 1h' },
  })
  expect(changeBy(configured({ fieldRetentionMs: { url: dayMs } }))).toMatchObject({
    actor: 'system',
    detail: { beforeMs: 60 * dayMs, retentionMs: 60 * dayMs, fields: 'url 1d' },
  })
  // What is told beside a note is of its form: a replay of old entries repeats the old chain.
  const shorter = configured({ retentionMs: dayMs })
  expect(changeBy(shorter, { note: { ...whole, form: noteForm } })?.form).toBe(noteForm)
  expect(changeBy(shorter, { note: whole })).not.toHaveProperty('form')
})

test('nothing is said where retention is what it was, where there was none, and where the entry did not count', () => {
  expect(changeBy(configured({ consent: 'required' }))).toBe(null)
  expect(changeBy(configured({ retentionMs: dayMs }, 'v1'))).toBe(null)
  expect(changeBy({ ...configured({ tenant: 'other' }), tenant: 'other' } as Input)).toBe(null)
  const broken = { kind: 'configured', tenant: 'acme', version: 'v3' } as unknown as Input
  expect(retentionChange(policy, { event: { clear: broken, personal: null }, outcomes: [] })).toBe(null)
})

test('the record of a day is known again when the log brings it, and nothing else is taken for one', () => {
  const day = {
    tenant: 'acme',
    day: 20_000,
    rows: 2,
    periodKeys: 1,
    subjectKeys: 3,
    retentionMs: dayMs,
    ran: true,
  }
  const note = { actor: 'system', role: 'system', subjects: [], purpose: null, ...dayNote(day) }
  const heard = (clear: object, ofNote: object) =>
    recordedDays([
      { event: { clear, personal: null, note: ofNote }, outcomes: [], reply: { kind: 'done' } },
    ] as never)
  expect(note).toMatchObject({
    counts: { rows: 2, periodKeys: 1, subjectKeys: 3 },
    detail: { day: '2024-10-04', ran: true },
  })
  expect(heard({ kind: 'noted', tenant: 'acme' }, note)).toEqual([{ tenant: 'acme', day: 20_000 }])
  expect(heard({ kind: 'pulse' }, note)).toEqual([])
  expect(heard({ kind: 'noted', tenant: 'acme' }, { action: 'retention-applied' })).toEqual([])
})
