import { randomBytes } from 'node:crypto'
import type { Static } from 'typebox'
import { type Breach, type BreachScope, detailOf, nextPhase } from '../../core/breach.ts'
import { looksPersonal } from '../../core/looksPersonal.ts'
import { type AdminDesk, jsonAnswer } from '../adminDesk.ts'
import type { Asked } from '../adminRoute.ts'
import { refusal } from '../admission.ts'
import { NoAnswer } from '../owners.ts'
import type { Tenant } from '../tenants.ts'
import type { Answer } from '../uws.ts'
import type { openBodyOfProcessor, phaseBody } from './breachShapes.ts'

/** Opens breaches, lists them, moves their phases. Each is a note in the chain of whose it is, and of whom it concerns. */

type With<Body> = Asked & { readonly body: Body }

export async function openBreach(
  desk: AdminDesk,
  asked: With<Static<typeof openBodyOfProcessor>>,
): Promise<Answer> {
  const { body, place } = asked
  const now = desk.clock()
  const awareAt = body.awareAt === undefined ? now : Date.parse(body.awareAt)
  const scope = scopeOf(body, now)
  if (scope === null) return refusal('not-valid', 'from has to be earlier than to.')
  if (!(awareAt <= now)) return refusal('not-valid', 'awareAt has to be a time that is not in the future.')
  if (looksPersonal(body.reference ?? '')) return refusal('looks-personal')
  if (scope.tenants?.some(id => desk.tenants.tenant(id) === undefined) === true)
    return refusal('unknown-tenant')
  if (scope.partitions?.some(number => number >= desk.config.partitions) === true)
    return refusal('unknown-partition')
  const id = randomBytes(16).toString('base64url')
  const detail = { nature: body.nature, awareAt, ...detailOf(scope) }
  const problem = await asked.note({
    ...{ action: 'breach-opened', request: id, purpose: body.reference ?? null, detail },
  })
  if (problem !== null) return refusal(problem)
  const opened = (await breachesAt(desk, place)).find(breach => breach.id === id)
  return opened === undefined ? refusal('not-now') : jsonAnswer(200, showBreach(opened, now))
}

export async function listBreaches(desk: AdminDesk, { place }: Asked): Promise<Answer> {
  const now = desk.clock()
  const breaches = [...(await breachesAt(desk, place))].sort((a, b) => a.openedAt - b.openedAt)
  return jsonAnswer(200, { breaches: breaches.map(breach => showBreach(breach, now)) })
}

export async function movePhase(desk: AdminDesk, asked: With<Static<typeof phaseBody>>): Promise<Answer> {
  const { body, place } = asked
  const breach = await breachAsked(desk, asked)
  if (breach === null) return refusal('unknown-breach')
  if (nextPhase(breach) !== body.phase) return refusal('phase-out-of-order')
  if (looksPersonal(body.reference ?? '')) return refusal('looks-personal')
  const facts = {
    ...({ action: 'breach-phase', request: breach.id, purpose: body.reference ?? null } as const),
    detail: { phase: body.phase },
  }
  // Whom it concerns first: where one of them cannot take it, it is asked for again.
  for (const tenant of place.tenant === '' ? concerned(desk, breach) : []) {
    const problem = await desk.noting(placeOf(tenant), asked.noteOf(facts))
    if (problem !== null) return refusal(problem)
  }
  const problem = await asked.note(facts)
  if (problem !== null) return refusal(problem)
  const moved = await breachAsked(desk, asked)
  return moved === null ? refusal('not-now') : jsonAnswer(200, showBreach(moved, desk.clock()))
}

/** The breach of the path, among those of whose it is that is asked. */
export async function breachAsked(desk: AdminDesk, { place, params }: Asked): Promise<Breach | null> {
  return (await breachesAt(desk, place)).find(({ id }) => id === params.breach) ?? null
}

async function breachesAt({ owners }: AdminDesk, place: Asked['place']): Promise<readonly Breach[]> {
  const reply = await owners.ask(place.partition, { kind: 'breaches', tenant: place.tenant })
  if (reply.kind !== 'breaches' || !reply.current) throw new NoAnswer('no owner has all breaches')
  return reply.breaches
}

/** Whose data may lie in the scope: the tenant that opened it, or those that the processor named. */
export function concerned({ tenants }: AdminDesk, { tenant, scope }: Breach): readonly Tenant[] {
  return tenants.all.filter(
    ({ id, partition }) =>
      (tenant === '' || tenant === id) &&
      scope.tenants?.includes(id) !== false &&
      scope.partitions?.includes(partition) !== false,
  )
}

export function placeOf({ id, partition }: Tenant): Asked['place'] {
  return { tenant: id, partition }
}

function scopeOf(
  { from, to, tenants, partitions, actors }: Static<typeof openBodyOfProcessor>,
  now: number,
): BreachScope | null {
  const [fromMs, toMs] = [from === undefined ? 0 : Date.parse(from), to === undefined ? now : Date.parse(to)]
  if (!(fromMs < toMs)) return null
  return {
    ...{ fromMs, toMs, tenants: tenants ?? null, partitions: partitions ?? null, actors: actors ?? null },
  }
}

function showBreach(breach: Breach, now: number) {
  const { scope, phases, awareAt, dueAt, openedAt, tenant, ...rest } = breach
  const iso = (at: number) => new Date(at).toISOString()
  const next = nextPhase(breach)
  const standing =
    next === null ? 'closed' : phases.length > 0 ? 'told' : now > dueAt ? 'overdue' : 'clock-runs'
  return {
    ...rest,
    tenant: tenant === '' ? null : tenant,
    openedAt: iso(openedAt),
    awareAt: iso(awareAt),
    dueAt: iso(dueAt),
    leftMinutes: phases.length > 0 ? 0 : Math.floor(Math.max(0, dueAt - now) / 60_000),
    standing,
    nextPhase: next,
    phases: phases.map(({ phase, at, by }) => ({ phase, at: iso(at), by })),
    scope: {
      from: iso(scope.fromMs),
      to: iso(scope.toMs),
      ...{ tenants: scope.tenants, partitions: scope.partitions, actors: scope.actors },
    },
  }
}
