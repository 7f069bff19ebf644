/**
 * What is recorded of what is done: a closed list, as data. A record holds ids, keyed references and counts, never a
 * personal value, so that it can outlive the person's data that it speaks of.
 */

/** `personal`: it concerns the personal data of subjects, and so answers "what happened to my data". */
type ActionFacts = { readonly personal: boolean; readonly says: string }

const ofData = (says: string): ActionFacts => ({ personal: true, says })
const ofSystem = (says: string): ActionFacts => ({ personal: false, says })

const listed = <Name extends string>(actions: Readonly<Record<Name, ActionFacts>>) => actions

/** Every action that leaves a record. */
export const auditActions = listed({
  'subject-found': ofData('Somebody searched for a person, and was told whose data there is.'),
  'subject-accessed': ofData('A person’s data was opened and shown.'),
  'subject-exported': ofData('A person’s data was handed over as files.'),
  'subject-rectified': ofData(
    'A value about a person was put right from then on; how many events changed, `keys-destroyed` says.',
  ),
  'subject-restricted': ofData('A person’s data is stored only, and used for nothing.'),
  'subject-objected': ofData('A person objected: the data is no longer used.'),
  'subject-lifted': ofData('A restriction or an objection has ended.'),
  'subject-erased': ofData('A person’s data is no longer used and is being erased.'),
  'keys-destroyed': ofData('Keys were destroyed: what they sealed can no longer be read.'),
  'bytes-gone': ofData('The sealed bytes themselves have left every file.'),
  'retention-applied': ofData('Data reached the end of its retention and was destroyed.'),
  'retention-changed': ofData('The controller’s retention was changed.'),
  'consent-policy-changed': ofData('What is kept under which consent was changed.'),
  'consent-withdrawn': ofData('A visitor took consent back.'),
  'calls-read': ofData('Results of calls, with pseudonyms, were read or followed.'),
  'calls-opened': ofData('Calls were shown with the phone numbers of their callers.'),
  'visit-opened': ofData('A visit was shown with what was looked at and entered, and its calls.'),
  'phrases-reported': ofData('Calls were reported on by what was typed into search engines.'),
  configured: ofSystem('The tenant’s configuration was put in force.'),
  'access-key-made': ofSystem('An API key was made.'),
  'access-key-rotated': ofSystem('An API key was given a new secret.'),
  'access-key-revoked': ofSystem('An API key was ended.'),
  'access-listed': ofSystem('The list of who has access was read or reported.'),
  'audit-read': ofSystem('Records of this chain were read.'),
  'breach-pack-made': ofData('The figures of a possible breach were put together.'),
  'breach-opened': ofData('A breach was opened and its 24-hour clock started.'),
  'breach-phase': ofData('A breach went into another phase.'),
  'tenant-returned': ofData('All data of the tenant was handed back to the controller.'),
  'return-removed': ofData('A package of all data of the tenant was removed from the worker’s disk.'),
  'tenant-ended': ofData('The contract ended: the tenant’s data is being deleted.'),
  'receipt-made': ofData(
    'A signed receipt or certificate was issued: nothing can be read any more, or all bytes are gone.',
  ),
  'evidence-made': ofSystem('Dated records were collected for an auditor.'),
  restored: ofData('A copy of the data was put back: records of after the copy are not in this chain.'),
  'keys-lost': ofData(
    'The keys beside the data are not those that it had, and somebody said that these are lost.',
  ),
  'restore-tested': ofSystem('A restore was tried, and what came of it.'),
  'drill-run': ofSystem('A drill was run, and what came of it.'),
})

export type AuditAction = keyof typeof auditActions

/**
 * The form of the notes that are made now. Notes without one became records that name the sequence of their entry, which
 * grows with what every tenant writes. What an old note becomes may not change: a replay repeats the chain.
 */
export const noteForm = 2

/** The facts of an audit record as they ride with an entry of the log. */
export type Note = {
  /** Left out in notes that were made before there were forms. */
  readonly form?: typeof noteForm
  readonly action: AuditAction
  /** The id of an access key, `local` for the machine’s own token, `system`. */
  readonly actor: string
  readonly role: string
  /** Keyed references, never raw ids. */
  readonly subjects: readonly string[]
  readonly request: string | null
  /** A slug or a reference of at most 200 characters, never free text about a person. */
  readonly purpose: string | null
  readonly counts: Readonly<Record<string, number>>
  readonly detail: Readonly<Record<string, string | number | boolean | null>>
}

/** One record of a tenant’s chain. Nothing in it depends on what other tenants do. Hashes are SHA-256 in hex. */
export type AuditRecord = Omit<Note, 'form'> & {
  readonly tenant: string
  /** 0, 1, 2 … without a gap. */
  readonly index: number
  /** Log time of the entry that the note rode with. */
  readonly atMs: number
  readonly partition: number
  /** Of the entry in the log: only in records of notes that have no form. */
  readonly sequence?: number
  /** The hash of the record before; 64 zeros in the first. */
  readonly previous: string
  /** Of the canonical form of this record without `hash`. */
  readonly hash: string
}
