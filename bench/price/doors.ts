import { fork } from 'node:child_process'
import { once } from 'node:events'
import { WebSocket } from 'ws'
import type { Chance } from '../load/chance.ts'
import { type Caller, openCaller } from '../path/callers.ts'
import { figuresOf, median } from '../path/figures.ts'
import { carrierBearer, priceSite, sides, visitorOrigin } from './tenant.ts'

/** What sealing costs whoever waits for an event, socket in to socket out, in microseconds. */
export type PathPrice = {
  readonly what: Waited
  readonly sealed: { readonly p50: number; readonly p99: number }
  readonly unsealed: { readonly p50: number; readonly p99: number }
  /** The median of the rounds' ratios of p50, and the lowest and highest. */
  readonly ratio: {
    readonly p50: number
    readonly lowest: number
    readonly highest: number
    readonly p99: number
  }
}
/** A page view until it is acknowledged, a new visitor's hello until the welcome, a new caller's ring until the answer. */
type Waited = (typeof waited)[number]
type Side = (typeof sides)[number]
const waited = ['page', 'hello', 'ring'] as const

export type DoorCounts = { readonly rounds: number; readonly perRound: number; readonly warmUp: number }

/** A lone visitor's message leaves at once where the one before it is some milliseconds past: closer, the pace of the lane is measured. */
const apartMs = 6

type Door = { readonly [What in Waited]: () => Promise<unknown> }

/** One event after the other, by the two doors of one system in turns. */
export async function measureDoors(counts: DoorCounts, chance: Chance): Promise<PathPrice[]> {
  const child = fork(new URL('./twoGateways.ts', import.meta.url).pathname, [], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const leave = () => void child.kill('SIGTERM')
  process.once('exit', leave)
  const [said] = (await once(child, 'message')) as [{ port?: number; failed?: string }]
  if (said.port === undefined) throw new Error(`the two doors did not open: ${said.failed}`)
  const open = await Promise.all(sides.map(side => openDoor(said.port as number, side, chance)))
  const doors = Object.fromEntries(sides.map((side, place) => [side, open[place]])) as Record<
    Side,
    Door & { close(): void }
  >
  try {
    const prices: PathPrice[] = []
    for (const what of waited) prices.push(await priceOf(doors, what, counts, chance))
    return prices
  } finally {
    for (const door of open) door.close()
    const exited = once(child, 'exit')
    child.send('stop')
    await exited
    process.off('exit', leave)
  }
}

async function priceOf(
  doors: Record<Side, Door>,
  what: Waited,
  counts: DoorCounts,
  chance: Chance,
): Promise<PathPrice> {
  const rounds: Record<Side, { p50: number; p99: number }[]> = { sealed: [], unsealed: [] }
  await taken(doors, what, counts.warmUp, chance)
  for (let round = 0; round < counts.rounds; round += 1) {
    const found = await taken(doors, what, counts.perRound, chance)
    for (const side of sides) rounds[side].push(figuresOf(found[side]))
  }
  const of = (side: Side, figure: 'p50' | 'p99') => median(rounds[side].map(one => one[figure]))
  const ratios = rounds.sealed.map((one, round) => one.p50 / (rounds.unsealed[round]?.p50 ?? Number.NaN))
  const both = (side: Side) => ({ p50: of(side, 'p50'), p99: of(side, 'p99') })
  return {
    what,
    sealed: both('sealed'),
    unsealed: both('unsealed'),
    ratio: {
      p50: median(ratios),
      lowest: Math.min(...ratios),
      highest: Math.max(...ratios),
      p99: of('sealed', 'p99') / of('unsealed', 'p99'),
    },
  }
}

/** So many by each door, in random order, so that whatever else the machine does falls on both alike. */
async function taken(
  doors: Record<Side, Door>,
  what: Waited,
  count: number,
  chance: Chance,
): Promise<Record<Side, number[]>> {
  const found: Record<Side, number[]> = { sealed: [], unsealed: [] }
  for (let turn = 0; turn < count; turn += 1) {
    for (const side of chance.shuffled(sides)) {
      const sentAt = performance.now()
      await doors[side][what]()
      found[side].push(performance.now() - sentAt)
      await new Promise(resolve => setTimeout(resolve, apartMs))
    }
  }
  return found
}

type Frame = { readonly type: string; readonly numbers?: readonly { readonly e164: string }[] }

const visitorsPerDoor = 8

async function openDoor(port: number, side: Side, chance: Chance): Promise<Door & { close(): void }> {
  const visitors = await Promise.all(Array.from({ length: visitorsPerDoor }, () => openVisitor(port, side)))
  const hello = () => ({
    type: 'hello',
    visitor: chance.id(),
    tab: chance.id(),
    page: { id: 1, url: `${visitorOrigin}/?utm_source=bench&utm_medium=cpc` },
  })
  const welcomes = await Promise.all(visitors.map(ask => ask(hello())))
  const number = welcomes[0]?.numbers?.[0]?.e164 ?? ''
  const carrier = {
    bearer: carrierBearer,
    calls: side,
    first: side === 'sealed' ? 20_000_000 : 30_000_000,
    path: `/v1/${side}/bench`,
  }
  const caller: Caller = await openCaller(port, carrier)
  const state = { turn: 0, page: 1 }
  const next = () => visitors[state.turn++ % visitorsPerDoor] as Ask
  return {
    page: async () => {
      state.page += 1
      const frame = await next()({
        type: 'page',
        id: state.page,
        url: `${visitorOrigin}/page-${state.page}`,
        title: 'Garden chairs',
      })
      if (frame.type !== 'ack') throw new Error(`a page view was answered with ${frame.type}`)
    },
    hello: () => next()(hello()),
    ring: () => caller.ring(number),
    close: () => {
      caller.close()
      for (const ask of visitors) ask.close()
    },
  }
}

type Ask = ((frame: object) => Promise<Frame>) & { close(): void }

async function openVisitor(port: number, side: Side): Promise<Ask> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/v1/${side}?site=${priceSite}`, {
    headers: { origin: visitorOrigin },
    perMessageDeflate: false,
  })
  await once(socket, 'open')
  const ask = async (frame: object) => {
    const answered = once(socket, 'message')
    socket.send(JSON.stringify(frame))
    const [text] = (await answered) as [Buffer]
    const answer = JSON.parse(String(text)) as Frame
    if (answer.type === 'error') throw new Error(`refused: ${String(text)}`)
    return answer
  }
  return Object.assign(ask, { close: () => socket.close() })
}
