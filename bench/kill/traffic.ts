import { callerNumber, signal } from '../load/caller.ts'
import type { Chance } from '../load/chance.ts'
import { createVisitor, type Visitor } from '../load/visitor.ts'
import { inTurns } from '../load/world.ts'
import { ownNumber, type System } from '../system.ts'
import { type Ledger, noteAnswer, noteWelcome } from './ledger.ts'

/** Visitors and callers that go on through every crash: what fails is tried again, what is acknowledged is noted. */
export type Traffic = {
  /** Everybody comes (back); resolves when all have been welcomed. */
  arrive(system: System): Promise<void>
  /** Views and calls, until `pause`. */
  flow(system: System): void
  /** No new events; resolves when those under way have been acknowledged or lost. */
  pause(): Promise<void>
  /** Every visitor's last acknowledged view, sent once more; resolves to how many there were. */
  repeatViews(): Promise<number>
  leave(): void
}

const betweenViewsMs = 8
const betweenCallsMs = 15
const atOnce = 16
const ringingAtOnce = 20

type Life = {
  readonly ledger: Ledger
  readonly chance: Chance
  readonly visitors: readonly Visitor[]
  readonly ringing: Due[]
  readonly retries: Due[]
  nextView: number
  nextCall: number
  timers: NodeJS.Timeout[]
  readonly underWay: Set<Promise<void>>
}

export function createTraffic(count: number, chance: Chance, ledger: Ledger): Traffic {
  const visitors = Array.from({ length: count }, (_, place) => createVisitor(chance.id(), chance.id(), place))
  const life: Life = {
    ledger,
    chance,
    visitors,
    ringing: [],
    retries: [],
    nextView: 2,
    nextCall: 1,
    timers: [],
    underWay: new Set(),
  }
  return {
    arrive: system => inTurns(visitors, atOnce, visitor => arrive(life, visitor, system)),
    flow: system => {
      life.timers = [
        setInterval(() => track(life, view(life)), betweenViewsMs),
        setInterval(() => track(life, call(life, system)), betweenCallsMs),
      ]
    },
    pause: async () => {
      for (const timer of life.timers) clearInterval(timer)
      await Promise.all(life.underWay)
    },
    repeatViews: () => repeatViews(life),
    leave: () => {
      for (const visitor of visitors) visitor.leave()
    },
  }
}

async function arrive({ ledger }: Life, visitor: Visitor, system: System): Promise<void> {
  const { session, number } = await visitor.arrive(system.publicPort)
  noteWelcome(ledger, visitor.visitor, { session, number: number.e164, kind: number.kind })
}

/** What is lost with the connection was not acknowledged: nothing is noted. */
function track({ underWay }: Life, work: Promise<void>): void {
  const tracked: Promise<void> = work.catch(() => undefined).finally(() => underWay.delete(tracked))
  underWay.add(tracked)
}

async function view(life: Life): Promise<void> {
  const visitor = life.chance.pick(life.visitors)
  const id = life.nextView++
  await visitor.view(id)
  life.ledger.views.set(visitor.visitor, Math.max(id, life.ledger.views.get(visitor.visitor) ?? 0))
  life.ledger.acknowledgedViews += 1
}

type Due = { readonly name: string; readonly state: 'ring' | 'end'; readonly b: string }

/** A new call rings, or one that rang earlier (perhaps before a crash) ends. Carriers repeat what was not answered. */
async function call(life: Life, system: System): Promise<void> {
  const due = life.retries.shift() ?? nextCall(life)
  const { name: call, state, b } = due
  try {
    const a = callerNumber(Number(call.slice('call-'.length)))
    const { match } = await signal(system.publicPort, { call, state, a, b })
    noteAnswer(life.ledger, call, state, match)
    if (state === 'ring') life.ringing.push(due)
  } catch {
    life.retries.push(due)
  }
}

function nextCall(life: Life): Due {
  const ended = life.ringing.length > ringingAtOnce ? life.ringing.shift() : undefined
  if (ended !== undefined) return { ...ended, state: 'end' }
  const b = life.chance.pick(life.visitors).seen()?.number.e164 ?? ownNumber
  return { name: `call-${life.nextCall++}`, state: 'ring', b }
}

/** Every visitor's last acknowledged view, sent once more; it has to be known already. */
async function repeatViews({ ledger, visitors }: Life): Promise<number> {
  let count = 0
  await inTurns(visitors, atOnce, async visitor => {
    const id = ledger.views.get(visitor.visitor)
    if (id === undefined) return
    await visitor.view(id)
    count += 1
  })
  return count
}
