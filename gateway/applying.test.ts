import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Config } from '../config/config.ts'
import { createLogger } from '../config/logger.ts'
import { loaded } from '../config/testConfig.ts'
import { limits } from '../core/limits.ts'
import type { LogEvent } from '../core/wire/log.ts'
import { createApplying } from './applying.ts'
import { NoAnswer } from './owners.ts'
import { createTenants } from './tenants.ts'

/** Owners and the log are played here: what is tested is what becomes of each tenant, and how many may ask. */
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }))
afterEach(() => void vi.useRealTimers())

const folder = mkdtempSync(join(tmpdir(), 'ringtrail-applying-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const file = join(folder, 'ringtrail.yaml')
writeFileSync(file, '')

/** Tenants whose data is kept for so many days. */
function configOf(days: number, ...ids: string[]): Config {
  const tenants = ids.map(id => `  - id: ${id}\n    retention: ${days}d`)
  return loaded(`partitions: 64\ntenants:\n${tenants.join('\n')}`, { file })
}

const longMs = 60_000
const by = { actor: 'local', role: 'system' } as const

type Played = 'answers' | 'ended' | 'stopped' | 'silent' | 'too long'

/** Partitions that have the tenants of an older file in force, each answering in its way. */
function world(older: Config, newer: Config, played: (tenant: string) => Played = () => 'answers') {
  const tenants = createTenants(older)
  const inForce = tenants.all.filter(({ id }) => played(id) !== 'ended')
  const policies = Object.fromEntries(inForce.map(({ id, version }) => [id, version]))
  const asked = createTenants(newer).all
  const playedOf = (partition: number) => played(asked.find(one => one.partition === partition)?.id ?? '')
  let unanswered = 0
  let endedSilentFor = 1
  const status = async (partition: number) => {
    if (playedOf(partition) === 'silent') {
      unanswered += 1
      // Everybody else has been asked twice by then.
      if (unanswered % 3 === 0) vi.setSystemTime(Date.now() + longMs)
      throw new Error('no owner answers')
    }
    return {
      stopped: playedOf(partition) === 'stopped' ? 'log_gap' : null,
      current: true,
      policies,
      applied: 1,
    }
  }
  const submit = (_: string, __: number, { clear }: LogEvent, waiting: { replied: () => void }) => {
    if (clear.kind === 'configured') policies[clear.tenant] = clear.version
    waiting.replied()
  }
  const ask = async (_: number, { only }: { only: string }) => {
    if (played(only) === 'ended' && endedSilentFor-- > 0) throw new NoAnswer('no owner answers')
    return { kind: 'ended-tenants', current: true, tenants: played(only) === 'ended' ? [only] : [] }
  }
  const fits = ({ clear }: LogEvent) => 'tenant' in clear && played(clear.tenant) !== 'too long'
  const said: object[] = []
  const logger = createLogger('info', { write: line => void said.push(JSON.parse(line) as object) })
  const desk = { tenants, owners: { status, ask } as never, intake: { submit, fits } as never }
  const applying = createApplying({ config: older, reread: () => newer, logger, ...desk })
  return { tenants, said, apply: (...again: string[]) => applying(file, { by, again }) }
}

const daysOf = (tenants: ReturnType<typeof createTenants>, id: string) =>
  (tenants.tenant(id)?.policy.retentionMs ?? 0) / 86_400_000

test('a gateway takes up of the file what is in force at the partitions, and says which tenants are not', async () => {
  const ids = ['acme', 'bolt', 'corn', 'dots']
  const ways: Record<string, Played> = { bolt: 'stopped', corn: 'silent', dots: 'too long' }
  const { tenants, said, apply } = world(
    configOf(60, ...ids),
    configOf(7, ...ids, 'eave'),
    id => ways[id] ?? 'answers',
  )
  const known = { isKnown: true }
  expect(await apply()).toEqual([
    { tenant: 'acme', became: 'changed', ...known },
    { tenant: 'bolt', became: 'stopped', ...known },
    { tenant: 'corn', became: 'no answer', ...known },
    { tenant: 'dots', became: 'too long', ...known },
    { tenant: 'eave', became: 'new', isKnown: false },
  ])
  expect(ids.map(id => daysOf(tenants, id))).toEqual([7, 60, 60, 60])
  expect(said).toMatchObject([
    { msg: 'configuration_not_applied', tenant: 'bolt', became: 'stopped' },
    { msg: 'configuration_not_applied', tenant: 'corn', became: 'no answer' },
    { msg: 'configuration_not_applied', tenant: 'dots', became: 'too long' },
  ])
})

test('a tenant whose contract ended is left out, until somebody says that it is to come back', async () => {
  const { tenants, said, apply } = world(configOf(60, 'acme', 'bolt'), configOf(7, 'acme', 'bolt'), id =>
    id === 'bolt' ? 'ended' : 'answers',
  )
  expect(await apply()).toMatchObject([{ became: 'changed' }, { tenant: 'bolt', became: 'ended' }])
  expect(said).toMatchObject([{ msg: 'configuration_not_applied', tenant: 'bolt', became: 'ended' }])
  expect(daysOf(tenants, 'bolt')).toBe(60)
  expect(await apply('acme')).toMatchObject([{ became: 'in force' }, { became: 'ended' }])
  expect(await apply('bolt')).toMatchObject([{ became: 'in force' }, { became: 'new' }])
  expect(daysOf(tenants, 'bolt')).toBe(7)
})

test('a few may wait while one file is put in force; whoever comes after them is told to come again', async () => {
  const { apply } = world(configOf(60, 'acme'), configOf(7, 'acme'), () => 'silent')
  const all = Array.from({ length: limits.appliesUnderWayMax + 1 }, () => apply())
  expect(await all.at(-1)).toBe('too-many-applies')
  expect(await all[0]).toMatchObject([{ became: 'no answer' }])
  const again = apply()
  for (const one of [...all.slice(0, -1), again]) expect(await one).toMatchObject([{ became: 'no answer' }])
})

test('a fault of ours is nobody’s answer, and holds nobody up', async () => {
  const { tenants, ...one } = world(configOf(60, 'acme'), configOf(7, 'acme'))
  vi.spyOn(tenants, 'adopt').mockImplementationOnce(() => {
    throw new TypeError('a fault')
  })
  await expect(one.apply()).rejects.toThrow('a fault')
  expect(await one.apply()).toMatchObject([{ tenant: 'acme', became: 'in force' }])
})
