import { expect, test } from 'vitest'
import { describeEgress, egressReport } from './egressReport.ts'
import { loaded } from './testConfig.ts'

test('it says what is allowed, by whom it is run, where it lies, and what is used', () => {
  const report = egressReport(
    loaded(`
nats: { url: "nats://me:hunter2@nats.acme.example:4222,nats://127.0.0.1" }
egress:
  locations: [eu-dk]
  peers:
    - { host: nats.acme.example, purpose: the log, operator: Hosting Ltd, location: eu-dk }
    - { host: "2001:db8::1", port: 443, purpose: later, operator: ourselves, location: eu-dk }
`),
  )
  expect(report).toMatchObject({ declared: true, logIsHere: false, missing: [] })
  expect(report.peers.map(({ used }) => used)).toEqual([true, false])
  const text = describeEgress(report)
  expect(text).toContain('nats.acme.example (any port): the log; run by Hosting Ltd; in eu-dk; used')
  expect(text).toContain('[2001:db8::1]:443: later; run by ourselves; in eu-dk; allowed, not used')
  expect(text).not.toMatch(/hunter2|me:/)
})

test('what nobody declared is missing, not blank', () => {
  const report = egressReport(loaded('nats: { url: "nats://nats" }'))
  expect(report.missing).toEqual([
    'nats:4222: who runs it and where it lies; whoever runs Ringtrail adds it to egress.peers',
  ])
  expect(describeEgress(report)).toContain('nats:4222: the log; run by (missing); in (missing); used')
})

test('the demo connects to nothing', () => {
  const text = describeEgress(egressReport(loaded('')))
  expect(text).toContain('The log lies on this machine.')
  expect(text).toContain('No connection to another machine is allowed.')
  expect(text).toContain('the first start fetches')
  expect(describeEgress(egressReport(loaded('egress: {}')))).not.toContain('fetches')
})
