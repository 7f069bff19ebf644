import type { Link } from '../config/nats.ts'
import { unpack } from '../config/pack.ts'
import { callerName, namesOf, subjectsNamed, visitorName } from '../core/subjectNames.ts'
import type { RightsSaid } from '../core/wire/control.ts'
import type { RightsReply } from '../core/wire/rights.ts'
import { subjects } from '../core/wire/subjects.ts'
import { createAsking } from './asking.ts'
import type { Owners } from './owners.ts'
import type { Tenant } from './tenants.ts'

/**
 * What is in force for whom, as every gateway knows it: owners say it as soon as they have applied it, and give the whole
 * list to who may have missed something. The core refuses what comes in between.
 */
export type Rights = {
  /** Whether nothing new of this visitor is taken in. */
  isClosed(tenant: string, visitor: string): boolean
  /** Whether nothing is used of somebody, by name (`v:` or `c:`): rule P5. */
  isRestricted(tenant: string, name: string): boolean
  /** Whether the number of this caller is not taken in. Of one whose data is restricted it is stored, and not used. */
  hasObjected(tenant: string, a: string): boolean
  /** From now on `take` is told of every change, after it is known here. */
  hear(take: (said: RightsSaid) => void): void
  /** Resolves when every tenant's list is here, or when so much time is over. */
  known(withinMs: number): Promise<void>
  stop(): void
}

export type RightsSetup = {
  readonly link: Pick<Link, 'subscribe' | 'reconnects'>
  readonly owners: Pick<Owners, 'ask'>
  readonly tenants: readonly Pick<Tenant, 'id' | 'partition'>[]
}

type Mode = 'restricted' | 'objected'

type Book = {
  readonly tenant: string
  readonly partition: number
  /** By `v:` or `c:` name. The core bounds how many there may be. */
  modes: Map<string, Mode>
  /** The latest log time that was said of: an owner that lags behind another says nothing new. */
  at: number
  /** What was said while the list was on its way, which may be older; null: none is. */
  heardMeanwhile: RightsSaid[] | null
}

export function createRights({ link, owners, tenants }: RightsSetup): Rights {
  const books = new Map(tenants.map(tenant => [tenant.id, emptyBook(tenant)]))
  let take: (said: RightsSaid) => void = () => undefined
  const said = link.subscribe(subjects.everyRight, message => {
    const one = unpack(message.data) as RightsSaid
    const book = books.get(one.tenant)
    if (book === undefined || one.at < book.at) return
    book.at = one.at
    book.heardMeanwhile?.push(one)
    note(book.modes, one)
    take(one)
  })
  const asking = createAsking(
    link,
    [...books.values()].map(book => ({
      partition: book.partition,
      ask: () => askFor(owners, book, one => take(one)),
    })),
  )
  const isRestricted = (tenant: string, name: string) => books.get(tenant)?.modes.has(name) ?? false
  return {
    isClosed: (tenant, visitor) => isRestricted(tenant, visitorName(visitor)),
    isRestricted,
    hasObjected: (tenant, a) => books.get(tenant)?.modes.get(callerName(a)) === 'objected',
    hear: listener => {
      take = listener
    },
    known: asking.answered,
    stop: () => {
      asking.stop()
      said.stop()
    },
  }
}

function emptyBook({ id, partition }: Pick<Tenant, 'id' | 'partition'>): Book {
  return { tenant: id, partition, modes: new Map(), at: 0, heardMeanwhile: null }
}

async function askFor(
  owners: RightsSetup['owners'],
  book: Book,
  take: (said: RightsSaid) => void,
): Promise<void> {
  const meanwhile: RightsSaid[] = []
  book.heardMeanwhile = meanwhile
  try {
    const reply = await owners.ask(book.partition, { kind: 'restricted', tenant: book.tenant })
    if (reply.kind !== 'restricted' || !reply.current) throw new Error('an owner that cannot know it yet')
    const modes = modesOf(reply)
    for (const one of meanwhile) note(modes, one)
    const before = book.modes
    book.modes = modes
    tellMissed(book, before, take)
  } finally {
    book.heardMeanwhile = null
  }
}

function modesOf(reply: Extract<RightsReply, { kind: 'restricted' }>) {
  const modes = new Map<string, Mode>(namesOf(reply).map(name => [name, 'restricted']))
  for (const name of reply.objected) modes.set(name, 'objected')
  return modes
}

/** Whoever listens is told of restrictions that were not heard: their sockets are open still. */
function tellMissed(book: Book, before: ReadonlyMap<string, Mode>, take: (said: RightsSaid) => void): void {
  const missed = [...book.modes.keys()].filter(name => !before.has(name))
  const { visitors } = subjectsNamed(missed)
  if (visitors.length === 0) return
  take({ tenant: book.tenant, visitors, callers: [], mode: 'restricted', at: book.at })
}

/** What is said takes effect: an erasure ends a restriction, and an objection outlives it. */
function note(modes: Map<string, Mode>, said: RightsSaid): void {
  const { mode } = said
  if (mode === 'ended') return modes.clear()
  if (mode === 'withdrawn' || mode === 'rekeyed') return
  for (const name of namesOf(said)) {
    if (mode === 'restricted' || mode === 'objected') modes.set(name, mode)
    else if (mode === 'lifted' || modes.get(name) === 'restricted') modes.delete(name)
  }
}
