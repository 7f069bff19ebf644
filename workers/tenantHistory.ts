import type { History, OpenedEvent } from '../config/export/assemble.ts'
import { packedFields } from '../config/packedFields.ts'
import { signalIn } from '../core/belongs.ts'
import { lastLife } from '../core/life.ts'
import type { CallRecord } from '../core/outcome.ts'
import type { Session } from '../core/records.ts'
import { callKey } from '../core/state.ts'
import { visitorName } from '../core/subjectNames.ts'
import { callIndex, namePrefixes, sessionIndex } from './findable.ts'
import type { KeptEvent, NamedPlace, Place } from './history.ts'
import { createOpener } from './opener.ts'
import type { Partition } from './partition.ts'
import { createRests } from './rounds.ts'
import { shownEvent } from './shown.ts'

type Held = Pick<Partition, 'store' | 'keys' | 'state' | 'erasures'> & {
  readonly tenant: string
  /** Entries of the log that come after it are not looked at. */
  readonly through: number
}
type Asked = Held & { readonly rest: () => Promise<void> }

/**
 * All that is held of a tenant and of nobody who was erased, opened, a few visits or calls at a time and each whole. By the names under which events are
 * found, because what belongs together stands together there: so neither time nor memory for one visit depends on how
 * many there are. It takes half of the thread's time at most.
 */
export async function* historiesOf(held: Held): AsyncGenerator<History> {
  const asked = { ...held, rest: createRests() }
  for await (const places of placesNamed(asked, namePrefixes.session)) yield visitsAt(asked, places)
  for await (const places of placesNamed(asked, namePrefixes.call)) yield callsAt(asked, places)
  yield* eventsWithoutVisit(asked)
  yield* withoutEvents(asked)
}

/** About a millisecond of work: so long others wait at most, but for a visit that has more. */
const eventsAtOnce = 32

/** Places of one kind of names, those of a name all at once. */
async function* placesNamed({ store, tenant, through, rest }: Asked, kind: string): AsyncGenerator<Place[]> {
  let waiting: NamedPlace[] = []
  for (let after: NamedPlace | null = null; ; ) {
    const page: NamedPlace[] = store.named(tenant, kind, after, eventsAtOnce)
    after = page.at(-1) ?? null
    const isLast = page.length < eventsAtOnce
    waiting.push(...page.filter(({ sequence }) => sequence <= through))
    const goesOn = isLast ? waiting.length : waiting.findIndex(({ name }) => name === after?.name)
    const whole = waiting.slice(0, goesOn < 0 ? waiting.length : goesOn)
    waiting = waiting.slice(whole.length)
    if (whole.length > 0) yield whole
    if (isLast) return
    await rest()
  }
}

function visitsAt(asked: Asked, places: readonly Place[]): History {
  const events = openedAt(asked, places, ({ clear }) => signalIn(clear) === null)
  const index = asked.state.tenants.get(asked.tenant)
  const ids = new Set(events.map(({ session }) => session ?? ''))
  return { events, calls: [], sessions: [...ids].flatMap(id => factsOf(index?.sessions.get(id))) }
}

function callsAt(asked: Asked, places: readonly Place[]): History {
  const events = openedAt(asked, places, ({ clear }) => signalIn(clear) !== null)
  const index = asked.state.tenants.get(asked.tenant)
  const keys = new Set(events.map(({ clear }) => keyOf(signalIn(clear))))
  return { events, calls: [...keys].flatMap(key => index?.calls.get(key) ?? []), sessions: [] }
}

const keyOf = (signal: Pick<CallRecord, 'carrier' | 'call'> | null) =>
  signal === null ? '' : callKey(signal.carrier, signal.call)

function factsOf(one: Session | undefined): History['sessions'] {
  if (one === undefined) return []
  const { session, visitor, site, startedAt } = one
  return [{ session, visitor, site, startedAt, lastBeatAt: lastLife(one) }]
}

function openedAt(
  { store, erasures, keys, tenant }: Asked,
  places: readonly Place[],
  isWanted: (event: KeptEvent) => boolean,
): OpenedEvent[] {
  const opener = createOpener(keys, tenant)
  return places.flatMap(({ atMs, sequence, index }) => {
    const event = shownEvent({ store, erasures }, tenant, { atMs, sequence, index })
    if (event === null || !isWanted(event)) return []
    const { clear, session } = event
    return [{ clear, session, personal: opener.open(event).personal, atMs, sequence, index }]
  })
}

const rowsAtOnce = 256

/** Events of visitors that belong to no visit: a visitor's all at once, where the first of them stands. */
async function* eventsWithoutVisit(asked: Asked): AsyncGenerator<History> {
  const { store, tenant, through, rest } = asked
  const fields = packedFields(['session', 'clear.visitor'])
  let after: Place | null = null
  do {
    const found: (readonly [visitor: string, place: Place])[] = []
    const part = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, after }
    after = store.seeHistory(tenant, part, rowsAtOnce, (place, lent) => {
      fields.read(lent)
      const visitor = fields.text('clear.visitor')
      if (visitor !== null && !fields.has('session') && place.sequence <= through)
        found.push([visitor, place])
    })
    for (const [visitor, { sequence, index }] of found) {
      const places = store.find(tenant, visitorName(visitor), null, placesMax)
      const events = openedAt(asked, places, ({ session }) => session === null)
      const isFirst = events[0]?.sequence === sequence && events[0].index === index
      if (isFirst) yield { events, calls: [], sessions: [] }
    }
    await rest()
  } while (after !== null)
}

const placesMax = 100_000

/** What the core knows of visits and calls of which no event is kept. */
async function* withoutEvents({ store, tenant, state, rest }: Asked): AsyncGenerator<History> {
  const index = state.tenants.get(tenant)
  const isUnknown = (name: string) => store.find(tenant, name, null, 1).length === 0
  let looked = 0
  for (const [id, one] of index?.sessions.entries() ?? []) {
    if (isUnknown(sessionIndex(id))) yield { events: [], calls: [], sessions: factsOf(one) }
    if (++looked % rowsAtOnce === 0) await rest()
  }
  for (const [, call] of index?.calls.entries() ?? []) {
    if (isUnknown(callIndex(call.carrier, call.call))) yield { events: [], calls: [call], sessions: [] }
    if (++looked % rowsAtOnce === 0) await rest()
  }
}
