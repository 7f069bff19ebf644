import { parseCaller, parsePhoneNumber } from '../config/phoneNumbers.ts'
import { limits } from '../core/limits.ts'
import type { ProblemCode } from '../core/problems.ts'
import type { LogEvent } from '../core/wire/log.ts'
import type { Reply } from '../core/wire/reply.ts'
import type { SignalAnswer } from '../core/wire/signal.ts'
import type { PhoneNumber } from '../core/words.ts'
import { deferredAnswer, toAnswer } from './answers.ts'
import { type CarrierSignal, isRefused, type Refused } from './carriers/carrier.ts'
import type { Intake } from './intake.ts'
import type { Metrics } from './metrics.ts'
import type { Pseudonyms } from './pseudonyms.ts'
import type { Sealer } from './seal.ts'
import type { Tenant } from './tenants.ts'

export type CallsSetup = {
  readonly intake: Intake
  readonly pseudonyms: Pseudonyms
  readonly sealer: Sealer
  readonly metrics: Metrics
  readonly clock: () => number
}

/** Takes one signal of a call and answers it within the routing budget, whatever the log and the worker do. */
export type Calls = {
  take(tenant: Tenant, carrier: string, signal: CarrierSignal): Promise<SignalAnswer | Refused>
}

export function createCalls(setup: CallsSetup): Calls {
  return {
    take: async (tenant, carrier, signal) => {
      const began = performance.now()
      const answer = await takeSignal(setup, tenant, carrier, signal)
      setup.metrics.observe('ringtrail_answer_seconds', (performance.now() - began) / 1_000)
      if (isRefused(answer)) setup.metrics.add('ringtrail_refused_total', [answer.problem])
      else setup.metrics.add('ringtrail_answers_total', [answer.match.kind])
      return answer
    },
  }
}

async function takeSignal(
  setup: CallsSetup,
  tenant: Tenant,
  carrier: string,
  signal: CarrierSignal,
): Promise<SignalAnswer | Refused> {
  const b = parsePhoneNumber(signal.b)
  if (b === null) return { problem: 'not-a-phone-number' }
  setup.metrics.add('ringtrail_events_total', [signal.state])
  const reply = await ask(setup, tenant, signalEvent(setup, tenant, carrier, signal, b))
  if (reply === 'late') return defer(setup, tenant, signal, b)
  if (reply.kind === 'call') return toAnswer(signal.call, reply.match, reply.forward)
  if (reply.kind !== 'problem') return { problem: 'log-unavailable' }
  if (signal.derived && reply.code === 'call-conflict')
    return deferredAnswer(signal.call, forwardOf(tenant, b), 'derived')
  return { problem: reply.code }
}

function signalEvent(
  setup: CallsSetup,
  tenant: Tenant,
  carrier: string,
  signal: CarrierSignal,
  b: PhoneNumber,
): LogEvent {
  const a = signal.a === null ? null : parseCaller(signal.a)
  const c = signal.c === null ? null : parsePhoneNumber(signal.c)
  const { state, call, reason } = signal
  const pseudonym = (number: PhoneNumber | null) =>
    number === null ? null : setup.pseudonyms.pseudonym(tenant.id, number)
  return {
    clear: {
      kind: 'signal',
      tenant: tenant.id,
      carrier,
      call,
      state,
      a: pseudonym(a),
      b,
      c: pseudonym(c),
      statedAt: signal.at,
      takenAt: setup.clock(),
      spooled: false,
      reason,
    },
    personal: setup.sealer.seal({ a, c }),
  }
}

/** The worker's reply, or `late` when the routing budget is used up. */
function ask(setup: CallsSetup, tenant: Tenant, event: LogEvent): Promise<Reply | 'late'> {
  return new Promise(resolve => {
    const timer = setTimeout(() => resolve('late'), limits.routingBudgetMs)
    const finish = (reply: Reply) => {
      clearTimeout(timer)
      resolve(reply)
    }
    const problem = setup.intake.submit('call', tenant.partition, event, { replied: finish })
    if (problem === null) return
    setup.metrics.add('ringtrail_shed_total', ['signal'])
    finish({ kind: 'problem', code: problem })
  })
}

/** The caller is put through from our own table; the signal is on the disk before we say that we have it. */
async function defer(
  setup: CallsSetup,
  tenant: Tenant,
  signal: CarrierSignal,
  b: PhoneNumber,
): Promise<SignalAnswer | Refused> {
  try {
    await setup.intake.spool(tenant.partition)
  } catch {
    return { problem: 'log-unavailable' satisfies ProblemCode }
  }
  return deferredAnswer(signal.call, forwardOf(tenant, b), 'deferred:routing-budget')
}

function forwardOf(tenant: Tenant, b: PhoneNumber): PhoneNumber | null {
  return tenant.forwards.get(b) ?? tenant.policy.defaultForward
}
