import { callersCalls, type Link, latestLink } from '../../core/caller.ts'
import { holdersAt, isNamed, lastHolderAt, type Named, restAt } from '../../core/holders.ts'
import type { Signal } from '../../core/input.ts'
import type { Question } from '../../core/match.ts'
import type { State, TenantIndex } from '../../core/state.ts'
import {
  borders,
  busyPlace,
  callerPlace,
  clickPlace,
  mixedPlace,
  placeOf,
  rungPlace,
} from '../../core/weigh.ts'
import { drive, warmUpMs } from './drive.ts'
import { createOurs } from './ours.ts'
import { trafficOf } from './people.ts'
import type { Shape } from './shape.ts'
import type { Call } from './traffic.ts'
import { type Weight, weightAt } from './tables.ts'

/** What is seen of a call, in the places of the tables, beside the truth: from this the weights are made. */

export type Seen = {
  /** Who may have called, by the weights that speak for each. */
  readonly suspects: readonly { readonly weights: readonly Weight[]; readonly isRight: boolean }[]
  /** The weights of nobody who is known. */
  readonly nobody: readonly Weight[]
}

/** What the core sees of each call of a shape of which anybody at all is suspected. */
export function seenIn(shape: Shape): Seen[] {
  const all: Seen[] = []
  const watch = (state: State, signal: Signal, call: Call, at: number) => {
    const seen = at < warmUpMs ? null : seenOf(state, signal, call)
    if (seen !== null) all.push(seen)
  }
  drive(trafficOf(shape), createOurs(shape, watch))
  return all
}

function seenOf(state: State, { tenant, carrier, call: id, a, b }: Signal, call: Call): Seen | null {
  const index = state.tenants.get(tenant) as TenantIndex
  const asked = { index, carrier, call: id, a, b, at: state.now, ahead: false, restricted: false }
  const holders = holdersAt(state, asked, false).filter(isNamed)
  const last = holders.length === 0 ? lastHolderAt(state, asked) : null
  const [only] = last === null ? holders : [last]
  const link = latestLink(callersCalls(index, a), asked, state.now)
  const isRight = (visitor: string) => call.person?.browsers.includes(visitor) === true
  const suspects = (last === null ? holders : [last]).map(holder => ({
    weights: [
      ...holderWeights(state, asked, holder),
      ...(holders.length > 1 ? [] : [restWeight(state, asked, only as Named)]),
    ],
    isRight: isRight(holder.session.visitor),
  }))
  const isListed = [...holders, last].some(one => one?.session.visitor === link?.to.visitor)
  if (link !== null && !isListed) {
    // Somebody in another browser than before has the number: that visit made it ring, not the one of before.
    const isHolder = suspects.some(one => one.isRight)
    suspects.push({
      weights: linkWeights(state, link, asked),
      isRight: !isHolder && isRight(link.to.visitor),
    })
  }
  const crowd = holders.length > 1 ? [weightAt('crowd', placeOf(borders.crowd, holders.length))] : []
  const busy = (of: Named) => weightAt('busy', busyPlace(asked, of.claims, state.now))
  const rung = () => weightAt('rung', rungPlace(asked, state.now))
  const nobody = only === undefined ? [] : [...crowd, busy(only), rung()]
  return suspects.length === 0 ? null : { suspects, nobody }
}

function holderWeights(state: State, asked: Question, holder: Named): Weight[] {
  const { claim, session, quietMs } = holder
  const calls = callersCalls(asked.index, asked.a)
  return [
    weightAt('quiet', placeOf(borders.quiet, quietMs)),
    weightAt('shown', placeOf(borders.shown, asked.at - quietMs - claim.from)),
    weightAt('clicked', clickPlace(session, asked)),
    weightAt('caller', callerPlace(calls, asked, holder, state.now)),
  ]
}

function restWeight(state: State, asked: Question, holder: Named): Weight {
  return weightAt('rested', placeOf(borders.rested, restAt(state, asked, holder)))
}

function linkWeights(state: State, { rangAt, b, to }: Link, asked: Question): Weight[] {
  return [
    weightAt('known', placeOf(borders.known, asked.at - rangAt)),
    weightAt('knownSure', placeOf(borders.knownSure, to.confidence)),
    weightAt('redialled', b === asked.b ? 1 : 0),
    weightAt('mixed', mixedPlace(callersCalls(asked.index, asked.a), asked, state.now)),
  ]
}
