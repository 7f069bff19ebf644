import { type Static, Type } from 'typebox'
import type { Follower, Link } from '../config/nats.ts'
import { unpack } from '../config/pack.ts'
import { isAmong } from '../core/callFilter.ts'
import { feedFrame } from '../core/feedFrame.ts'
import { limits } from '../core/limits.ts'
import type { ProblemCode } from '../core/problems.ts'
import { usedResult } from '../core/restrict.ts'
import { type Result, type ResultMessage, type ResultOutcome, resultId } from '../core/wire/result.ts'
import { streams, subjects } from '../core/wire/subjects.ts'
import type { Admitted, Guard } from './adminGuard.ts'
import { refusal } from './admission.ts'
import type { Fault } from './bodyForm.ts'
import { feedRow } from './callRoutes.ts'
import { filterFields, filterOf, queryFault, textsOf } from './questions/filters.ts'
import type { Pseudonyms } from './pseudonyms.ts'
import type { Rights } from './rights.ts'
import { type App, type Request, type Socket, socketRoute, type Upgrade } from './uws.ts'

/**
 * `from`: the first result it is told of, taken before the upgrade, so that none after it is missed. `tenant`: whose
 * results; null: everybody's. `goesOn`: whether who opened it may still listen.
 */
type Listener = {
  open: boolean
  readonly from: number
  readonly tenant: string | null
  /** Which results of it. */
  readonly wants: (outcome: ResultOutcome) => boolean
  readonly goesOn: () => Promise<boolean>
}

export type FeedSetup = {
  readonly link: Link
  readonly guard: Guard
  /** Names results for those outside: their own ids count what all tenants write. */
  readonly pseudonyms: Pick<Pseudonyms, 'result'>
  readonly rights: Pick<Rights, 'isRestricted'>
  /** Hears of each listener that read so slowly that it was let go. */
  readonly tooSlow: () => void
}

const askedAgainEveryMs = 1_000

/** `WS /v1/feed`: results as they are stored, one JSON object a frame; kinds, ids and reasons, nothing personal. */
export function addFeed(app: App, { link, guard, pseudonyms, rights, tooSlow }: FeedSetup): { stop(): void } {
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
      follower ??= followResults({ link, pseudonyms, rights }, listeners, socket.getUserData().from)
    },
    frame: () => undefined,
    dropped: tooSlow,
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
  const wants = wantsOf(new URLSearchParams(request.query))
  if ('code' in wants) return { answer: refusal(wants.code, wants.detail) }
  const { lastSequence } = await link.streamState(streams.results)
  const tenant = admitted.tenant?.id ?? null
  const goesOn = () => guard(feedRow, request, {}).then(mayStill, () => true)
  return { data: { open: true, from: lastSequence + 1, tenant, wants, goesOn } }
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
  { link, pseudonyms, rights }: Pick<FeedSetup, 'link' | 'pseudonyms' | 'rights'>,
  listeners: ReadonlySet<Socket<Listener>>,
  from: number,
): Follower {
  const fresh = createFilter()
  return link.follow({
    stream: streams.results,
    subject: subjects.everyResult,
    from,
    take: record => {
      const message = usedIn(fresh(unpack(record.data) as ResultMessage), rights)
      const hearing = [...listeners].filter(socket => hears(socket.getUserData(), message.tenant))
      if (hearing.length === 0) return
      for (const [line, { outcome }] of feedLines(message, pseudonyms))
        for (const socket of hearing) {
          const data = socket.getUserData()
          if (data.open && data.wants(outcome)) socket.cork(() => void socket.send(line, false))
        }
    },
    trouble: () => undefined,
  })
}

/** Nothing of somebody who is restricted is told of (rule P13). */
function usedIn(message: ResultMessage, { isRestricted }: FeedSetup['rights']): ResultMessage {
  const results = message.results.flatMap(result => {
    const outcome = usedResult(result.outcome, name => isRestricted(message.tenant, name))
    return outcome === null ? [] : [{ ...result, outcome }]
  })
  return { ...message, results }
}

function hears({ tenant }: Listener, of: string): boolean {
  return tenant === null || tenant === of
}

const resultKinds = ['call-changed', 'session-ended', 'refused'] as const
const queryShape = Type.Object(
  {
    results: Type.Optional(
      Type.String({
        pattern: `^(${resultKinds.join('|')})(,(${resultKinds.join('|')}))*$`,
        errorMessage: `a list, with commas between them, of ${resultKinds.join(', ')}`,
      }),
    ),
    ...filterFields,
  },
  { additionalProperties: false },
)

/** Which results a query asks for: kinds of them, and of calls those that the filters of a list of calls let through. */
function wantsOf(query: URLSearchParams): Listener['wants'] | Fault {
  const fault = queryFault(queryShape, query)
  if (fault !== null) return fault
  const { results, ...texts } = textsOf(query) as Static<typeof queryShape>
  const kinds: readonly string[] = results?.split(',') ?? resultKinds
  const filter = filterOf(texts)
  return outcome =>
    kinds.includes(outcome.kind) && (outcome.kind !== 'call-changed' || isAmong(outcome.record, filter))
}

function feedLines(
  message: ResultMessage,
  pseudonyms: FeedSetup['pseudonyms'],
): (readonly [line: string, result: Result])[] {
  return message.results.map(result => {
    const id = pseudonyms.result(message.tenant, resultId(message, result))
    return [JSON.stringify(feedFrame(message.tenant, id, result)), result]
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
