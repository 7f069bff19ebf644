import { limits } from '../core/limits.ts'
import type { Reply } from '../core/wire/reply.ts'
import type { SessionId } from '../core/words.ts'
import type { Intake } from './intake.ts'
import type { Tenant, Tenants } from './tenants.ts'

/** Signs of life are held back for at most a tenth of the shortest heartbeat, then leave together, one entry a tenant. */
export type Beats = { seen(tenant: Tenant, session: SessionId): void; stop(): void }

export function createBeats(intake: Intake, tenants: Tenants, gone: (reply: Reply) => void): Beats {
  const seen = new Map<Tenant, Set<SessionId>>()
  const flush = () => {
    for (const [tenant, sessions] of seen) {
      seen.delete(tenant)
      sendBeats(intake, tenant, [...sessions], gone)
    }
  }
  let timer: NodeJS.Timeout
  // The configuration may change how long they may be held back.
  const goOn = () => {
    timer = setTimeout(() => {
      flush()
      goOn()
    }, holdBackMs(tenants))
  }
  goOn()
  return {
    seen: (tenant, session) => {
      const sessions = seen.get(tenant) ?? new Set()
      sessions.add(session)
      seen.set(tenant, sessions)
    },
    stop: () => {
      clearTimeout(timer)
      flush()
    },
  }
}

function holdBackMs(tenants: Tenants): number {
  const heartbeats = tenants.all.flatMap(tenant =>
    tenant.config.sites.map(site => tenants.site(site.key)?.heartbeatMs ?? 30_000),
  )
  return Math.max(20, Math.floor(Math.min(30_000, ...heartbeats) / 10))
}

function sendBeats(
  intake: Intake,
  tenant: Tenant,
  sessions: SessionId[],
  gone: (reply: Reply) => void,
): void {
  for (let at = 0; at < sessions.length; at += limits.beatsPerEntryMax) {
    const clear = {
      kind: 'beats',
      tenant: tenant.id,
      sessions: sessions.slice(at, at + limits.beatsPerEntryMax),
    } as const
    // A refusal is harmless: the next heartbeat says the same.
    intake.submit('visit', tenant.partition, { clear, personal: null }, { replied: gone })
  }
}
