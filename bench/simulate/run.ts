import { createHash, type Hash } from 'node:crypto'
import { pack } from '../../config/pack.ts'
import { checkInvariants } from '../../core/invariants.ts'
import { nextPulseAt } from '../../core/machine.ts'
import type { Outcome } from '../../core/outcome.ts'
import { tablesOf } from '../../core/state.ts'
import { type Chance, createChance } from '../load/chance.ts'
import { agree, spelled } from './compare.ts'
import { type Consumer, createConsumer } from './consumer.ts'
import { checkErased } from './erased.ts'
import { beginCommit, createOwner, finishCommit, live, type Owner, turn } from './owner.ts'
import type { Message, Story } from './story.ts'

/** What broke, and where: the seed, the message, the entry in it. */
export type Failure = {
  readonly seed: number
  readonly step: number
  readonly index: number
  readonly what: string
  readonly input: unknown
  readonly expected: unknown
  readonly got: unknown
}

/** Thrown to leave a run; what it says is put into a `Failure`. */
class Broken extends Error {
  readonly failure: Omit<Failure, 'seed'>
  constructor(failure: Omit<Failure, 'seed'>) {
    super(failure.what)
    this.failure = failure
  }
}

type Run = {
  readonly story: Story
  readonly consumer: Consumer
  /** What was concluded of each message the first time: every other time has to be the same, byte for byte. */
  readonly concluded: Concluded[]
}

type Concluded = { readonly outcomes: Outcome[][]; readonly bytes: Buffer }

export type Ran = {
  readonly failure: Failure | null
  readonly hash: string
  readonly repeatedResults: number
}

/** Runs the core over a story, beside a second owner of the same partition, through crashes of both. */
export function run(story: Story): Ran {
  const ran: Run = { story, consumer: createConsumer(0), concluded: [] }
  const hash = createHash('sha256')
  try {
    runOwners(ran, hash)
    checkResults(ran)
    return { failure: null, hash: hash.digest('hex'), repeatedResults: ran.consumer.repeated }
  } catch (error) {
    if (!(error instanceof Broken)) throw error
    return {
      failure: { seed: story.seed, ...error.failure },
      hash: hash.digest('hex'),
      repeatedResults: ran.consumer.repeated,
    }
  }
}

/** The first owner is looked at after every step; the second lags behind, and nobody asks it anything. */
function runOwners(ran: Run, hash: Hash): void {
  const { story, consumer } = ran
  const [first, second] = [createOwner(story.bounds), createOwner(story.bounds)]
  const [firstChance, secondChance] = [1_000_000, 2_000_000].map(more => createChance(story.seed + more)) as [
    Chance,
    Chance,
  ]
  story.messages.forEach((message, step) => {
    replay(ran, first, step + 1)
    if (live(first, consumer, firstChance)) replay(ran, first, step + 1)
    if (secondChance.happens(0.3)) replay(ran, second, step + 1)
    live(second, consumer, secondChance)
    for (const entry of message) hash.update(String(entry.sequence))
    hash.update((ran.concluded[step] as Concluded).bytes)
  })
  for (const owner of [first, second]) {
    finishCommit(owner, consumer)
    replay(ran, owner, story.messages.length)
    beginCommit(owner)
    finishCommit(owner, consumer)
  }
  const [one, other] = [first, second].map(remembers)
  if (one !== other) broken(story.messages.length - 1, 0, 'two owners remember different things', one, other)
}

function remembers({ state }: Owner): string {
  return spelled(tablesOf(state).map(([name, rows]) => [name, [...rows.entries()].sort()]))
}

/** Applies what the owner has not applied yet: the next message, or all since its last commit. */
function replay(ran: Run, owner: Owner, until: number): void {
  while (owner.applied < until) {
    const step = owner.applied
    const message = ran.story.messages[step] as Message
    const before = ran.concluded[step]
    const outcomes = guarded(ran, owner, step, message)
    const bytes = Buffer.from(pack(outcomes))
    if (before === undefined) {
      checkAgainstOracle(ran, step, message, outcomes)
      ran.concluded.push({ outcomes, bytes })
    } else if (!before.bytes.equals(bytes))
      broken(step, 0, 'applied again, it concludes something else', before.outcomes, outcomes, message)
  }
}

function guarded(ran: Run, owner: Owner, step: number, message: Message): Outcome[][] {
  const isFirstTime = ran.concluded[step] === undefined
  try {
    if (!isFirstTime) return turn(owner, message, () => {})
    const dueAt = nextPulseAt(owner.state)
    const outcomes = turn(owner, message, (state, concluded) => {
      checkInvariants(state)
      checkErased(state, concluded)
    })
    checkPulse(step, message, outcomes, owner, dueAt)
    return outcomes
  } catch (error) {
    if (error instanceof Broken) throw error
    const cause = (error as Error).cause ?? error
    return broken(step, 0, String((cause as Error).stack), ran.story.expected[step], null, message)
  }
}

/** A pulse concludes something only if one was due, and where it concludes nothing none is due any more. */
function checkPulse(
  step: number,
  message: Message,
  outcomes: Outcome[][],
  owner: Owner,
  dueAt: number | null,
): void {
  const said = outcomes.flat()
  if (message[0]?.input.kind !== 'pulse' || said.some(one => one.kind === 'repeated')) return
  const { now } = owner.state
  const concluded = said.filter(one => one.kind !== 'forgotten' || one.because !== 'bound')
  const stillDueAt = nextPulseAt(owner.state)
  if (concluded.length > 0 && (dueAt === null || dueAt > now))
    broken(step, 0, 'a pulse concluded what was not due', { dueAt, now }, outcomes, message)
  if (concluded.length === 0 && stillDueAt !== null && stillDueAt <= now)
    broken(step, 0, 'a pulse is due that concludes nothing', { stillDueAt, now }, outcomes, message)
}

function checkAgainstOracle(ran: Run, step: number, message: Message, outcomes: Outcome[][]): void {
  message.forEach((entry, index) => {
    const expected = ran.story.expected[step]?.[index] ?? []
    const got = outcomes[index] ?? []
    if (!agree(entry.input, expected, got))
      broken(step, index, 'the oracle says otherwise', expected, got, entry)
  })
}

const forOutsiders = ['call-changed', 'session-ended', 'refused']

/** Across all crashes and both owners the consumer saw each result once, and all of them in order. */
function checkResults({ story, consumer, concluded }: Run): void {
  const all = concluded.flatMap(({ outcomes }) => outcomes.flat())
  const wanted = all.filter(one => forOutsiders.includes(one.kind)).map(spelled)
  const place = wanted.findIndex((text, index) => text !== consumer.taken[index])
  if (place >= 0 || wanted.length !== consumer.taken.length)
    broken(story.messages.length - 1, 0, 'results were lost, doubled or out of order', wanted, consumer.taken)
}

function broken(
  step: number,
  index: number,
  what: string,
  expected: unknown,
  got: unknown,
  input: unknown = null,
): never {
  throw new Broken({ step, index, what, expected, got, input })
}
