import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { measures } from '../../core/measures.ts'
import { findPromtool } from '../setup/promtool.ts'

const here = import.meta.dirname
const rules = readFileSync(join(here, 'alerts.yml'), 'utf8')
const tests = readFileSync(join(here, 'alerts.test.yml'), 'utf8')
const alerts = [...rules.matchAll(/alert: (\w+)/g)].map(found => found[1] as string)

test('promtool sees every alert fire and stay silent', async () => {
  const { path } = await findPromtool()
  const ran = spawnSync(path, ['test', 'rules', 'alerts.test.yml'], { cwd: here, encoding: 'utf8' })
  expect(`${ran.stdout}${ran.stderr}`).toContain('SUCCESS')
  expect(ran.status).toBe(0)
  for (const alert of alerts) expect(tests.split(`alertname: ${alert}\n`)).toHaveLength(3)
})

test('promtool sees the first failure of a counter, whether its series was there before or not', async () => {
  const { path } = await findPromtool()
  const ran = spawnSync(path, ['test', 'rules', 'firstFailure.test.yml'], { cwd: here, encoding: 'utf8' })
  expect(`${ran.stdout}${ran.stderr}`).toContain('SUCCESS')
})

test('every metric that a rule names exists', () => {
  const named = [...rules.matchAll(/ringtrail_\w+/g)].map(([name]) => name.replace(/_bucket$/, ''))
  expect(named.length).toBeGreaterThanOrEqual(alerts.length)
  expect(named.filter(name => !(name in measures))).toEqual([])
})

test('every alert has its section in docs/sre.md', () => {
  const text = readFileSync(join(here, '../../docs/sre.md'), 'utf8')
  const linked = [...rules.matchAll(/runbook_url: docs\/sre\.md#(\w+)/g)].map(found => found[1])
  expect(linked).toEqual(alerts.map(alert => alert.toLowerCase()))
  expect(alerts.filter(alert => !text.includes(`\n### ${alert}\n`))).toEqual([])
})
