import { dayMs } from './hours.ts'
import type { Call, Traffic, Visit } from './traffic.ts'

/** What a way of lending numbers is told and asked. All times are those of the traffic. */
export type Policy = {
  readonly name: string
  /** Numbers of the pool, by place. */
  numberAt(place: number): string
  open(visit: Visit, at: number): void
  page(visit: Visit, at: number): void
  click(visit: Visit, at: number): void
  /** Signs of life of pages that are open. */
  beat(visits: Iterable<Visit>, at: number): void
  /** What the visit shows now; null: the page's own number, of which no tracking system hears. */
  shown(visit: Visit): string | null
  ring(call: Call, b: string, at: number): Said
}

/** Whom a call was attributed to, and how sure that is, of 1,000. */
export type Said = { readonly kind: string; readonly visitor: string | null; readonly confidence: number }

export type Judged = Said & {
  /** It names a browser of the person who called. */
  readonly isRight: boolean
  readonly call: Call
}

const beatEveryMs = 30_000
/** Nothing is judged before there are people who were here before. */
export const warmUpMs = 3 * dayMs

const unheard: Said = { kind: 'own number', visitor: null, confidence: 0 }

/** Tells a policy what happens, and judges what it says of each call. */
export function drive(traffic: Traffic, policy: Policy): Judged[] {
  const judged: Judged[] = []
  const open = new Set<Visit>()
  const notes = new Map<number, string | null>()
  let beatAt = beatEveryMs
  for (const happening of traffic.happenings) {
    const { at } = happening
    for (; beatAt <= at; beatAt += beatEveryMs) if (open.size > 0) policy.beat(open, beatAt)
    if (happening.kind === 'ring') {
      const said = rung(policy, happening.call, notes, at)
      if (at >= warmUpMs) judged.push(judge(said, happening.call))
      continue
    }
    const { visit } = happening
    if (happening.kind === 'note') notes.set(happening.note, policy.shown(visit))
    else if (happening.kind === 'close') open.delete(visit)
    else if (happening.kind === 'click') policy.click(visit, at)
    else if (happening.kind === 'page') policy.page(visit, at)
    else {
      open.add(visit)
      policy.open(visit, at)
    }
  }
  return judged
}

function rung(policy: Policy, call: Call, notes: Map<number, string | null>, at: number): Said {
  const { dials } = call
  const b = 'note' in dials ? (notes.get(dials.note) ?? null) : policy.numberAt(dials.place)
  return b === null ? unheard : policy.ring(call, b, at)
}

function judge(said: Said, call: Call): Judged {
  const isRight = said.visitor !== null && call.person?.browsers.includes(said.visitor) === true
  return { ...said, isRight, call }
}
