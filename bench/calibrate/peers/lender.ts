import type { Policy, Said } from '../drive.ts'
import type { Call, Visit } from '../traffic.ts'

/** What the published ways of lending numbers have in common: a list of numbers, and who was shown each last. */

export type Terms = {
  readonly name: string
  readonly size: number
  /** After its last sign of life a visit keeps its number for so long. */
  readonly holdMs: number
  /** For so long after that sign of life a call is the visitor's, unless somebody else was shown the number since. */
  readonly countsMs: number
  /** With every number held: the page's own is shown, or the one that was seen longest ago is given away. */
  readonly whenEmpty: 'own number' | 'oldest'
  /** A visitor who comes back sees the number of before, whoever else saw it since. */
  readonly remembersVisitors: boolean
  /** A caller whom nothing else tells of is whoever called from there before. */
  readonly remembersCallers: boolean
}

type Lent = { readonly number: string; visitor: string | null; seenAt: number }

const numberAt = (place: number) => `number-${place}`

export type Lender = Policy & {
  /** The largest share of the numbers that was held at once. */
  readonly peak: () => number
}

export function createLender(terms: Terms): Lender {
  const pool: Lent[] = Array.from({ length: terms.size }, (_, place) => ({
    number: numberAt(place),
    visitor: null,
    seenAt: Number.NEGATIVE_INFINITY,
  }))
  const byNumber = new Map(pool.map(lent => [lent.number, lent]))
  const shown = new Map<string, Lent>()
  const callers = new Map<string, string>()
  let peak = 0
  const isHeld = (lent: Lent, at: number) => at < lent.seenAt + terms.holdMs
  const lend = (visit: Visit, at: number) => {
    const before = shown.get(visit.visitor)
    const keeps = before !== undefined && before.visitor === visit.visitor && isHeld(before, at)
    if (keeps || (before !== undefined && terms.remembersVisitors)) return see(before as Lent, visit, at)
    const oldest = pool.reduce((one, other) => (other.seenAt < one.seenAt ? other : one))
    peak = Math.max(peak, pool.filter(lent => isHeld(lent, at)).length / terms.size)
    shown.delete(visit.visitor)
    if (isHeld(oldest, at) && terms.whenEmpty === 'own number') return
    see(oldest, visit, at)
  }
  const see = (lent: Lent, { visitor }: Visit, at: number) => {
    lent.visitor = visitor
    lent.seenAt = at
    shown.set(visitor, lent)
  }
  const live = (visit: Visit, at: number) => {
    const lent = shown.get(visit.visitor)
    if (lent?.visitor === visit.visitor) lent.seenAt = at
  }
  return {
    name: terms.name,
    numberAt,
    open: lend,
    page: live,
    click: live,
    beat: (visits, at) => {
      for (const visit of visits) live(visit, at)
    },
    shown: ({ visitor }) => shown.get(visitor)?.number ?? null,
    ring: (call, b, at) => answer(terms, byNumber.get(b) as Lent, callers, call, at),
    peak: () => peak,
  }
}

const nobody: Said = { kind: 'unknown', visitor: null, confidence: 0 }

function answer(
  { countsMs, remembersCallers }: Terms,
  { visitor, seenAt }: Lent,
  callers: Map<string, string>,
  { phone }: Call,
  at: number,
): Said {
  const before = phone === null || !remembersCallers ? undefined : callers.get(phone)
  const seen = visitor !== null && at < seenAt + countsMs ? visitor : before
  if (seen === undefined) return nobody
  if (phone !== null) callers.set(phone, seen)
  return { kind: 'attributed', visitor: seen, confidence: 1_000 }
}
