import type { Link } from '../../config/nats.ts'
import { pack } from '../../config/pack.ts'
import { streams, subjects } from '../../core/wire/subjects.ts'
import { siteKey } from '../system.ts'
import { canaries } from './canaries.ts'

/** What none of our processes writes, with canaries in it, on every subject that one of them reads. */

/** Whole values that stand before something else are what msgpackr quotes when it refuses them. */
const bodies: readonly Buffer[] = [
  Buffer.from(`${canaries.phone} ${canaries.email}`),
  Buffer.concat([pack({ a: canaries.phone, mail: canaries.email }), Buffer.from(canaries.name)]),
  pack({ kind: canaries.email, tenant: canaries.phone, status: { current: canaries.name } }),
  pack(canaries.phone),
  pack(null),
  Buffer.of(),
]

/** Entries that cannot be decoded, or decoded and are nonsense; each is set aside. */
export async function poisonWithCanaries(link: Link): Promise<void> {
  const message = { version: 1, producer: canaries.click, lane: 'visit', replyTo: '' }
  const clear = {
    ...{ kind: 'hello', tenant: 'bench', site: siteKey },
    ...{ visitor: canaries.visitor, freshSession: canaries.tab, tab: canaries.tab },
  }
  const event = (inner: object) => [{ clear: inner, personal: null }]
  const poison = [
    ...bodies.slice(0, 2),
    pack({ ...message, version: 99, counter: 1, events: [canaries.name] }),
    pack({ ...message, counter: 2, events: event({ kind: canaries.email }) }),
    pack({ ...message, counter: 3, events: event({ ...clear, page: null, targets: 5 }) }),
  ]
  for (const [at, body] of poison.entries())
    await link.store(subjects.log(0), body, `poison-${Date.now()}-${at}`, 5_000)
}
export const poisonCount = 5

/** Core NATS: what gateways and workers say to each other, and a result that no owner wrote. */
export async function junkWithCanaries(link: Link, gateways: readonly string[]): Promise<void> {
  const subjectsRead = [
    ...[0, 1, 2, 3].flatMap(partition => [
      subjects.control(partition),
      subjects.intake(partition),
      subjects.rights(partition),
    ]),
    subjects.positions,
    ...gateways.flatMap(id => [subjects.gateway(id), `${subjects.gatewayAcks(id)}.call.0.1`]),
  ]
  for (const subject of subjectsRead) for (const body of bodies) link.publish(subject, body)
  for (const [at, body] of bodies.entries())
    if (body.length > 0)
      await link.store(subjects.results('bench', 'call'), body, `junk-${Date.now()}-${at}`, 5_000)
  await link.flush()
  await link.streamState(streams.results)
}
