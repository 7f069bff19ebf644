import { randomBytes } from 'node:crypto'
import { parseNatsUrl } from '../config/addresses.ts'
import type { Config } from '../config/config.ts'
import { openLink } from '../config/nats.ts'
import { applyTenants, type Configured } from './configure.ts'
import { createIntake, type Spool } from './intake.ts'
import { createOwners } from './owners.ts'
import { createTenants } from './tenants.ts'

const answeredWithinMs = 2_000

/** A policy is no call: whoever applies it is told that it failed, and does it again. */
const nothingIsKept: Spool = { keep: async () => undefined, drop: () => undefined }

/** Puts the file's tenants in force where workers run by themselves, and says what became of each. */
export async function applyConfig(
  config: Config,
  again: readonly string[],
): Promise<ReadonlyMap<string, Configured>> {
  const { nats, egress } = config
  const link = await openLink({
    ...parseNatsUrl(nats.url ?? ''),
    peers: egress.peers,
    name: 'ringtrail-apply',
  })
  const gateway = randomBytes(6).toString('hex')
  const boot = randomBytes(8).toString('hex')
  const intake = createIntake({
    link,
    gateway,
    boot,
    spool: nothingIsKept,
    hasRoom: () => true,
    clock: () => performance.now(),
  })
  try {
    const desk = { tenants: createTenants(config), owners: createOwners(link), intake }
    return await applyTenants(desk, { again })
  } finally {
    await intake.drained(answeredWithinMs)
    intake.stop()
    await link.drain()
  }
}
