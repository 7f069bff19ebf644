import { once } from 'node:events'
import { WebSocket } from 'ws'
import { bearer } from './system.ts'

/** A carrier's socket: each ring is a new call by a new caller, and its answer is found by the call's id. */
export type Caller = {
  /** Rings a number; gives the match's kind. */
  ring(number: string): Promise<string>
  close(): void
}

type Answer = { readonly call?: string; readonly match?: { readonly kind: string }; readonly error?: unknown }

/** `calls` begins the ids of its calls; `first` is the number of its first caller. */
export type Carrier = {
  readonly bearer: string
  readonly calls: string
  readonly first: number
  readonly path?: string
}
const usual: Carrier = { bearer, calls: 'call', first: 20_000_001 }

export async function openCaller(port: number, carrier: Carrier = usual): Promise<Caller> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${carrier.path ?? '/v1/calls/bench'}`, {
    headers: { authorization: `Bearer ${carrier.bearer}` },
    perMessageDeflate: false,
  })
  const waiting = new Map<string, { answered: (kind: string) => void; failed: (error: Error) => void }>()
  let calls = 0
  socket.on('message', (text: Buffer) => {
    const answer = JSON.parse(String(text)) as Answer
    const asked = waiting.get(answer.call ?? '')
    waiting.delete(answer.call ?? '')
    if (answer.match !== undefined) asked?.answered(answer.match.kind)
    else for (const one of waiting.values()) one.failed(new Error(`a call was refused: ${String(text)}`))
  })
  await once(socket, 'open')
  const ring = (number: string) =>
    new Promise<string>((answered, failed) => {
      const call = `${carrier.calls}-${calls}`
      const a = `+45${carrier.first + calls}`
      calls += 1
      waiting.set(call, { answered, failed })
      socket.send(JSON.stringify({ call, state: 'ring', a, b: number }))
    })
  return { ring, close: () => socket.close() }
}
