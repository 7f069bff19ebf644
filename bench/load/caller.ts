import type { SignalAnswer } from '../../core/wire/signal.ts'
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

/** The number that belongs to the n-th caller. */
export const callerNumber = (index: number): string => `+4520${String(index).padStart(6, '0')}`
