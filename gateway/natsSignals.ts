import type { Incoming, Link } from '../config/nats.ts'
import { subjects } from '../core/wire/subjects.ts'
import type { Calls } from './calls.ts'
import { isRefused } from './carriers/carrier.ts'
import { generic, parseSignal } from './carriers/generic.ts'
import { errorBody } from './carriers/refusal.ts'
import type { Tenants } from './tenants.ts'

const decoder = new TextDecoder()
const encoder = new TextEncoder()

/**
 * Call signals as requests to `signals.<tenant>`: the generic form in JSON, answered like over HTTP. Gateways share the
 * requests as one queue group. Whoever may publish there is trusted by NATS's own permissions.
 */
export function answerNatsSignals(link: Link, tenants: Tenants, calls: Calls): { stop(): void } {
  return link.subscribe(subjects.everySignal, message => answer(tenants, calls, message), 'gateways')
}

function answer(tenants: Tenants, calls: Calls, message: Incoming): void {
  const respond = (value: object) => message.respond(encoder.encode(JSON.stringify(value)))
  const tenant = tenants.tenant(message.subject.slice(message.subject.lastIndexOf('.') + 1))
  if (tenant === undefined) return respond(errorBody('unknown-tenant'))
  const signal = parse(message.data)
  if (isRefused(signal)) return respond(errorBody(signal.problem))
  calls.take(tenant, generic.name, signal, answered =>
    respond(isRefused(answered) ? errorBody(answered.problem) : answered),
  )
}

function parse(data: Uint8Array): ReturnType<typeof parseSignal> {
  try {
    return parseSignal(JSON.parse(decoder.decode(data)))
  } catch {
    return { problem: 'not-json' }
  }
}
