import { personalFields } from '../core/privacy.ts'
import type { Config, TenantConfig } from './types.ts'
import { formatDuration } from './durations.ts'
import { egressReport } from './egressReport.ts'
import { carrierNames, type Recipient, recipientsOf } from './recipients.ts'
import { securityMeasures, type SecurityMeasure } from './securityMeasures.ts'

/**
 * The record of processing of Article 30 GDPR and the list of recipients, from the configuration and from the list of
 * personal fields. Nothing is blank: what neither says is null here and stands under `missing`, with who has to say it.
 */

export type ProcessingRecord = {
  readonly kind: 'ringtrail-processing-record'
  /** 1: the form of this record. */
  readonly version: 1
  /** When it was made; the caller's clock. */
  readonly madeAt: string
  readonly madeFrom: string
  readonly processor: Named & { readonly representative: string | null }
  readonly controllers: readonly Controller[]
  readonly subjects: readonly Category[]
  readonly data: readonly DataCategory[]
  readonly recipients: readonly Recipient[]
  readonly transfers: Transfers
  readonly measures: readonly SecurityMeasure[]
  readonly missing: readonly Missing[]
}
type Named = {
  readonly name: string | null
  readonly contact: string | null
  readonly dataProtectionOfficer: string | null
}
type Controller = Named & {
  readonly tenant: string
  readonly retention: string
  readonly consent: string
  readonly origins: readonly string[]
  readonly carriers: readonly string[]
  readonly processing: string
}
type Category = { readonly category: string; readonly who: string }
type DataCategory = {
  readonly category: string
  readonly fields: readonly { readonly field: string; readonly purpose: string; readonly where: string }[]
}
type Transfers = { readonly declared: boolean; readonly locations: readonly string[]; readonly says: string }
export type Missing = { readonly what: string; readonly who: string; readonly where: string }

const subjects: readonly Category[] = [
  { category: 'visitors', who: 'people who visit the controllers’ websites' },
  { category: 'callers', who: 'people who call the controllers’ numbers' },
  { category: 'people called', who: 'people at the numbers to which the controllers have calls forwarded' },
]

/** Makes the record. */
export function processingRecord(config: Config, madeAt: string): ProcessingRecord {
  const {
    name = null,
    contact = null,
    representative = null,
    dataProtectionOfficer = null,
  } = config.processor ?? {}
  const processor = { name, contact, representative, dataProtectionOfficer }
  const controllers = config.tenants.map(controllerOf)
  return {
    kind: 'ringtrail-processing-record',
    version: 1,
    madeAt,
    madeFrom: config.file,
    processor,
    controllers,
    subjects,
    data: dataCategories(),
    recipients: recipientsOf(config),
    transfers: transfersOf(config),
    measures: securityMeasures(config),
    missing: missingOf(config, processor, controllers),
  }
}

function controllerOf(tenant: TenantConfig): Controller {
  const { name = null, contact = null, dataProtectionOfficer = null } = tenant.controller ?? {}
  return {
    tenant: tenant.id,
    name,
    contact,
    dataProtectionOfficer,
    retention: retentionOf(tenant),
    consent: tenant.consent,
    origins: tenant.sites.flatMap(site => site.origins),
    carriers: carrierNames(tenant),
    processing: 'telling which website visit made a phone ring, on the controller’s behalf',
  }
}

function retentionOf({ retentionMs, fieldRetentionMs }: TenantConfig): string {
  const earlier = Object.entries(fieldRetentionMs).map(([field, ms]) => `${field} ${formatDuration(ms)}`)
  return [formatDuration(retentionMs), ...earlier].join('; ')
}

function dataCategories(): readonly DataCategory[] {
  const categories = new Set(personalFields.map(({ field }) => field.split('.')[0] ?? field))
  return [...categories].map(category => ({
    category,
    fields: personalFields
      .filter(({ field }) => field.startsWith(`${category}.`))
      .map(({ field, purpose, where }) => ({ field, purpose, where })),
  }))
}

function transfersOf(config: Config): Transfers {
  const { declared, locations, logIsHere } = egressReport(config)
  const opens =
    locations.length === 0
      ? 'no connection to another machine'
      : `connections to ${locations.join(', ')} and to no other place`
  if (declared) return { declared, locations, says: `From this machine the software opens ${opens}.` }
  const says = logIsHere
    ? 'The software opens no connection to another machine for this data.'
    : 'The software opens connections to the log’s servers; where these lie is not declared.'
  return { declared, locations, says }
}

function missingOf(
  config: Config,
  processor: ProcessingRecord['processor'],
  controllers: readonly Controller[],
): readonly Missing[] {
  const ours = (Object.keys(processor) as (keyof typeof processor)[])
    .filter(key => processor[key] === null)
    .map(key => ({
      what: `the processor’s ${words[key]}`,
      who: 'whoever runs Ringtrail',
      where: `processor.${key}`,
    }))
  const theirs = controllers.flatMap(one =>
    (['name', 'contact', 'dataProtectionOfficer'] as const)
      .filter(key => one[key] === null)
      .map(key => ({
        what: `${words[key]} of the controller ${one.tenant}`,
        who: `the controller ${one.tenant}`,
        where: `controller.${key} of tenant ${one.tenant}`,
      })),
  )
  const peers = egressReport(config).missing.map(what => ({
    what,
    who: 'whoever runs Ringtrail',
    where: 'egress.peers',
  }))
  return [...ours, ...theirs, ...peers, ...neverHere]
}

const words = {
  name: 'name and address',
  contact: 'contact',
  representative: 'representative in the Union (or “none”)',
  dataProtectionOfficer: 'data protection officer (or “none”)',
} as const

/** What no configuration can know. */
const neverHere: readonly Missing[] = [
  {
    what: 'where this machine stands and who runs it',
    who: 'whoever runs Ringtrail',
    where: 'beside this record',
  },
  {
    what: 'where backups of the data directory lie',
    who: 'whoever runs Ringtrail',
    where: 'beside this record',
  },
  {
    what: 'the safeguards of a transfer to a third country, where one of the locations is one',
    who: 'whoever runs Ringtrail',
    where: 'beside this record',
  },
  {
    what: 'the legal basis, and whether forms ask for special categories of data',
    who: 'each controller',
    where: 'its own record (Article 30(1))',
  },
  {
    what: 'to whom a controller passes results on',
    who: 'each controller',
    where: 'its own record (Article 30(1))',
  },
]
