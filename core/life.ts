import type { Claim, Session } from './records.ts'
import type { State } from './state.ts'
import { numberKey } from './state.ts'

/** When a session lived, and what follows for the numbers it holds. Every border is half-open: alive while T < last + idle. */

export type Phase = 'alive' | 'tail' | 'cooldown' | 'none'

/** The last sign of life at or before `at`, counting only what came before `lifeUntil`; null: none yet. */
export function lastSign(session: Session, at: number, lifeUntil: number | null): number | null {
  const border = lifeUntil === null ? at : Math.min(at, lifeUntil)
  for (let i = session.spans.length - 1; i >= 0; i--) {
    const span = session.spans[i]
    if (span !== undefined && span[0] <= border) return Math.min(span[1], border)
  }
  return null
}

/** The very last sign of life of a session. */
export function lastLife(session: Session): number {
  return session.spans[session.spans.length - 1]?.[1] ?? session.startedAt
}

/** In which phase a claim was at a moment. Later signs of life do not change it: a gap stays a gap. */
export function phaseAt(state: State, claim: Claim, at: number): { phase: Phase; quietMs: number } {
  const session = state.tables.sessions.get(claim.session)
  if (session === undefined || at < claim.from) return { phase: 'none', quietMs: 0 }
  if (claim.voidFrom !== null && at >= claim.voidFrom) return { phase: 'none', quietMs: 0 }
  const last = lastSign(session, at, claim.lifeUntil)
  if (last === null) return { phase: 'none', quietMs: 0 }
  return { phase: phaseAfter(claim, at - last), quietMs: at - last }
}

function phaseAfter(claim: Claim, quietMs: number): Phase {
  if (quietMs < claim.idleMs) return 'alive'
  if (quietMs < claim.idleMs + claim.tailMs) return 'tail'
  return quietMs < claim.idleMs + claim.tailMs + claim.coolDownMs ? 'cooldown' : 'none'
}

/** When a claim's cool-down ends, as far as is known now. */
export function freeAt(state: State, claim: Claim): number {
  if (claim.freeFrom !== null) return claim.freeFrom
  const session = state.tables.sessions.get(claim.session)
  if (session === undefined) return 0
  const last = lastSign(session, Number.MAX_SAFE_INTEGER, claim.lifeUntil) ?? claim.from
  return last + claim.idleMs + claim.tailMs + claim.coolDownMs
}

/** When the last claim on a number ends; 0 for one that was never lent. */
export function numberFreeAt(state: State, tenant: string, number: string): number {
  const record = state.tables.numbers.get(numberKey(tenant, number))
  let latest = 0
  for (const claim of record?.claims ?? []) latest = Math.max(latest, freeAt(state, claim))
  return latest
}

/** Whether a sign of life now would continue the session. */
export function continuable(session: Session, now: number): boolean {
  return session.endedAt === null && now < lastLife(session) + session.keepMs
}
