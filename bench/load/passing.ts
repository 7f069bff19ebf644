import { benchSettings, startSystem, type System, temporaryFolder } from '../system.ts'
import { callerNumber, ringAndEnd } from './caller.ts'
import { type Chance, createChance } from './chance.ts'
import type { Judged } from './tally.ts'
import { createVisitor, type Seen, type Visitor } from './visitor.ts'

/**
 * Visitors who come, stay a few seconds, go, and call then or later, or once more, while the numbers of the pool go
 * round. Hours are seconds here: the policy is short, and so is people's patience. How they behave is a model, stated
 * by `model` beside every figure that it leads to.
 */
export type PassingSetup = { readonly visitors: number; readonly calls: number; readonly seed: number }
export type PassingResult = {
  readonly judged: readonly Judged[]
  readonly numbers: number
  readonly shown: Readonly<Record<string, number>>
}

const times = { idleTimeout: 2_000, tail: 6_000, coolDown: 5_000 } as const
const heldMs = times.idleTimeout + times.tail + times.coolDown
const stayMs = { least: 1_000, most: 5_000 } as const
const windowMs = { least: 20_000, most: 60_000 } as const
const perVisitorMs = 30
/** Every number is lent again about this long after it was lent. */
const roundMs = 26_000
const meanDelayMs = 4_000
const lateMs = { least: 500, most: 6_500 } as const
const share = {
  callsBack: 0.15,
  onPage: 0.35,
  late: 0.05,
  clicks: 0.5,
  stranger: 0.02,
  samePhone: 0.05,
} as const

const percent = (part: number) => `${Math.round(part * 100)} %`
const seconds = (ms: number) => `${ms / 1_000} s`

/** How people behave here, in sentences. */
export const model: readonly string[] = [
  `Idle timeout ${seconds(times.idleTimeout)}, tail ${seconds(times.tail)}, cool-down ${seconds(times.coolDown)}; visits last ${seconds(stayMs.least)} to ${seconds(stayMs.most)}; a number is lent again about ${seconds(roundMs)} after it was lent.`,
  `Of those who call, ${percent(share.onPage)} do so from the page (${percent(share.clicks)} of them click first), ${percent(share.late)} late, and the others after leaving: exponential, ${seconds(meanDelayMs)} in the mean, whoever has the number then.`,
  `${percent(share.callsBack)} of the calls are second calls to the same number, late. Late is ${seconds(lateMs.least)} to ${seconds(lateMs.most)} after the cool-down, or after the first call.`,
  `${percent(share.stranger)} of the calls come from somebody who never visited; ${percent(share.samePhone)} of the visitors share a phone with the one before.`,
]

export async function runPassing(setup: PassingSetup): Promise<PassingResult> {
  const chance = createChance(setup.seed)
  const people = createPeople(setup, chance)
  const numbers = Math.ceil((setup.visitors / lastsMs(setup)) * roundMs)
  const folder = temporaryFolder()
  const system = await startSystem({ dataDir: `${folder.path}/data`, settings: settingsFor(numbers) })
  try {
    const judged: Judged[] = []
    await play([...visits(people, system), ...calls(setup, people, chance, system, judged)])
    return { judged, numbers, shown: await countShown(people) }
  } finally {
    await system.stop()
    folder.remove()
  }
}

const lastsMs = ({ visitors }: PassingSetup) =>
  Math.max(windowMs.least, Math.min(windowMs.most, visitors * perVisitorMs))

function settingsFor(numbers: number): object {
  const last = `+457${String(numbers).padStart(7, '0')}`
  const policy = Object.entries(times).map(([name, ms]) => [name, `${ms}ms`])
  // Not sticky: somebody who comes back is not part of this model.
  return benchSettings({ numbers: [`+4570000001..${last}`], sticky: '0s', ...Object.fromEntries(policy) })
}

type Person = {
  readonly visitor: Visitor
  readonly phone: string
  readonly comesAt: number
  readonly goesAt: number
  /** From the moment of coming on: the welcome, which a busy machine may give late. Whatever follows waits for it. */
  seen: Promise<Seen> | null
}

function createPeople(setup: PassingSetup, chance: Chance): Person[] {
  const people: Person[] = []
  for (let place = 0; place < setup.visitors; place++) {
    const comesAt = chance.whole(lastsMs(setup))
    const goesAt = comesAt + stayMs.least + chance.whole(stayMs.most - stayMs.least)
    const before = chance.happens(share.samePhone) ? people.at(-1)?.phone : undefined
    const visitor = createVisitor(chance.id(), chance.id(), place)
    people.push({ visitor, phone: before ?? callerNumber(place), comesAt, goesAt, seen: null })
  }
  return people
}

/** Something that is to happen at a moment, counted from the beginning. */
type Due = { readonly at: number; readonly act: () => Promise<void> }

function visits(people: readonly Person[], system: System): Due[] {
  return people.flatMap(person => [
    {
      at: person.comesAt,
      act: async () => {
        person.seen = person.visitor.arrive(system.publicPort)
        await person.seen
      },
    },
    {
      at: person.goesAt,
      act: async () => {
        await person.seen
        person.visitor.leave()
      },
    },
  ])
}

type Call = { readonly person: Person; readonly at: number; readonly clicks: boolean }

function calls(
  setup: PassingSetup,
  people: readonly Person[],
  chance: Chance,
  system: System,
  judged: Judged[],
): Due[] {
  const plans: Call[] = []
  const callers = [...people]
  while (plans.length < setup.calls) {
    const earlier = chance.happens(share.callsBack) && plans.length > 0 ? chance.pick(plans) : null
    plans.push(earlier === null ? firstCall(callers, chance) : callBack(earlier, chance))
  }
  return plans.map(({ person, at, clicks }, index) => {
    const stranger = chance.happens(share.stranger)
    const a = stranger ? callerNumber(setup.visitors + index) : person.phone
    const truth = stranger ? '(nobody who visited)' : person.visitor.visitor
    return { at, act: () => ring(system, { person, a, truth, clicks, index }, judged) }
  })
}

function firstCall(callers: Person[], chance: Chance): Call {
  const [person] = callers.splice(chance.whole(callers.length), 1)
  if (person === undefined) throw new Error('there are more calls than visitors')
  const { comesAt, goesAt } = person
  if (chance.happens(share.onPage)) {
    // Between the welcome and the goodbye: a visitor who is still on the way has no number to call.
    const at = comesAt + stayMs.least / 2 + chance.whole(goesAt - comesAt - stayMs.least / 2 - 100)
    return { person, at, clicks: chance.happens(share.clicks) }
  }
  if (chance.happens(share.late / (1 - share.onPage)))
    return { person, at: late(goesAt, chance), clicks: false }
  const delay = -Math.log(1 - chance.whole(1_000_000) / 1_000_000) * meanDelayMs
  return { person, at: goesAt + delay, clicks: false }
}

function callBack({ person, at }: Call, chance: Chance): Call {
  return { person, at: late(Math.max(at - heldMs, person.goesAt), chance), clicks: false }
}

const late = (goesAt: number, chance: Chance) =>
  goesAt + heldMs + lateMs.least + chance.whole(lateMs.most - lateMs.least)

type Ringing = {
  readonly person: Person
  readonly a: string
  readonly truth: string
  readonly clicks: boolean
  readonly index: number
}

async function ring(system: System, ringing: Ringing, judged: Judged[]): Promise<void> {
  const { person, a, truth, clicks, index } = ringing
  if (person.seen === null) throw new Error('a caller never came')
  const { number } = await person.seen
  // Who leaves while the click is on its way calls all the same.
  if (clicks) await person.visitor.click(10 + index).catch(() => undefined)
  const call = { call: `call-${index}`, a, b: number.e164 }
  judged.push({ ...(await ringAndEnd(system.publicPort, call)), truth, shown: number.kind })
}

/** Does everything at its moment, whether or not what came before is done. */
async function play(dues: readonly Due[]): Promise<void> {
  const inOrder = [...dues].sort((one, other) => one.at - other.at)
  const began = performance.now()
  const underWay: Promise<void>[] = []
  const failures: unknown[] = []
  for (const { at, act } of inOrder) {
    const wait = at - (performance.now() - began)
    if (wait > 0) await new Promise(resolve => setTimeout(resolve, wait))
    underWay.push(act().catch(error => void failures.push(error)))
  }
  await Promise.all(underWay)
  if (failures.length > 0) throw failures[0]
}

async function countShown(people: readonly Person[]): Promise<Record<string, number>> {
  const shown: Record<string, number> = {}
  for (const { seen } of people) {
    const kind = (await seen)?.number.kind
    if (kind !== undefined) shown[kind] = (shown[kind] ?? 0) + 1
  }
  return shown
}
