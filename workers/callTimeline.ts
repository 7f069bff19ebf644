import { signalIn } from '../core/belongs.ts'
import { rememberedCall } from '../core/due.ts'
import type { Input } from '../core/input.ts'
import type { CallRecord } from '../core/outcome.ts'
import { callKey } from '../core/state.ts'
import { sessionIndex } from './findable.ts'
import type { KeptEvent, Place } from './history.ts'
import { createOpener } from './opener.ts'
import type { Partition } from './partition.ts'
import { shownEvent } from './shown.ts'

/**
 * What the visitor looked at before the phone rang: the events of the session to which a call went, up to its ring. Read from
 * the history each time, so that nothing is kept twice, and what was erased, or is past retention, is not there.
 */

export type TimelineEvent = Place & {
  readonly kind: Input['kind']
  readonly clear: Input
  /** What was sealed with it: only where it was asked for, and its key is still there. */
  readonly personal: Readonly<Record<string, unknown>> | null
}

export type TimelinePage = {
  readonly session: string | null
  readonly events: readonly TimelineEvent[]
  /** Where the next page begins; null: this was the last. */
  readonly next: Place | null
}

export type TimelineAsked = {
  readonly tenant: string
  readonly carrier: string
  readonly call: string
  /** Opening sealed parts is for keys whose scope allows it; who asks has to see to that, and to the audit record. */
  readonly opened: boolean
  readonly after: Place | null
  readonly most: number
}

/** A page of a call's timeline, oldest first; null: no such call is remembered. */
export function callTimeline(partition: Held, asked: TimelineAsked): TimelinePage | null {
  const { state } = partition
  const index = state.tenants.get(asked.tenant)
  if (index === undefined) return null
  const record = rememberedCall(index, callKey(asked.carrier, asked.call), state.now)
  if (record === undefined) return null
  return sessionTimeline(partition, { ...asked, session: record.match.session, until: record.rangAt })
}

type Held = Pick<Partition, 'store' | 'keys' | 'state' | 'erasures'>
type SessionAsked = Pick<TimelineAsked, 'tenant' | 'opened' | 'after' | 'most'> & {
  readonly session: CallRecord['match']['session']
  readonly until: number
}

function sessionTimeline({ store, keys, erasures }: Held, asked: SessionAsked): TimelinePage {
  const { tenant, session, until, opened, after, most } = asked
  if (session === null) return { session, events: [], next: null }
  const found = store.find(tenant, sessionIndex(session), after, most + 1)
  const places = found.slice(0, most).filter(place => place.atMs <= until)
  const goesOn = found.length > most && places.length === most
  const open = opened ? createOpener(keys, tenant) : null
  return {
    session,
    events: places.flatMap(place => {
      const event: KeptEvent | null = shownEvent({ store, erasures }, tenant, place)
      if (event === null || signalIn(event.clear) !== null) return []
      const { clear } = event
      return [{ ...place, kind: clear.kind, clear, personal: open?.open(event).personal ?? null }]
    }),
    next: goesOn ? (places.at(-1) ?? null) : null,
  }
}
