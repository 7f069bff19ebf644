import type { Link } from '../../config/nats.ts'
import { pack } from '../../config/pack.ts'
import { partitionOfTenant } from '../../config/partitions.ts'
import type { AccessKey } from '../../core/access.ts'
import { limits } from '../../core/limits.ts'
import { type LogEvent, type LogMessage, logVersion, messageId } from '../../core/wire/log.ts'
import type { Note } from '../../core/wire/note.ts'
import { subjects } from '../../core/wire/subjects.ts'

/** As many API keys as a tenant may have, put into the log as a gateway puts them. */
export async function fillKeys(link: Link, tenant: string, partitions: number): Promise<void> {
  const partition = partitionOfTenant(tenant, 0, partitions)
  const events = Array.from({ length: limits.accessKeysPerTenantMax }, (_, index) => eventOf(tenant, index))
  for (let from = 0; from < events.length; from += limits.eventsPerMessageMax) {
    const message: LogMessage = {
      ...{ version: logVersion, producer: 'gateway|keys|control|0', counter: 1 + from, lane: 'control' },
      ...{ replyTo: '', events: events.slice(from, from + limits.eventsPerMessageMax) },
    }
    await link.store(subjects.log(partition), pack(message), messageId(message), 5_000)
  }
}

const byNobody: Note = {
  ...{ action: 'access-key-made', actor: 'local', role: 'machine', subjects: [] },
  ...{ request: null, purpose: null, counts: {}, detail: {} },
}

function eventOf(tenant: string, index: number): LogEvent {
  const access: AccessKey = {
    ...{ tenant, id: `many${String(index).padStart(8, 'a')}`, name: 'many', role: 'analyst' },
    ...{ hash: index.toString(16).padStart(64, '0'), madeAt: Date.now(), madeBy: 'local', expiresAt: null },
    ...{ previous: null, rotatedAt: null, revokedAt: null },
  }
  return { clear: { kind: 'noted', tenant }, personal: null, note: byNobody, access }
}
