import type { MatchOnTheWire, SignalAnswer } from '../../core/wire/signal.ts'
import { bearer } from '../system.ts'

/** A generic signal as a carrier sends it. */
export type Signal = {
  readonly call: string
  readonly state: 'ring' | 'answer' | 'end'
  readonly a: string
  readonly b: string
}

/** Sends a signal over HTTP and resolves to the answer; throws where it was not answered with 200. */
export async function signal(port: number, sent: Signal, tenant = 'bench'): Promise<SignalAnswer> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/calls/generic/${tenant}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    body: JSON.stringify(sent),
  })
  if (response.status !== 200) throw new Error(`answered ${response.status}`)
  return (await response.json()) as SignalAnswer
}

/** A call that rings and ends, and what was concluded of it. */
export type Called = {
  readonly match: MatchOnTheWire
  /** The ring could not be answered within the routing budget: this is what was concluded of it afterwards. */
  readonly deferred: boolean
}

export async function ringAndEnd(port: number, call: Omit<Signal, 'state'>): Promise<Called> {
  const ring = await signal(port, { ...call, state: 'ring' })
  const end = await signal(port, { ...call, state: 'end' })
  const deferred = ring.match.kind === 'deferred'
  return { match: deferred ? end.match : ring.match, deferred }
}

/** The number that belongs to the n-th caller. */
export const callerNumber = (index: number): string => `+4520${String(index).padStart(6, '0')}`
