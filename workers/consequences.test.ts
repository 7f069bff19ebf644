import { expect, test } from 'vitest'
import { createSigner } from '../config/signing.ts'
import type { Input } from '../core/input.ts'
import type { Outcome } from '../core/outcome.ts'
import type { LogTime, SessionId, VisitorId } from '../core/words.ts'
import { loadAudit } from './auditRows.ts'
import { workOut } from './consequences.ts'
import { type Counts, createCounts } from './counts.ts'
import { emptyGroup, type Group, type Turn } from './group.ts'

const [session, visitor] = ['s' as SessionId, 'v' as VisitorId]
const source = { source: 'direct', medium: 'none', campaign: null, content: null, keyword: null }
const page: Input = {
  ...{ kind: 'page', tenant: 'a', site: 'k', visitor, freshSession: session, tab: 't', targets: null },
  session,
  page: { id: 7, source },
}
const seen: Outcome[] = [
  { kind: 'session-joined', tenant: 'a', session },
  { kind: 'page-viewed', tenant: 'a', session, tab: 't', id: 7, source },
]
const refused: Outcome = { kind: 'refused', tenant: 'a', problem: 'call-conflict', call: 'c' }
const reply = { kind: 'done' } as const
const personal = Uint8Array.of(0, 1)
const signer = createSigner(Buffer.alloc(32, 5))
const noEnds = { auditEnds: () => [][Symbol.iterator](), lastHead: () => null }
const worked = (group: Group, counts: Counts) => ({
  group,
  counts,
  number: 0,
  audit: loadAudit(noEnds, signer),
})

function turn(sequence: number, outcomes: readonly (readonly Outcome[])[]): Turn {
  const applied = outcomes.map(one => ({ event: { clear: page, personal }, outcomes: one, reply }))
  return { sequence, at: (sequence * 1_000) as LogTime, lane: 'visit', lagMs: 5, applied }
}

test('each turn leaves its results and history under its own sequence and time, once', () => {
  const [group, counts] = [emptyGroup(0), createCounts()]
  group.turns.push(turn(1, [seen, [refused]]), turn(2, [[refused], seen]))
  workOut(worked(group, counts))
  workOut(worked(group, counts))
  expect(group.results.map(({ result }) => [result.sequence, result.index, result.at])).toEqual([
    [1, 0, 1_000],
    [2, 0, 2_000],
  ])
  expect(group.history.map(row => [row.sequence, row.index, row.atMs])).toEqual([
    [1, 0, 1_000],
    [2, 1, 2_000],
  ])
  expect(group.history[0]?.event).toEqual({
    clear: page,
    personal,
    session,
  })
  const entries = counts.asJson().find(one => one.name === 'ringtrail_entries_total')?.values
  expect(entries?.find(one => one.labels.kind === 'page')?.value).toBe(4)
})

test('what a poisoned entry calls itself is no label', () => {
  const [group, counts] = [emptyGroup(0), createCounts()]
  const clear = { ...page, kind: 'mail@example.com' } as unknown as Input
  group.turns.push({ ...turn(1, []), applied: [{ event: { clear, personal }, outcomes: [], reply }] })
  workOut(worked(group, counts))
  expect(JSON.stringify(counts.asJson())).not.toContain('example')
})
