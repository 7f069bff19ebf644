import { benchSettings, startSystem, type System, temporaryFolder } from '../system.ts'
import { callerNumber, ringAndEnd } from './caller.ts'
import { type Chance, createChance } from './chance.ts'
import type { Judged } from './tally.ts'
import { createVisitor, type Seen, type Visitor } from './visitor.ts'

/** How many come and call, and how many numbers there are for them. */
export type WorldSetup = {
  readonly visitors: number
  readonly calls: number
  readonly numbers: number
  readonly overflow: 'share' | 'fallback'
  readonly seed: number
  /** Of the calls, this share is made after leaving the page, as long as the number is still one's own. */
  readonly leaversCall: number
}
export type WorldResult = {
  readonly judged: readonly Judged[]
  readonly visitors: number
  readonly shown: Readonly<Record<string, number>>
}

const idleTimeoutMs = 15_000
const atOnce = 32
const clickShare = 0.5
const leaveShare = 0.1

/** Runs the whole system, lets the visitors come, stay, leave and call, and keeps what was answered beside the truth. */
export async function runWorld(setup: WorldSetup): Promise<WorldResult> {
  const folder = temporaryFolder()
  const system = await startSystem({ dataDir: `${folder.path}/data`, settings: settingsOf(setup) })
  try {
    return await liveThrough(system, setup)
  } finally {
    await system.stop()
    folder.remove()
  }
}

function settingsOf({ numbers, overflow }: WorldSetup): object {
  const last = `+457${String(numbers).padStart(7, '0')}`
  const times = { idleTimeout: `${idleTimeoutMs}ms`, tail: '60s', coolDown: '60s', sticky: '10m' }
  return benchSettings({ numbers: [`+4570000001..${last}`], overflow, ...times })
}

type Guest = { readonly visitor: Visitor; readonly seen: Seen; gone: boolean }

async function liveThrough(system: System, setup: WorldSetup): Promise<WorldResult> {
  const chance = createChance(setup.seed)
  const visitors = Array.from({ length: setup.visitors }, (_, place) =>
    createVisitor(chance.id(), chance.id(), place),
  )
  const guests: Guest[] = []
  await inTurns(visitors, atOnce, async visitor => {
    guests.push({ visitor, seen: await visitor.arrive(system.publicPort), gone: false })
  })
  guests.sort((one, other) => (one.visitor.visitor < other.visitor.visitor ? -1 : 1))
  for (const guest of guests) if (chance.happens(leaveShare)) leave(guest)
  const judged = await callAll(system, setup, guests, chance)
  for (const guest of guests) leave(guest)
  return { judged, visitors: guests.length, shown: countShown(guests) }
}

function leave(guest: Guest): void {
  guest.gone = true
  guest.visitor.leave()
}

async function callAll(
  system: System,
  setup: WorldSetup,
  guests: readonly Guest[],
  chance: Chance,
): Promise<Judged[]> {
  const here = guests.filter(guest => !guest.gone)
  const left = guests.filter(guest => guest.gone)
  const plans = Array.from({ length: setup.calls }, (_, index) => {
    const guest = chance.pick(left.length > 0 && chance.happens(setup.leaversCall) ? left : here)
    return { index, guest, clicks: !guest.gone && chance.happens(clickShare) }
  })
  const judged: Judged[] = []
  await inTurns(plans, 8, async ({ index, guest, clicks }) => {
    if (clicks) await guest.visitor.click(10 + index)
    const call = { call: `call-${index}`, a: callerNumber(index), b: guest.seen.number.e164 }
    const called = await ringAndEnd(system.publicPort, call)
    judged.push({ ...called, truth: guest.visitor.visitor, shown: guest.seen.number.kind })
  })
  return judged
}

function countShown(guests: readonly Guest[]): Record<string, number> {
  const shown: Record<string, number> = {}
  for (const { seen } of guests) shown[seen.number.kind] = (shown[seen.number.kind] ?? 0) + 1
  return shown
}

/** Works through the items, `width` of them at a time. */
export async function inTurns<Item>(
  items: readonly Item[],
  width: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = items[Symbol.iterator]()
  const worker = async () => {
    for (const item of queue) await work(item)
  }
  await Promise.all(Array.from({ length: width }, worker))
}
