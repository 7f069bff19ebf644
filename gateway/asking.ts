import type { Link } from '../config/nats.ts'
import { unpack } from '../config/pack.ts'
import type { IntakeSaid } from '../core/wire/control.ts'
import { subjects } from '../core/wire/subjects.ts'

/**
 * What owners know and a gateway has to know too is said when it changes, and asked for whole by whoever may have missed
 * something: at the start, after the link was away, when an owner begins, and now and then where `everyMs` says so.
 */
export type Asking = {
  /** Resolves when every question is answered, or when so much time is over. */
  answered(withinMs: number): Promise<void>
  stop(): void
}

/** `ask` rejects where the owner cannot know it yet: it is asked again. One question is under way at a time. */
export type Question = { readonly partition: number; readonly ask: () => Promise<void> }

type Open = Question & {
  isDue: boolean
  isAsking: boolean
  /** Not before: an owner that could not answer is left alone for a while. */
  askAt: number
  answeredAt: number
}

const lookAgainMs = 250
const askAgainMs = 1_000

export function createAsking(
  link: Pick<Link, 'subscribe' | 'reconnects'>,
  questions: readonly Question[],
  everyMs = Number.POSITIVE_INFINITY,
): Asking {
  const all: Open[] = questions.map(one => ({
    ...one,
    ...{ isDue: true, isAsking: false, askAt: 0, answeredAt: 0 },
  }))
  const newOwners = hearNewOwners(link, partition => {
    for (const one of all) if (one.partition === partition) one.isDue = true
  })
  let reconnects = link.reconnects()
  const askDue = () => {
    const isBack = link.reconnects() !== reconnects
    reconnects = link.reconnects()
    const now = performance.now()
    for (const one of all) {
      one.isDue ||= isBack || now >= one.answeredAt + everyMs
      if (one.isDue && !one.isAsking && now >= one.askAt) void ask(one)
    }
  }
  const asking = setInterval(askDue, lookAgainMs)
  askDue()
  return {
    answered: withinMs => untilAnswered(all, withinMs),
    stop: () => {
      clearInterval(asking)
      newOwners.stop()
    },
  }
}

async function ask(one: Open): Promise<void> {
  Object.assign(one, { isAsking: true, isDue: false })
  try {
    await one.ask()
    one.answeredAt = performance.now()
  } catch {
    Object.assign(one, { isDue: true, askAt: performance.now() + askAgainMs })
  }
  one.isAsking = false
}

/** An owner that begins may have died after it applied something and before it said so. */
function hearNewOwners(link: Pick<Link, 'subscribe'>, isNew: (partition: number) => void): { stop(): void } {
  const owners = new Map<number, string[]>()
  return link.subscribe(subjects.everyIntake, message => {
    const { partition, owner } = unpack(message.data) as IntakeSaid
    const known = owners.get(partition) ?? []
    if (known.includes(owner)) return
    owners.set(partition, [owner, ...known].slice(0, ownersKnownMax))
    isNew(partition)
  })
}

const ownersKnownMax = 16

async function untilAnswered(all: readonly Open[], withinMs: number): Promise<void> {
  const untilMs = performance.now() + withinMs
  const isAnswered = () => all.every(one => !one.isDue && !one.isAsking)
  while (!isAnswered() && performance.now() < untilMs) await new Promise(resolve => setTimeout(resolve, 10))
}
