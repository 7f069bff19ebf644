import type { Follower, Link } from '../config/nats.ts'
import { unpack } from '../config/pack.ts'
import { limits } from '../core/limits.ts'
import type { ProblemCode } from '../core/problems.ts'
import { shownCall } from '../core/shownCall.ts'
import { type ResultMessage, resultId } from '../core/wire/result.ts'
import { streams, subjects } from '../core/wire/subjects.ts'
import type { Admitted, Guard } from './adminGuard.ts'
import { refusal } from './admission.ts'
import { feedRow } from './callRoutes.ts'
import type { Pseudonyms } from './pseudonyms.ts'
import { type App, type Request, type Socket, socketRoute, type Upgrade } from './uws.ts'

/**
 * `from`: the first result it is told of, taken before the upgrade, so that none after it is missed. `tenant`: whose
 * results; null: everybody's. `goesOn`: whether who opened it may still listen.
 */
type Listener = {
  open: boolean
  readonly from: number
  readonly tenant: string | null
  readonly goesOn: () => Promise<boolean>
}

export type FeedSetup = {
  readonly link: Link
  readonly guard: Guard
  /** Names results for those outside: their own ids count what all tenants write. */
  readonly pseudonyms: Pick<Pseudonyms, 'result'>
}

const askedAgainEveryMs = 1_000

/** `WS /v1/feed`: results as they are stored, one JSON object a frame; kinds, ids and reasons, nothing personal. */
export function addFeed(app: App, { link, guard, pseudonyms }: FeedSetup): { stop(): void } {
  const listeners = new Set<Socket<Listener>>()
  let follower: Follower | null = null
  const stop = () => {
    void follower?.stop()
    follower = null
  }
  let asking = false
  const again = setInterval(async () => {
    if (asking) return
    asking = true
    await endWhoMayNot(listeners)
    asking = false
  }, askedAgainEveryMs)
  socketRoute<Listener>(app, feedRow.path, {
    idleTimeoutSeconds: 120,
    frameBytesMax: limits.feedFrameBytesMax,
    backpressureBytesMax: limits.feedBackpressureBytesMax,
    admit: request => admit(link, guard, request).catch(() => ({ answer: refusal('not-now') })),
    open: socket => {
      listeners.add(socket)
      follower ??= followResults({ link, pseudonyms }, listeners, socket.getUserData().from)
    },
    frame: () => undefined,
    closed: socket => {
      socket.getUserData().open = false
      listeners.delete(socket)
      if (listeners.size === 0) stop()
    },
  })
  return {
    stop: () => {
      clearInterval(again)
      stop()
    },
  }
}

async function admit(link: Link, guard: Guard, request: Request): Promise<Upgrade<Listener>> {
  const admitted = await guard(feedRow, request, {})
  if (typeof admitted === 'string') return { answer: refusal(admitted) }
  if (request.headers.has('origin')) return { answer: refusal('foreign-origin') }
  const { lastSequence } = await link.streamState(streams.results)
  const tenant = admitted.tenant?.id ?? null
  const goesOn = () => guard(feedRow, request, {}).then(mayStill, () => true)
  return { data: { open: true, from: lastSequence + 1, tenant, goesOn } }
}

/** A key ends while its holder listens; and what is open at first is not any more when the first key is made. */
async function endWhoMayNot(listeners: ReadonlySet<Socket<Listener>>): Promise<void> {
  const all = [...listeners].map(async socket => {
    const data = socket.getUserData()
    if (!(await data.goesOn()) && data.open) socket.end(1008, 'key-missing')
  })
  await Promise.all(all)
}

/** An owner that does not answer just now takes nothing away that was given. */
function mayStill(admitted: Admitted | ProblemCode): boolean {
  return typeof admitted !== 'string' || admitted === 'not-now' || admitted === 'too-many-requests'
}

/** RESULTS is followed only while somebody listens: each of its messages costs the thread that answers carriers. */
function followResults(
  { link, pseudonyms }: Omit<FeedSetup, 'guard'>,
  listeners: ReadonlySet<Socket<Listener>>,
  from: number,
): Follower {
  const fresh = createFilter()
  return link.follow({
    stream: streams.results,
    subject: subjects.everyResult,
    from,
    take: record => {
      const message = fresh(unpack(record.data) as ResultMessage)
      const isHeard = (socket: Socket<Listener>) => hears(socket.getUserData(), message.tenant)
      if (![...listeners].some(isHeard)) return
      for (const line of feedLines(message, pseudonyms)) {
        for (const socket of listeners) if (isHeard(socket)) socket.cork(() => void socket.send(line, false))
      }
    },
    trouble: () => undefined,
  })
}

function hears({ tenant }: Listener, of: string): boolean {
  return tenant === null || tenant === of
}

function feedLines(message: ResultMessage, pseudonyms: FeedSetup['pseudonyms']): string[] {
  return message.results.map(result => {
    const { outcome } = result
    const common = {
      id: pseudonyms.result(message.tenant, resultId(message, result)),
      tenant: message.tenant,
      at: new Date(result.at).toISOString(),
      kind: outcome.kind,
    }
    if (outcome.kind === 'call-changed') {
      return JSON.stringify({
        ...common,
        state: outcome.state,
        corrects: outcome.corrects,
        ...shownCall(outcome.record),
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
