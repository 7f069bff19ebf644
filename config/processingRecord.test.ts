import { expect, test } from 'vitest'
import { personalFields } from '../core/privacy.ts'
import { processingRecord } from './processingRecord.ts'
import { formatRecord } from './processingRecordText.ts'
import { describeEgress, egressReport } from './egressReport.ts'
import { logPlacesOf, recipientsToldOf } from './recipients.ts'
import { loaded, tenantText } from './testConfig.ts'

const whole = `
nats: { url: "tls://me:hunter2@nats.acme.example" }
egress:
  locations: [eu-dk]
  peers: [{ host: nats.acme.example, purpose: the log, operator: Hosting Ltd, location: eu-dk }]
processor: { name: "Calls | Ltd", contact: us@calls.example, representative: none, dataProtectionOfficer: D. Officer }
${tenantText('retention: 30d\ncontroller: { name: Acme A/S, contact: a@acme.example, dataProtectionOfficer: none }\ncarriers: { generic: { bearer: hunter2 } }\n')}`
const at = '2026-01-02T03:04:05.000Z'
const of = (text: string) => processingRecord(loaded(text), at)

test('what the configuration says is in the record, and no secret of it', () => {
  const record = of(whole)
  expect(record.processor.name).toBe('Calls | Ltd')
  expect(record.controllers).toMatchObject([
    { tenant: 'acme', name: 'Acme A/S', retention: '30d', carriers: ['generic'] },
  ])
  expect(record.recipients[0]).toEqual({
    who: 'Hosting Ltd',
    what: 'the log, at nats.acme.example (any port)',
    where: 'eu-dk',
    subProcessor: true,
  })
  expect(record.transfers).toMatchObject({ declared: true, locations: ['eu-dk'] })
  expect(JSON.stringify(record) + formatRecord(record)).not.toContain('hunter2')
})

test('without a peer no connection is opened, whatever places are allowed, and both papers say so', () => {
  const text = 'egress: { locations: [eu-dk], peers: [] }'
  const says = 'From this machine the software opens no connection to another machine.'
  expect(of(text).transfers).toEqual({ declared: true, locations: [], says })
  expect(describeEgress(egressReport(loaded(text)))).toContain(
    'Allowed places: this machine; no other place.',
  )
})

test('a person is told the recipients and the places that the record has', () => {
  const config = loaded(whole)
  const [tenant] = config.tenants
  if (tenant === undefined) throw new Error('there is a tenant')
  expect(recipientsToldOf(config, tenant)).toEqual([
    'Hosting Ltd: the log, in eu-dk.',
    'The controller’s telephony: generic; it is answered with the match and the forward number of the calls that it reports.',
  ])
  expect(logPlacesOf(config)).toEqual(['eu-dk'])
  const alone = loaded(tenantText('consent: required\n'))
  const unused = loaded(
    `egress: { locations: [eu-dk], peers: [{ host: later.example, purpose: later, operator: L, location: eu-dk }] }`,
  )
  for (const one of [alone, unused]) {
    expect(logPlacesOf(one)).toEqual([])
    expect(recipientsToldOf(one, { ...tenant, carriers: { generic: null, twilio: null } })).toEqual([])
  }
})

test('what a program runs ourselves is no sub-processor', () => {
  expect(of(whole.replace('Hosting Ltd', 'ourselves')).recipients[0]?.subProcessor).toBe(false)
})

test('every personal field is in it once, with its purpose', () => {
  const fields = of('').data.flatMap(one => one.fields)
  expect(fields.map(({ field }) => field).sort()).toEqual(personalFields.map(({ field }) => field).sort())
})

test('nothing is blank: what nobody said is missing, with who has to say it and where', () => {
  const record = of(`nats: { url: "nats://nats" }${tenantText('consent: required\n')}`)
  const where = record.missing.map(one => one.where)
  for (const path of [
    'processor.name',
    'processor.representative',
    'controller.name of tenant acme',
    'egress.peers',
  ])
    expect(where).toContain(path)
  expect(record.missing.every(({ what, who }) => what !== '' && who !== '')).toBe(true)
  const text = formatRecord(record)
  expect(text).toContain('(missing)')
  expect(text).not.toMatch(/\| {2}\||null|undefined/)
})

test('a whole configuration leaves only what no configuration can know', () => {
  const left = of(whole).missing.map(one => one.where)
  expect(new Set(left)).toEqual(new Set(['beside this record', 'its own record (Article 30(1))']))
})

test('what somebody wrote stays in its cell', () => {
  expect(formatRecord(of(whole))).toContain('Calls \\| Ltd')
})

test('measures are said as they are', () => {
  const state = (text: string, measure: string) =>
    of(text).measures.find(one => one.measure.startsWith(measure))?.state
  expect(state(whole, 'connections only')).toBe('in force')
  expect(state('', 'connections only')).toBe('not in force')
  expect(state(whole, 'encryption between the parts')).toBe('in force')
  expect(state('nats: { url: "nats://nats" }', 'encryption between the parts')).toBe('not in force')
  expect(state('nats: { durability: lazy }', 'what was acknowledged')).toBe('not in force')
  expect(state('', 'encryption of the personal part')).toBe('in force')
})
