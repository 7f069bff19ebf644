import type { AuditAction } from './audit.ts'

/**
 * What an auditor (ISAE 3000, ISO 27001) is handed as dated records, as a closed list. A kind that holds nothing says
 * so and why; none is ever left out.
 */
export type EvidenceFacts = {
  readonly title: string
  /** The controls of ISO/IEC 27001:2022 Annex A that it is about. */
  readonly controls: readonly string[]
  /**
   * `audit`: records of these actions in the audit chains. `chain`: the chains themselves. `made`: put together at the
   * time of collecting, from the configuration or the installation.
   */
  readonly from:
    | { readonly kind: 'audit'; readonly actions: readonly AuditAction[] }
    | { readonly kind: 'chain' }
    | { readonly kind: 'made' }
  /** Why there may be nothing, to follow “because …”. */
  readonly absentBecause: string
}

const ofActions = (...actions: AuditAction[]) => ({ kind: 'audit', actions }) as const

const listed = <Name extends string>(kinds: Readonly<Record<Name, EvidenceFacts>>) => kinds

export const evidenceKinds = listed({
  'access-reviews': {
    title: 'Reviews of who has access, and changes of access keys',
    controls: ['A.5.15', 'A.5.18', 'A.8.3', 'A.8.5'],
    from: ofActions('access-listed', 'access-key-made', 'access-key-rotated', 'access-key-revoked'),
    absentBecause: 'nobody listed or changed access keys',
  },
  'retention-runs': {
    title: 'Data that reached the end of its retention, and changes of retention',
    controls: ['A.5.33', 'A.8.10'],
    from: ofActions('retention-applied', 'retention-changed'),
    absentBecause: 'no data reached the end of its retention',
  },
  'erasure-receipts': {
    title: 'Erasures, ends of contracts, and what was certified of them',
    controls: ['A.5.34', 'A.8.10'],
    from: ofActions(
      'subject-erased',
      'bytes-gone',
      'receipt-made',
      'tenant-ended',
      'tenant-returned',
      'return-removed',
    ),
    absentBecause: 'nobody asked for an erasure and no contract ended',
  },
  'rights-ledger': {
    title: 'Requests of data subjects and what was done about them',
    controls: ['A.5.34'],
    from: ofActions(
      ...(['subject-found', 'subject-accessed', 'subject-exported', 'subject-rectified'] as const),
      ...(['subject-restricted', 'subject-objected', 'subject-lifted', 'consent-withdrawn'] as const),
    ),
    absentBecause: 'no subject asked for anything',
  },
  'restore-tests': {
    title: 'Tests of restoring, with what came of them',
    controls: ['A.8.13'],
    from: ofActions('restore-tested'),
    absentBecause:
      'no restore was tried, or nobody recorded it: ringtrail evidence record --kind restore-test',
  },
  'drill-results': {
    title: 'Drills (kill, breach, failover), with what came of them',
    controls: ['A.8.14', 'A.5.29', 'A.5.30'],
    from: ofActions('drill-run'),
    absentBecause: 'no drill was run, or nobody recorded it: ringtrail evidence record --kind drill',
  },
  'key-destructions': {
    title: 'Destructions of sealing keys',
    controls: ['A.8.24', 'A.8.10'],
    from: ofActions('keys-destroyed'),
    absentBecause: 'no key was destroyed',
  },
  'key-inventory': {
    title: 'Sealing keys that are held: ids, ages and counts, never the keys',
    controls: ['A.8.24'],
    from: { kind: 'made' },
    absentBecause: 'the key store cannot be asked for its inventory by this version',
  },
  incidents: {
    title: 'Breaches: opened, counted, told to controllers, with their times',
    controls: ['A.5.24', 'A.5.25', 'A.5.26', 'A.5.27', 'A.5.28'],
    from: ofActions('breach-opened', 'breach-pack-made', 'breach-phase'),
    absentBecause: 'no breach was opened',
  },
  'configuration-history': {
    title: 'Configurations that were put in force: version and when',
    controls: ['A.8.9', 'A.8.32'],
    from: ofActions('configured', 'retention-changed', 'consent-policy-changed'),
    absentBecause: 'no configuration was put in force',
  },
  'configuration-now': {
    title: 'The version of each tenant’s configuration in the file at the time of collecting',
    controls: ['A.8.9'],
    from: { kind: 'made' },
    absentBecause: 'the configuration names no tenant',
  },
  sbom: {
    title: 'Software bill of materials (CycloneDX)',
    controls: ['A.8.8', 'A.5.21', 'A.8.25'],
    from: { kind: 'made' },
    absentBecause: 'the installation holds neither npm nor a lock file to read it from',
  },
  'egress-report': {
    title: 'Where the software may open connections to, who runs that, where it lies',
    controls: ['A.5.23', 'A.8.12', 'A.5.19'],
    from: { kind: 'made' },
    absentBecause: 'the configuration could not be read',
  },
  'processing-record': {
    title: 'Record of processing (Article 30 GDPR)',
    controls: ['A.5.34', 'A.5.31'],
    from: { kind: 'made' },
    absentBecause: 'the configuration could not be read',
  },
  'audit-state': {
    title: 'How far each audit chain goes, and whether it is whole',
    controls: ['A.8.15', 'A.5.33'],
    from: { kind: 'chain' },
    absentBecause: 'no audit chain could be read',
  },
  'evidence-collections': {
    title: 'Earlier collections of evidence and readings of the audit chain',
    controls: ['A.5.35', 'A.8.15'],
    from: ofActions('evidence-made', 'audit-read'),
    absentBecause: 'nobody collected evidence or read the chain',
  },
})

/** What the processor records of itself and of no controller more than of another: it is evidence of each. */
export const processorsOfAll: readonly AuditAction[] = ['restore-tested', 'drill-run']

export type EvidenceKind = keyof typeof evidenceKinds
export const evidenceKindNames = Object.keys(evidenceKinds) as readonly EvidenceKind[]

/** What an auditor asks for and no part of the software records: it comes from whoever runs it. */
export const notOurs: readonly { readonly what: string; readonly controls: readonly string[] }[] = [
  { what: 'alerts that fired and what was done about them', controls: ['A.8.16'] },
  { what: 'the offset of the machines’ clocks over time', controls: ['A.8.17'] },
  { what: 'published weaknesses of the components and when they were fixed', controls: ['A.8.8'] },
  { what: 'results of the test suite, reviews of changes, hours of fuzzing', controls: ['A.8.25', 'A.8.29'] },
  { what: 'that test data holds nothing of real people', controls: ['A.8.31', 'A.8.33'] },
]
