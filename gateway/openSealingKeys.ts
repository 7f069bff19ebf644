import type { Link } from '../config/nats.ts'
import { createAsking } from './asking.ts'
import { createSealingKeys, type SealingKeys } from './sealingKeys.ts'
import type { SpareTime } from './spareTime.ts'
import type { Tenants } from './tenants.ts'
import type { Wrapping } from './wrapping.ts'

const lookEveryMs = 1_000

/** The keys of a gateway that runs: it makes them ahead of need. */
export function openSealingKeys(setup: {
  readonly link: Pick<Link, 'subscribe' | 'reconnects'>
  readonly wrapping: Pick<Wrapping, 'wrapAhead' | 'whenReplaced'>
  readonly tenants: Pick<Tenants, 'all' | 'tenant'>
  readonly spareTime: SpareTime
  readonly clock: () => number
}): SealingKeys & { stop(): void } {
  const { link, wrapping, tenants, spareTime, clock } = setup
  const keys = createSealingKeys(clock, {
    later: spareTime.later,
    wrap: (tenant, key) => {
      const partition = tenants.tenant(tenant)?.partition
      return partition === undefined ? null : wrapping.wrapAhead(partition, key)
    },
  })
  // The half that they were wrapped for is about to be destroyed.
  wrapping.whenReplaced(keys.dropPrepared)
  const looking = setInterval(keys.dropOver, lookEveryMs)
  // Who was erased or put right while this gateway could not hear it: what is sealed under their old keys nobody can open.
  const missing = createAsking(
    link,
    tenants.all.map(({ id, partition }) => ({ partition, ask: async () => keys.forgetTenant(id) })),
  )
  const stop = () => {
    missing.stop()
    clearInterval(looking)
    spareTime.stop()
    keys.dropPrepared()
  }
  return { ...keys, stop }
}
