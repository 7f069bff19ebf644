import type { Link } from '../config/nats.ts'
import { pack, unpack } from '../config/pack.ts'
import type { CallRecord } from '../core/outcome.ts'
import type { ControlReply, ControlRequest, PartitionStatus } from '../core/wire/control.ts'
import { subjects } from '../core/wire/subjects.ts'

/**
 * What a gateway asks the owners of partitions, over core NATS. A partition may have several: the answer of one that
 * goes on and has caught up with the log goes before that of any other.
 */
export type Owners = {
  status(partition: number): Promise<PartitionStatus>
  calls(partition: number, tenant: string, call: string): Promise<readonly CallRecord[]>
}

const withinMs = 2_000
const betterWithinMs = 200

export function createOwners(link: Link): Owners {
  const ask = async (partition: number, request: ControlRequest): Promise<ControlReply> => {
    const subject = subjects.control(partition)
    const willDo = (answer: Uint8Array) => isCurrent(unpack(answer) as ControlReply)
    return unpack(
      await link.ask({ subject, data: pack(request), withinMs, betterWithinMs, willDo }),
    ) as ControlReply
  }
  return {
    status: async partition => {
      const reply = await ask(partition, { kind: 'status' })
      if (reply.kind !== 'status') throw new Error('an owner answered something else')
      return reply.status
    },
    calls: async (partition, tenant, call) => {
      const reply = await ask(partition, { kind: 'call', tenant, call })
      return reply.kind === 'calls' ? reply.calls : []
    },
  }
}

function isCurrent(reply: ControlReply): boolean {
  return reply.kind === 'status' ? reply.status.current : reply.current
}
