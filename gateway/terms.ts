import type { Link } from '../config/nats.ts'
import { unpack } from '../config/pack.ts'
import type { Terms } from '../core/keptFor.ts'
import { limits } from '../core/limits.ts'
import type { TermsSaid } from '../core/wire/control.ts'
import { subjects } from '../core/wire/subjects.ts'
import { createAsking } from './asking.ts'
import type { Owners } from './owners.ts'
import type { Tenant } from './tenants.ts'

/**
 * For how long data is kept, as it is in force and not as our file says: it changes while we run, and the file of one
 * gateway may be older than that of another. Before an owner has said it, the file is all there is.
 */
export type TermsInForce = {
  of(policy: Terms & { readonly tenant: string }): Terms
  /** Resolves when the terms of every tenant are here, or when so much time is over. */
  known(withinMs: number): Promise<void>
  stop(): void
}

export type TermsSetup = {
  readonly link: Pick<Link, 'subscribe' | 'reconnects'>
  readonly owners: Pick<Owners, 'ask'>
  readonly tenants: readonly Pick<Tenant, 'partition'>[]
}

type Known = { readonly terms: Terms; readonly at: number }

export function createTerms({ link, owners, tenants }: TermsSetup): TermsInForce {
  const known = new Map<string, Known>()
  const hear = ({ tenants: said, at }: TermsSaid) => {
    for (const { tenant, ...terms } of said)
      if (at >= (known.get(tenant)?.at ?? 0)) known.set(tenant, { terms, at })
  }
  const heard = link.subscribe(subjects.everyTerm, message => hear(unpack(message.data) as TermsSaid))
  const partitions = [...new Set(tenants.map(({ partition }) => partition))]
  const askFor = async (partition: number) => {
    const reply = await owners.ask(partition, { kind: 'terms' })
    if (reply.kind !== 'terms' || !reply.current) throw new Error('an owner that cannot know it yet')
    hear(reply.said)
  }
  const asking = createAsking(
    link,
    partitions.map(partition => ({ partition, ask: () => askFor(partition) })),
    limits.termsAskedEveryMs,
  )
  return {
    of: policy => known.get(policy.tenant)?.terms ?? policy,
    known: asking.answered,
    stop: () => {
      asking.stop()
      heard.stop()
    },
  }
}
