import { setTimeout as wait } from 'node:timers/promises'
import { breachPack } from '../../config/breach/pack.ts'
import { packText } from '../../config/breach/packText.ts'
import { type Breach, type BreachCounts, nextPhase, together } from '../../core/breach.ts'
import { type AdminDesk, jsonAnswer } from '../adminDesk.ts'
import type { Asked } from '../adminRoute.ts'
import { refusal } from '../admission.ts'
import { NoAnswer } from '../owners.ts'
import type { Answer } from '../uws.ts'
import { processorsPlace } from '../noting.ts'
import { breachAsked, concerned, placeOf } from './breachDesk.ts'

/** Who asks waits this long for a count; then asks again. */
const patienceMs = 1_500
const lookEveryMs = 50

type Counted = { readonly read: number; readonly counts: BreachCounts | null }

/**
 * Puts the figures of a breach together for every controller that it concerns. Asked while they are being counted, it
 * says how far that has come; the count itself goes on in the workers.
 */
export async function makePack(desk: AdminDesk, asked: Asked): Promise<Answer> {
  const breach = await breachAsked(desk, asked)
  if (breach === null) return refusal('unknown-breach')
  const places = concerned(desk, breach).map(placeOf)
  const chains = breach.tenant === '' ? [...places, processorsPlace] : places
  const all = await Promise.all(chains.map(place => countAt(desk, breach, place)))
  const read = all.reduce((sum, one) => sum + one.read, 0)
  const done = all.map(one => one.counts).filter(counts => counts !== null)
  if (done.length < all.length) return jsonAnswer(200, { ready: false, read, controllers: [] })
  const processors = done[places.length]?.measures ?? {}
  const phase = nextPhase(breach) ?? 3
  const controllers = places.map(({ tenant }, index) => {
    const counts = done[index] as BreachCounts
    const facts = { breach, tenant, phase, counts, processorMeasures: processors, nowMs: desk.clock() }
    const pack = breachPack({ config: desk.config, ...facts })
    return { tenant, pack, text: packText(pack), counts }
  })
  for (const [index, { counts }] of controllers.entries()) {
    const problem = await notePack(desk, asked, breach, places[index] as Asked['place'], counts)
    if (problem !== null) return refusal(problem)
  }
  // The processor's own chain knows too; a tenant's own breach is in its chain already.
  if (breach.tenant === '') {
    const facts = { action: 'breach-pack-made', request: breach.id, counts: { controllers: places.length } }
    const problem = await asked.note(facts as Parameters<Asked['note']>[0])
    if (problem !== null) return refusal(problem)
  }
  const told = controllers.map(({ tenant, pack, text }) => ({ tenant, pack, text }))
  return jsonAnswer(200, { ready: true, read, controllers: told })
}

function notePack(
  desk: AdminDesk,
  asked: Asked,
  breach: Breach,
  place: Asked['place'],
  { visitors, callers, records }: BreachCounts,
) {
  const inAll = together(Object.values(records)).count
  const counts = { visitors: visitors.count, callers: callers.count, records: inAll }
  return desk.noting(place, asked.noteOf({ action: 'breach-pack-made', request: breach.id, counts }))
}

/** A count is one job for each pack: the next pack counts anew. */
async function countAt(
  { owners }: AdminDesk,
  breach: Breach,
  { tenant, partition }: Asked['place'],
): Promise<Counted> {
  const { scope, awareAt, id, packs } = breach
  const { fromMs, toMs, actors } = scope
  const job = `${id} ${packs} ${tenant}`
  const until = performance.now() + patienceMs
  for (;;) {
    const question = { kind: 'breach-count', job, tenant, fromMs, toMs, actors, sinceMs: awareAt } as const
    const reply = await owners.ask(partition, question)
    if (reply.kind !== 'breach-count') throw new NoAnswer('an owner answered something else')
    if (reply.counts !== null || performance.now() > until) return reply
    await wait(lookEveryMs)
  }
}
