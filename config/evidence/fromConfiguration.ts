import type { EvidenceKind } from '../../core/evidence.ts'
import { canonical } from '../canonical.ts'
import { egressReport } from '../egressReport.ts'
import { policyVersion, tenantPolicy } from '../policy.ts'
import { processingRecord } from '../processingRecord.ts'
import type { Config } from '../types.ts'
import type { Made } from './collect.ts'
import { softwareBill } from './sbom.ts'

/** The kinds of evidence that follow from the configuration and the installation, as far as these tenants go. */
export async function madeFrom(
  whole: Config,
  installation: string,
  nowMs: number,
  tenants: readonly string[] = whole.tenants.map(({ id }) => id),
): Promise<Partial<Record<EvidenceKind, Made>>> {
  const config = { ...whole, tenants: whole.tenants.filter(({ id }) => tenants.includes(id)) }
  const madeAt = new Date(nowMs).toISOString()
  const json = (name: string, value: object): Made => ({
    name,
    text: `${JSON.stringify(value, null, 2)}\n`,
    records: 1,
  })
  const versions = config.tenants.map(tenant =>
    canonical({ tenant: tenant.id, version: policyVersion(tenantPolicy(tenant)), readAt: madeAt }),
  )
  const made: Partial<Record<EvidenceKind, Made>> = {
    sbom: await softwareBill(installation),
    'egress-report': json('egress-report.json', { madeAt, ...egressReport(config) }),
    'processing-record': json('processing-record.json', processingRecord(config, madeAt)),
  }
  if (versions.length > 0)
    made['configuration-now'] = {
      name: 'configuration-now.jsonl',
      text: versions.map(line => `${line}\n`).join(''),
      records: versions.length,
    }
  return made
}
