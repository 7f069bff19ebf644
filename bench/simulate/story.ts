import type { Entry, Input } from '../../core/input.ts'
import type { Outcome } from '../../core/outcome.ts'
import type { LogTime, VisitorId } from '../../core/words.ts'
import { type Chance, createChance } from '../load/chance.ts'
import { type Focus, nextMoment } from './moments.ts'
import { type Bounds, createFacts, type Facts, predict } from './oracle/oracle.ts'
import { drawRequest } from './requests.ts'
import { drawInput } from './traffic.ts'
import { changePolicy, drawBounds, drawPolicy } from './world.ts'

/** One message of the log: its events share producer, counter, sequence and time. */
export type Message = readonly Entry[]

/** A log and what the oracle says of each entry. The same seed tells the same story; the core has no part in it. */
export type Story = {
  readonly seed: number
  readonly bounds: Bounds
  readonly messages: readonly Message[]
  readonly expected: readonly (readonly Outcome[])[][]
}

/** What the teller of a story remembers; `facts` are the oracle's, so that borders can be aimed at. */
export type Teller = {
  readonly chance: Chance
  readonly facts: Facts
  readonly tenants: readonly string[]
  readonly visitors: readonly VisitorId[]
  /** The next event id per visitor, site and tab. */
  readonly eventIds: Map<string, number>
  readonly signals: Extract<Input, { kind: 'signal' }>[]
  readonly producers: Producer[]
  readonly sent: Message[]
  /** Whom the moment is about. */
  focus: Focus | null
  versions: number
  calls: number
}

type Producer = { name: string; counter: number; readonly skipped: number[] }

const start = Date.UTC(2026, 0, 1)

export function tell(seed: number, entries: number): Story {
  const chance = createChance(seed)
  const bounds = drawBounds(chance)
  const teller = createTeller(chance, bounds)
  const messages: Message[] = []
  const expected: Outcome[][][] = []
  let count = 0
  while (count < entries) {
    const message = nextMessage(teller, messages.length)
    messages.push(message)
    expected.push(message.map(entry => predict(teller.facts, entry)))
    count += message.length
  }
  return { seed, bounds, messages, expected }
}

/** What the oracle says of other messages than those it told, as shrinking needs it. */
export function retell(story: Story, messages: readonly Message[]): Story {
  const facts = createFacts(story.bounds)
  return {
    ...story,
    messages,
    expected: messages.map(message => message.map(entry => predict(facts, entry))),
  }
}

function createTeller(chance: Chance, bounds: Bounds): Teller {
  const tenants = ['acme', 'bolt', 'cove'].slice(0, 1 + chance.whole(3))
  return {
    chance,
    facts: createFacts(bounds),
    tenants,
    visitors: Array.from({ length: 2 + chance.whole(5) }, () => chance.id() as VisitorId),
    eventIds: new Map(),
    signals: [],
    producers: Array.from({ length: 2 + chance.whole(3) }, (_, index) => ({
      name: `gateway${index}|boot|visit|0`,
      counter: 0,
      skipped: [],
    })),
    sent: [],
    focus: null,
    versions: 0,
    calls: 0,
  }
}

function nextMessage(teller: Teller, place: number): Message {
  const { chance, facts } = teller
  const isFirst = place < teller.tenants.length
  const { at, focus } = place === 0 ? { at: start, focus: null } : nextMoment(chance, facts, teller.focus)
  teller.focus = focus
  const sequence = place * 3 + 1 + chance.whole(3)
  const producer = focus?.producer ?? null
  const said = teller.sent.filter(([entry]) => producer === null || entry?.producer === producer).slice(-40)
  const earlier = said.length === 0 ? undefined : chance.pick(said)
  if (!isFirst && earlier !== undefined && chance.happens(producer === null ? 0.03 : 0.6))
    return earlier.map(entry => ({ ...entry, at: at as LogTime, sequence }))
  const inputs = isFirst ? [configured(teller, teller.tenants[place] as string)] : drawInputs(teller)
  const { name, counter } = nextCounter(teller)
  const message = inputs.map((input, index) => ({
    at: at as LogTime,
    sequence,
    index,
    producer: name,
    counter,
    input,
  }))
  teller.sent.push(message)
  return message
}

/** Mostly gapless; now and then a gap, what was left out coming late, or a producer that begins anew. */
function nextCounter({ chance, producers }: Teller): { name: string; counter: number } {
  const producer = chance.pick(producers)
  const late = producer.skipped.length > 0 && chance.happens(0.3) ? chance.whole(producer.skipped.length) : -1
  if (late >= 0) return { name: producer.name, counter: producer.skipped.splice(late, 1)[0] as number }
  if (chance.happens(0.01)) {
    producer.name = `${producer.name}+`
    producer.counter = chance.whole(3)
    producer.skipped.length = 0
  }
  const step = chance.happens(0.05) ? 2 + chance.whole(chance.happens(0.05) ? 2_000 : 4) : 1
  for (let skipped = 1; skipped < Math.min(step, 5); skipped++)
    producer.skipped.push(producer.counter + skipped)
  producer.counter += step
  return { name: producer.name, counter: producer.counter }
}

function drawInputs(teller: Teller): Input[] {
  const { chance, facts } = teller
  if (chance.happens(teller.focus === null ? 0.05 : 0.1)) return [{ kind: 'pulse' }]
  if (chance.happens(facts.policies.at(-1)?.policy === null ? 0.3 : 0.025)) return [reconfigured(teller)]
  const events = chance.happens(0.15) ? 2 + chance.whole(3) : 1
  return Array.from({ length: events }, () =>
    chance.happens(0.04) ? drawRequest(teller) : drawInput(teller),
  )
}

function configured(teller: Teller, tenant: string): Input {
  teller.versions += 1
  const policy = drawPolicy(teller.chance, tenant)
  return { kind: 'configured', tenant, version: `v${teller.versions}`, policy }
}

function reconfigured(teller: Teller): Input {
  const { chance, facts } = teller
  const known = facts.policies.findLast(one => one.tenant === chance.pick(teller.tenants))
  if (known === undefined) return configured(teller, chance.pick(teller.tenants))
  const { tenant, version, policy } = known
  if (policy === null) return configured(teller, tenant)
  if (chance.happens(0.2)) return { kind: 'configured', tenant, version, policy }
  teller.versions += 1
  return { kind: 'configured', tenant, version: `v${teller.versions}`, policy: changePolicy(chance, policy) }
}
