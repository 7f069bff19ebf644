import type { TenantPolicy } from '../core/policy.ts'
import { readTcString } from '../core/tcf.ts'
import type { HelloFrame } from '../core/wire/visitor.ts'
import type { Automated } from './automated.ts'
import type { Visit } from './visit.ts'

/** Why a visit is not followed; null: it is. What the person said, by whichever way, as the tenant's policy reads it. */
export type Unfollowed = 'denied' | 'tcf' | 'gpc' | 'unknown' | Automated

/**
 * A no counts before everything. Global Privacy Control is an objection, which a yes that was said to this site outdoes:
 * unless the policy takes it for a refusal, which nothing outdoes. Where consent follows from a TC string, nothing but it
 * is a yes. Where nobody looks, nobody is asked.
 */
export function whyUnfollowed(visit: Visit, frame: HelloFrame): Unfollowed | null {
  const why = whyNotAgreed(visit, frame)
  return why !== null && isNo(why) ? why : (visit.automated ?? why)
}

function whyNotAgreed(visit: Visit, frame: HelloFrame): Unfollowed | null {
  const { policy } = visit.site.tenant
  const said = saidBy(policy, frame)
  if (said === 'denied' || said === 'tcf') return said
  const hasGpc = visit.hasGpc || frame.signals?.gpc === true
  if (hasGpc && policy.gpc === 'refusal') return 'gpc'
  if (said === 'granted') return null
  if (hasGpc && policy.gpc !== 'ignore') return 'gpc'
  return said === 'unknown' && policy.consent === 'assumed' ? null : 'unknown'
}

/** Whether it takes back what was agreed before: silence does not, and a browser's setting speaks of what comes. */
export function isNo(why: Unfollowed): boolean {
  return why === 'denied' || why === 'tcf'
}

/**
 * Whether the page is told to keep no id of this visitor. Silence may only mean that nobody was asked yet, and the id that
 * a page has which is fetched ahead is of somebody who was.
 */
export function isToForget(why: Unfollowed): boolean {
  return isNo(why) || why === 'gpc'
}

type Said = 'granted' | 'denied' | 'tcf' | 'unknown' | 'unreadable'

function saidBy({ tcf }: TenantPolicy, { consent, signals }: HelloFrame): Said {
  if (consent === 'denied') return 'denied'
  if (tcf === undefined || tcf === null) return consent || 'unknown'
  if (!signals?.tcf) return 'unknown'
  const consents = readTcString(signals.tcf)
  if (consents === null) return 'unreadable'
  const { vendor, purposes } = tcf
  const isGranted =
    purposes.every(purpose => consents.hasPurpose(purpose)) && (vendor === null || consents.hasVendor(vendor))
  return isGranted ? 'granted' : 'tcf'
}

/** `Sec-GPC`: among several values one that is exactly `1` is enough, and no other says anything. */
export function hasGpc(headers: ReadonlyMap<string, string>): boolean {
  const values = (headers.get('sec-gpc') ?? '').split(',')
  return values.some(value => value.trim() === '1')
}

/** What was said beside the page's own word, as it was given; nothing of what was not. */
export function signalsOf(visit: Visit, { signals = {} }: HelloFrame): Record<string, unknown> {
  const gpc = visit.hasGpc || signals.gpc
  return {
    ...(gpc === undefined || (gpc === false && signals.gpc === undefined) ? {} : { gpc }),
    ...(signals.tcf ? { tcf: signals.tcf } : {}),
    ...(signals.gpp ? { gpp: signals.gpp } : {}),
  }
}
