import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { limits } from '../../core/limits.ts'
import type { Forgotten, MatchKind, Outcome } from '../../core/outcome.ts'
import type { ProblemCode } from '../../core/problems.ts'
import { boundsOfTheRules } from './oracle/facts.ts'
import { failureText } from './report.ts'
import { run } from './run.ts'
import { shrink } from './shrink.ts'
import { type Simulated, simulate } from './simulate.ts'
import { tell } from './story.ts'

const seeds = Number(process.env.SIMULATED_SEEDS ?? 40)
let simulated: Simulated

beforeAll(() => {
  simulated = simulate({ from: 1, seeds, entries: null, shrinks: true })
}, 600_000)

test('[L3] the core concludes what the oracle does, through crashes and beside a second owner', () => {
  const { failure } = simulated
  expect(failure === null ? '' : failureText(failure)).toBe('')
  expect(simulated.seeds).toBe(seeds)
  expect(simulated.repeatedResults).toBeGreaterThan(seeds)
})

// A new kind has to be listed here, and then to be met.
const outcomeKinds = {
  repeated: true,
  configured: true,
  'session-opened': true,
  'session-joined': true,
  'session-seen': true,
  'session-gone': true,
  'session-ended': true,
  'visitor-withdrew': true,
  'number-lent': true,
  'number-kept': true,
  'fallback-shown': true,
  'page-viewed': true,
  engaged: true,
  'call-changed': true,
  'call-repeated': true,
  refused: true,
  forgotten: true,
  'subject-erased': true,
  'subject-restricted': true,
  'call-rectified': true,
  noted: true,
  'tenant-ended': true,
} satisfies Record<Outcome['kind'], true>

/** `deferred` is a gateway's answer, never the core's. */
const matchKinds = {
  exact: true,
  tail: true,
  cooldown: true,
  shared: true,
  static: true,
  returning: true,
  none: true,
} satisfies Record<Exclude<MatchKind, 'deferred'>, true>

const refusals: readonly ProblemCode[] = [
  'unknown-tenant',
  'unknown-site',
  'overloaded',
  'from-the-future',
  'before-retention',
  'call-conflict',
  'unknown-call',
  'restricted',
]

const forgets: readonly Forgotten['what'][] = ['session', 'call', 'caller', 'producer']

const corners = [
  ...['lent:shared', 'lent:sticky', 'fallback:no-pool', 'fallback:pool-empty', 'ended:consent-withdrawn'],
  ...[
    'ended:erased',
    'ended:restricted',
    'restricted:restricted',
    'restricted:objected',
    'restricted:lifted',
  ],
  ...['erased:sessions', 'erased:calls', 'call:rectified', 'call:rectified-and-corrected'],
  ...['call:earlier-call', 'call:earlier-call-and-corrected', 'call:duplicate', 'call:several-touches'],
  ...['repeated:message', 'repeated:event', 'call:corrected', 'match:several-candidates'],
  ...['ringing', 'in-progress', 'answered', 'missed', 'busy', 'failed', 'abandoned', 'short'].map(
    one => `call:${one}`,
  ),
  ...[
    'unknown-number',
    'clock-ahead',
    'beyond-lateness',
    'cooldown:no-name',
    'cooldown:lent-to-nobody-since-ns',
    'returning:known-caller',
    'returning:withheld',
    'caller-restricted',
    'erased',
  ].map(one => `reason:${one}`),
]

test('everything that the core can conclude was exercised', () => {
  const wanted = [
    ...Object.keys(outcomeKinds).map(kind => `outcome:${kind}`),
    ...Object.keys(matchKinds).map(kind => `match:${kind}`),
    ...refusals.map(code => `refused:${code}`),
    ...forgets.flatMap(what => [`forgotten:${what}-by-retention`, `forgotten:${what}-by-bound`]),
    ...corners,
  ]
  expect(wanted.filter(name => !simulated.tally.has(name))).toEqual([])
})

test('the oracle shares nothing with the core but the shapes that both speak', () => {
  const folder = join(import.meta.dirname, 'oracle')
  const texts = readdirSync(folder).map(name => readFileSync(join(folder, name), 'utf8'))
  const imports = texts.flatMap(text => text.match(/^import [^']+'[^']+'/gm) ?? [])
  const outward = imports.filter(one => one.includes("'../"))
  expect(outward.length).toBeGreaterThan(5)
  // Data, which the rules name.
  const tables = "import { weights } from '../../../core/weights.ts'"
  const isShape = (one: string) => /^import type .*'\.\.\/\.\.\/\.\.\/core\/\w+\.ts'$/s.test(one)
  expect(outward.filter(one => one !== tables && !isShape(one))).toEqual([])
})

test('the running system has the bounds that the rules name', () => {
  const {
    sessionsPerTenantMax,
    callsPerTenantMax,
    callersPerTenantMax,
    restrictedPerTenantMax,
    producersMax,
    ...named
  } = boundsOfTheRules
  expect(limits).toMatchObject(named)
  // These the rules leave open: no log of a few hundred entries may reach them.
  for (const bound of [
    sessionsPerTenantMax,
    callsPerTenantMax,
    callersPerTenantMax,
    restrictedPerTenantMax,
    producersMax,
  ])
    expect(bound).toBeGreaterThan(1_000)
})

test('the same seed tells the same story, in another process too', () => {
  const here = simulate({ from: 7, seeds: 2, entries: 200, shrinks: false })
  const command = ['bench/simulate/main.ts', '--from', '7', '--seeds', '2', '--entries', '200', '--json']
  const there = execFileSync(process.execPath, command, { cwd: join(import.meta.dirname, '../..') })
  expect(JSON.parse(String(there))).toMatchObject({ hash: here.hash, entries: here.entries, failure: null })
  expect(simulate({ from: 8, seeds: 2, entries: 200, shrinks: false }).hash).not.toBe(here.hash)
})

test('a failure names its seed and step, and is shrunk to a log that still fails', () => {
  const story = tell(3, 200)
  const wrong = { ...story, expected: story.expected.map(() => [[]]) }
  const { failure } = run(wrong)
  expect(failure).toMatchObject({ seed: 3, step: 0, what: 'the oracle says otherwise' })
  if (failure === null) return
  // The oracle is asked anew while shrinking, and it agrees with the core: nothing is left out.
  expect(shrink(wrong, failure).story.messages).toHaveLength(1)
})
