import { isLoopbackHost } from '../config/addresses.ts'
import type { Follower, Link } from '../config/nats.ts'
import { unpack } from '../config/pack.ts'
import { limits } from '../core/limits.ts'
import type { CallRecord } from '../core/outcome.ts'
import { type ResultMessage, resultId } from '../core/wire/result.ts'
import { streams, subjects } from '../core/wire/subjects.ts'
import { refusal } from './admission.ts'
import { toWire } from './answers.ts'
import { type App, type Socket, socketRoute } from './uws.ts'

/** A call record without the pseudonyms: whoever may see callers asks for them elsewhere. */
export function callOnTheWire(record: CallRecord): Record<string, unknown> {
  const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString())
  const { carrier, call, b, ringMs, talkMs, outcome, reason, qualified, firstTime, forward } = record
  return {
    call,
    carrier,
    b,
    rangAt: iso(record.rangAt),
    answeredAt: iso(record.answeredAt),
    endedAt: iso(record.endedAt),
    ringMs,
    talkMs,
    outcome,
    reason,
    qualified,
    firstTime,
    match: toWire(record.match),
    forward,
  }
}

/** `from`: the first result it is told of, taken before the upgrade, so that none after it is missed. */
type Listener = { open: boolean; readonly from: number }

/** `WS /v1/feed`: results as they are stored, one JSON object a frame; kinds, ids and reasons, nothing personal. */
export function addFeed(app: App, { link }: { readonly link: Link }): { stop(): void } {
  const listeners = new Set<Socket<Listener>>()
  let follower: Follower | null = null
  const stop = () => {
    void follower?.stop()
    follower = null
  }
  socketRoute<Listener>(app, '/v1/feed', {
    idleTimeoutSeconds: 120,
    frameBytesMax: limits.feedFrameBytesMax,
    backpressureBytesMax: limits.feedBackpressureBytesMax,
    admit: async request => {
      if (!isLoopbackHost(request.headers.get('host') ?? '')) return { answer: refusal('foreign-host') }
      if (request.headers.has('origin')) return { answer: refusal('foreign-origin') }
      const { lastSequence } = await link.streamState(streams.results)
      return { data: { open: true, from: lastSequence + 1 } }
    },
    open: socket => {
      listeners.add(socket)
      follower ??= followResults(link, listeners, socket.getUserData().from)
    },
    frame: () => undefined,
    closed: socket => {
      socket.getUserData().open = false
      listeners.delete(socket)
      if (listeners.size === 0) stop()
    },
  })
  return { stop }
}

/** RESULTS is followed only while somebody listens: each of its messages costs the thread that answers carriers. */
function followResults(link: Link, listeners: ReadonlySet<Socket<Listener>>, from: number): Follower {
  const fresh = createFilter()
  return link.follow({
    stream: streams.results,
    subject: subjects.everyResult,
    from,
    take: record => {
      for (const line of feedLines(fresh(unpack(record.data) as ResultMessage))) {
        for (const socket of listeners) socket.cork(() => void socket.send(line, false))
      }
    },
    trouble: () => undefined,
  })
}

function feedLines(message: ResultMessage): string[] {
  return message.results.map(result => {
    const { outcome } = result
    const common = {
      id: resultId(message, result),
      tenant: message.tenant,
      at: new Date(result.at).toISOString(),
      kind: outcome.kind,
    }
    if (outcome.kind === 'call-changed') {
      return JSON.stringify({
        ...common,
        state: outcome.state,
        corrects: outcome.corrects,
        ...callOnTheWire(outcome.record),
        kind: outcome.kind,
      })
    }
    if (outcome.kind === 'refused')
      return JSON.stringify({ ...common, code: outcome.problem, call: outcome.call })
    return JSON.stringify({
      ...common,
      session: outcome.session,
      endedAt: new Date(outcome.endedAt).toISOString(),
      because: outcome.because,
    })
  })
}

/** Leaves out what was heard before. Ids only grow within a partition, so one id of each is all there is to remember. */
function createFilter(): (message: ResultMessage) => ResultMessage {
  const last = new Map<number, readonly [sequence: number, index: number]>()
  return message => ({
    ...message,
    results: message.results.filter(({ sequence, index }) => {
      const [atSequence, atIndex] = last.get(message.partition) ?? [0, -1]
      const isNew = sequence > atSequence || (sequence === atSequence && index > atIndex)
      if (isNew) last.set(message.partition, [sequence, index])
      return isNew
    }),
  })
}
