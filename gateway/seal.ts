import { pack } from '../config/pack.ts'
import { joinParts, sealBytes } from '../config/sealing.ts'
import type { Correction } from '../core/correct.ts'
import type { Input } from '../core/input.ts'
import { restWithout, type Terms } from '../core/keptFor.ts'
import type { TenantPolicy } from '../core/policy.ts'
import { Personal } from '../core/privacy.ts'
import type { Pseudonym } from '../core/words.ts'
import { boundTo, sealedFor } from '../core/subjectNames.ts'
import type { LogEvent } from '../core/wire/log.ts'
import { contactHashes } from './contacts.ts'
import type { Pseudonyms } from './pseudonyms.ts'
import type { Lane, SealingKey } from './keyMaking.ts'
import type { SealingKeys } from './sealingKeys.ts'

/** An event on its way to the log, with the keys that its sealed part needs. */
export type OutgoingEvent = LogEvent & { readonly needs?: readonly SealingKey[] }

type PersonalPart = Readonly<Record<string, unknown>>

/** The one place where the personal part of an event is closed, before it leaves this process. */
export type Sealer = {
  /**
   * The event with its personal part sealed for the subject that it is about. What was wrapped in `Personal` is revealed
   * only into the sealed bytes.
   */
  event(policy: TenantPolicy, clear: Input, personal: PersonalPart): OutgoingEvent
  /** A correction of a subject's values, sealed under a new key of the subject: the one in use will be destroyed. */
  correction(policy: TenantPolicy, subject: string, request: string, correction: Correction): OutgoingEvent
  /** Keyed hashes of the phone numbers and e-mail addresses among what was entered. */
  contacts(policy: TenantPolicy, fields: PersonalPart): Pseudonym[]
  /** How the audit chain names a subject. */
  reference(tenant: string, subject: string): string
}

/** `termsOf`: for how long a tenant's data is kept now; left out: as its policy says. */
export function createSealer(
  keys: SealingKeys,
  pseudonyms: Pseudonyms,
  termsOf: (policy: TenantPolicy) => Terms = policy => policy,
): Sealer {
  return {
    event: (policy, clear, personal) => seal(keys, policy.tenant, termsOf(policy), clear, personal),
    correction: (policy, subject, request, correction) => {
      const { tenant } = policy
      keys.forget(tenant, subject)
      const where = { subject, belongsTo: `rectify ${request}`, lane: 'control' } as const
      const rectify = { request, subject }
      const sealed = sealFor(keys, tenant, termsOf(policy), where, correction)
      return { clear: { kind: 'noted', tenant }, rectify, ...sealed }
    },
    contacts: (policy, fields) => contactHashes(fields, policy, pseudonyms),
    reference: pseudonyms.reference,
  }
}

function seal(
  keys: SealingKeys,
  tenant: string,
  terms: Terms,
  clear: Input,
  personal: PersonalPart,
): OutgoingEvent {
  const subject = sealedFor(clear)
  if (subject === null) throw new Error('an event about nobody has no personal part')
  const where = { subject, belongsTo: boundTo(clear), lane: laneOf(clear) }
  return { clear, ...sealFor(keys, tenant, terms, where, personal) }
}

type Where = { readonly subject: string; readonly belongsTo: string; readonly lane: Lane }

function sealFor(
  keys: SealingKeys,
  tenant: string,
  terms: Terms,
  { subject: name, belongsTo, lane }: Where,
  personal: PersonalPart,
): { personal: Uint8Array; needs: readonly SealingKey[] } {
  const periodOf = ({ keptAs, lifetimeMs }: Part) => keys.period(tenant, lane, keptAs, lifetimeMs)
  const parts = partsOf(terms, personal)
  const first = periodOf(parts[0])
  const subject = keys.subject(first, name, terms.retentionMs)
  const needs: SealingKey[] = [subject]
  const sealed = parts.map((part, place) => {
    const period = place === 0 ? first : periodOf(part)
    needs.push(period)
    const plain = pack(holdsPersonal(part.values) ? revealed(part.values) : part.values)
    return sealBytes(plain, keys.seal(subject, period), tenant, belongsTo)
  })
  return { personal: joinParts(sealed), needs }
}

/** In which lane the event travels: there its keys are introduced. */
function laneOf({ kind }: Input): Lane {
  if (kind === 'signal') return 'call'
  return kind === 'call-rectified' ? 'control' : 'visit'
}

type Part = { readonly keptAs: string; readonly lifetimeMs: number; readonly values: PersonalPart }

/** What is kept for as long as the tenant's data is, and what goes earlier: each under a key of its own. */
function partsOf({ retentionMs, fieldRetentionMs = {} }: Terms, personal: PersonalPart): [Part, ...Part[]] {
  const named = Object.keys(fieldRetentionMs)
  const rest = { keptAs: restWithout(named), lifetimeMs: retentionMs }
  const earlier = Object.entries(fieldRetentionMs).filter(([field]) => personal[field] !== undefined)
  if (earlier.length === 0) return [{ ...rest, values: personal }]
  const values = Object.fromEntries(Object.entries(personal).filter(([field]) => !named.includes(field)))
  return [
    { ...rest, values },
    ...earlier.map(([field, lifetimeMs]) => ({
      keptAs: field,
      lifetimeMs,
      values: { [field]: personal[field] },
    })),
  ]
}

function holdsPersonal(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return value instanceof Personal || Object.values(value).some(holdsPersonal)
}

/** Plain data with every `Personal` replaced by what it holds: packed as it is, it would say `(personal)`. */
function revealed(value: unknown): unknown {
  if (value instanceof Personal) return revealed(value.reveal())
  if (Array.isArray(value)) return value.map(revealed)
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, revealed(inner)]))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
