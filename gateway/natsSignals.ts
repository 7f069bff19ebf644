import type { Incoming, Link } from '../config/nats.ts'
import type { ProblemCode } from '../core/problems.ts'
import { subjects } from '../core/wire/subjects.ts'
import type { Calls } from './calls.ts'
import { isRefused } from './carriers/carrier.ts'
import { generic, parseSignal } from './carriers/generic.ts'
import { errorBody } from './carriers/refusal.ts'
import type { Metrics } from './metrics.ts'
import type { Tenants } from './tenants.ts'

const decoder = new TextDecoder()
const encoder = new TextEncoder()

export type NatsSignalsSetup = {
  readonly tenants: Tenants
  readonly calls: Calls
  readonly metrics: Metrics
}

/**
 * Call signals as requests to `signals.<tenant>`: the generic form in JSON, answered like over HTTP. Gateways share the
 * requests as one queue group. Whoever may publish there is trusted by NATS's own permissions.
 */
export function answerNatsSignals(link: Link, setup: NatsSignalsSetup): { stop(): void } {
  return link.subscribe(subjects.everySignal, message => answer(setup, message), 'gateways')
}

function answer({ tenants, calls, metrics }: NatsSignalsSetup, message: Incoming): void {
  const respond = (value: object) => message.respond(encoder.encode(JSON.stringify(value)))
  const refuse = (code: ProblemCode) => {
    metrics.add('ringtrail_refused_total', [code])
    respond(errorBody(code))
  }
  const tenant = tenants.tenant(message.subject.slice(message.subject.lastIndexOf('.') + 1))
  if (tenant === undefined) return refuse('unknown-tenant')
  const signal = parse(message.data)
  if (isRefused(signal)) return refuse(signal.problem)
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
