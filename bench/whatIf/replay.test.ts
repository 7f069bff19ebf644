import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { PoolPolicy, TenantPolicy } from '../../core/policy.ts'
import type { Recorded } from '../../workers/whatIf/record.ts'
import { replay } from '../../workers/whatIf/replay.ts'
import { replayCsv, replayLines, replayText } from '../../workers/whatIf/replayReport.ts'
import { temporaryFolder } from '../system.ts'
import { makeRecord, site, tenant } from './folder.ts'
import { recordIn, silent } from './reading.ts'
import type { Tell } from './recordLife.ts'
import { minutes, nine, person } from './scene.ts'
import { runTraffic } from './traffic.ts'

const folder = temporaryFolder()
afterAll(() => folder.remove())

const hourMs = 3_600_000
let made = 0

async function recorded(pool: object, live: (tell: Tell) => void): Promise<Recorded> {
  made += 1
  const { dataDir } = await makeRecord(join(folder.path, String(made)), pool, { fromMs: nine, live })
  return recordIn(dataDir)
}

const busy = (tell: Tell) =>
  runTraffic({
    ...{ seed: 3, tenant, site, tell, fromMs: nine, toMs: nine + 40 * hourMs },
    ...{ visitsPerHour: 40, callShare: 0.3, withdrawShare: 0.05 },
  })

/** Beats between the first and the last sign of a stretch are put back at other moments: a few confidences are others for it. */
const othersAtMost = 0.05
const offAtMost = 400

test.each([
  ['a pool that is never empty', { numbers: ['+4570000001..+4570000200'] }],
  ['one that is often empty', { numbers: ['+4570000001..+4570000020'], overflow: 'fallback' }],
  ['one whose numbers are shared', { numbers: ['+4570000001..+4570000020'] }],
  ['short times', { numbers: ['+4570000001..+4570000030'], idleTimeout: '90s', tail: '60s', coolDown: '0s' }],
])(
  'under the policy in force every call has the kind, visit and source that were recorded: %s',
  async (_, pool) => {
    const record = await recorded(pool, busy)
    expect(record.calls.size).toBeGreaterThan(200)
    const same = await replay(record, { policy: record.policy, version: record.policyVersion }, silent)
    expect(same).toMatchObject({ calls: record.calls.size, untold: 0, refused: 0, differing: [] })
    expect([...same.notAsRecorded]).toEqual([])
    expect(same.otherConfidence.calls).toBeLessThanOrEqual(othersAtMost * same.calls)
    expect(same.otherConfidence.mostOff).toBeLessThanOrEqual(offAtMost)
    expect(replayText(record, same)).toContain(
      'gives each of them the kind, visit and source that were recorded',
    )
  },
)

test('where many hold one number at once it is now and then another one of them', async () => {
  const record = await recorded({ numbers: ['+4570000001..+4570000003'] }, busy)
  const same = await replay(record, { policy: record.policy, version: record.policyVersion }, silent)
  expect(same).toMatchObject({ calls: record.calls.size, untold: 0, refused: 0, differing: [] })
  const others = [...same.notAsRecorded]
  // Who called before is taken for whoever that call went to.
  expect(['shared shared', 'returning returning']).toEqual(expect.arrayContaining(others.map(([key]) => key)))
  expect(others.reduce((sum, [, count]) => sum + count, 0)).toBeLessThanOrEqual(othersAtMost * same.calls)
})

const withPool = ({ policy }: Recorded, change: Partial<PoolPolicy>): TenantPolicy => ({
  ...policy,
  pools: policy.pools.map(pool => ({ ...pool, ...change })),
})
const under = (record: Recorded, change: Partial<PoolPolicy>) =>
  replay(record, { policy: withPool(record, change), version: 'another' }, silent)
const kindsOf = ({ differing }: Awaited<ReturnType<typeof replay>>) =>
  differing.map(({ call, before, after, visit }) => [call, before.kind, after.kind, visit])

/** 5 minutes idle timeout, 20 tail, 10 cool-down. */
const three = (tell: Tell) => {
  const [anna, ben, carl] = ['anna', 'ben', 'carl'].map(name => person(tell, name))
  anna?.comes(minutes(0))
  ben?.comes(minutes(0.1))
  carl?.comes(minutes(0.2))
  ben?.rings(minutes(1), 'in-the-visit')
  anna?.rings(minutes(12), 'after-it')
  carl?.rings(minutes(29), 'much-later')
}

test('with a shorter tail who rings after the visit is in cool-down sooner; nobody was lent the number since', async () => {
  const record = await recorded({ numbers: ['+4570000001..+4570000009'] }, three)
  for (const change of [{ tailMs: 4 * 60_000 }, { tailMs: 60_000, coolDownMs: 0 }])
    expect(kindsOf(await under(record, change))).toEqual([['after-it', 'tail', 'cooldown', 'same']])
  expect(kindsOf(await under(record, { tailMs: 40 * 60_000 }))).toEqual([
    ['much-later', 'cooldown', 'tail', 'same'],
  ])
})

test('who would have been shown another number dials that one', async () => {
  const shown: (string | null | undefined)[] = []
  const record = await recorded({ numbers: ['+4570000001..+4570000003'] }, tell => {
    const [anna, ben, carl] = ['anna', 'ben', 'carl'].map(name => person(tell, name))
    anna?.comes(minutes(0))
    shown.push(ben?.comes(minutes(40)))
    shown.push(carl?.comes(minutes(43)))
    ben?.rings(minutes(44), 'ben')
    carl?.rings(minutes(45), 'carl')
  })
  expect(shown).toEqual(['+4570000002', '+4570000003'])
  // With two numbers Carl would have had Anna's, whose time is over: the call is his all the same, a little less surely.
  const numbers = record.policy.pools[0]?.numbers.slice(0, 2) ?? []
  const fewer = await under(record, { numbers })
  expect([fewer.calls, kindsOf(fewer)]).toEqual([2, [['carl', 'exact', 'exact', 'same']]])
  const [{ before, after }] = fewer.differing as [(typeof fewer.differing)[number]]
  expect(after.confidence).toBeLessThan(before.confidence)
})

test('a pool that is empty costs the call, and one that is shared the certainty', async () => {
  const record = await recorded({ numbers: ['+4570000001..+4570000009'] }, three)
  const numbers = record.policy.pools[0]?.numbers.slice(0, 1) ?? []
  const alone = await under(record, { numbers, overflow: 'fallback' })
  expect(kindsOf(alone)).toEqual([
    ['in-the-visit', 'exact', 'none', 'lost'],
    ['much-later', 'cooldown', 'none', 'lost'],
  ])
  expect(alone.sources).toEqual([
    { before: 'google / cpc / ben', after: '(unknown)', calls: 1 },
    { before: 'google / cpc / carl', after: '(unknown)', calls: 1 },
  ])
  const shared = kindsOf(await under(record, { numbers, overflow: 'share' }))
  expect(shared[0]?.slice(0, 3)).toEqual(['in-the-visit', 'exact', 'shared'])
})

test('files have one line for each call that differs, and nothing of who rang or what was dialled', async () => {
  const record = await recorded({ numbers: ['+4570000001..+4570000009'] }, three)
  const numbers = record.policy.pools[0]?.numbers.slice(0, 1) ?? []
  const result = await under(record, { numbers, overflow: 'fallback' })
  const [lines, csv, text] = [replayLines(result), replayCsv(result), replayText(record, result)]
  expect(
    lines
      .trim()
      .split('\n')
      .map(line => (JSON.parse(line) as { call: string }).call),
  ).toEqual(['in-the-visit', 'much-later'])
  expect(csv.trim().split('\r\n')).toHaveLength(3)
  for (const said of [lines, csv, text]) expect(said).not.toMatch(/\+45|Aben|Acarl/)
  expect(text).toContain('2 of 3 calls come out differently (66.7 %).')
})

test('what was answered before the policy was changed last is counted apart, and stands beside what is compared', async () => {
  const lived = await recorded({ numbers: ['+4570000001..+4570000009'] }, three)
  const shorter = withPool(lived, { tailMs: 4 * 60_000 })
  const record = { ...lived, policy: shorter, policyVersion: 'shorter', policyChanges: [minutes(20)] }
  const result = await replay(record, { policy: lived.policy, version: 'longer' }, silent)
  expect(result).toMatchObject({ calls: 3, earlier: { calls: 2, others: 1 } })
  expect([...result.notAsRecorded]).toEqual([])
  const text = replayText(record, result)
  expect(text).toContain('the replay gives each of the calls since then (1) the kind, visit and source')
  expect(text).toContain('otherwise than the one in force would in 1 of 2 calls.')
  const [line = '{}'] = replayLines(result).split('\n')
  expect(JSON.parse(line)).toMatchObject({
    ...{ call: 'after-it', asRecorded: false },
    ...{ before: { kind: 'cooldown' }, after: { kind: 'tail' }, recorded: { kind: 'tail' } },
  })
  const [head = '', row = ''] = replayCsv(result).split('\r\n')
  const cell = (name: string) => row.split(',')[head.split(',').indexOf(`"${name}"`)]
  expect([cell('beforeKind'), cell('recordedKind')]).toEqual(['"cooldown"', '"tail"'])
  // Since it was changed nothing but what is not on record may be another answer.
  const since = { ...record, policyChanges: [] }
  const all = await replay(since, { policy: lived.policy, version: 'longer' }, silent)
  expect([...all.notAsRecorded]).toEqual([['tail cooldown', 1]])
})
