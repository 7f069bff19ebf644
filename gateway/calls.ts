import { parseCaller, parsePhoneNumber } from '../config/phoneNumbers.ts'
import type { Signal } from '../core/input.ts'
import { limits } from '../core/limits.ts'
import type { ProblemCode } from '../core/problems.ts'
import type { Reply } from '../core/wire/reply.ts'
import type { SignalAnswer } from '../core/wire/signal.ts'
import type { PhoneNumber, Pseudonym } from '../core/words.ts'
import { deferredAnswer, toAnswer } from './answers.ts'
import { type CarrierSignal, isRefused, type Refused } from './carriers/carrier.ts'
import type { Intake } from './intake.ts'
import type { Metrics } from './metrics.ts'
import type { Pseudonyms } from './pseudonyms.ts'
import type { Rights } from './rights.ts'
import type { OutgoingEvent, Sealer } from './seal.ts'
import type { Tenant } from './tenants.ts'

export type CallsSetup = {
  readonly intake: Intake
  readonly pseudonyms: Pseudonyms
  readonly rights: Rights
  readonly sealer: Sealer
  readonly metrics: Metrics
  readonly clock: () => number
}

export type Answered = (answer: SignalAnswer | Refused) => void

/**
 * Takes one signal of a call and answers it within the routing budget, whatever the log and the worker do. The answer
 * leaves before it is counted: a caller waits.
 */
export type Calls = {
  take(tenant: Tenant, carrier: string, signal: CarrierSignal, answered: Answered): void
}

export function createCalls(setup: CallsSetup): Calls {
  return {
    take: (tenant, carrier, signal, answered) => {
      const began = performance.now()
      takeSignal(setup, tenant, carrier, signal, answer => {
        answered(answer)
        setup.metrics.observe('ringtrail_answer_seconds', (performance.now() - began) / 1_000)
        if (isRefused(answer)) setup.metrics.add('ringtrail_refused_total', [answer.problem])
        else setup.metrics.add('ringtrail_answers_total', [answer.match.kind])
      })
    },
  }
}

function takeSignal(
  setup: CallsSetup,
  tenant: Tenant,
  carrier: string,
  signal: CarrierSignal,
  answered: Answered,
): void {
  const b = parsePhoneNumber(signal.b)
  if (b === null) return answered({ problem: 'not-a-phone-number' })
  if (signal.call.length > limits.idCharsMax) return answered(refused(tenant, b, 'not-valid'))
  setup.metrics.add('ringtrail_events_total', [signal.state])
  ask(setup, tenant, signalEvent(setup, tenant, carrier, signal, b), reply => {
    if (reply === 'late') void defer(setup, tenant, signal, b).then(answered)
    else answered(answerOf(tenant, signal, b, reply))
  })
}

function answerOf(
  tenant: Tenant,
  signal: CarrierSignal,
  b: PhoneNumber,
  reply: Reply,
): SignalAnswer | Refused {
  if (reply.kind === 'call') return toAnswer(signal.call, reply.match, reply.forward)
  if (reply.kind !== 'problem') return refused(tenant, b, 'log-unavailable')
  if (signal.derived && reply.code === 'call-conflict')
    return deferredAnswer(signal.call, forwardOf(tenant, b), 'derived')
  return refused(tenant, b, reply.code)
}

function signalEvent(
  setup: CallsSetup,
  tenant: Tenant,
  carrier: string,
  signal: CarrierSignal,
  b: PhoneNumber,
): OutgoingEvent {
  const a = known(setup, tenant, signal.a === null ? null : parseCaller(signal.a))
  const c = known(setup, tenant, signal.c === null ? null : parsePhoneNumber(signal.c))
  const { state, call, reason } = signal
  const clear: Signal = {
    kind: 'signal',
    tenant: tenant.id,
    carrier,
    call,
    state,
    a: a.pseudonym,
    b,
    c: c.pseudonym,
    statedAt: signal.at,
    takenAt: setup.clock(),
    spooled: false,
    reason,
  }
  return setup.sealer.event(tenant.policy, clear, { a: a.number, c: c.number })
}

type Person = { readonly number: PhoneNumber | null; readonly pseudonym: Pseudonym | null }
const nobody: Person = { number: null, pseudonym: null }

/** Somebody's number and its pseudonym; nothing of who objected: the call is taken as if the number were withheld. */
function known(
  { pseudonyms, rights, metrics }: CallsSetup,
  tenant: Tenant,
  number: PhoneNumber | null,
): Person {
  if (number === null) return nobody
  const pseudonym = pseudonyms.pseudonym(tenant.id, number)
  if (!rights.hasObjected(tenant.id, pseudonym)) return { number, pseudonym }
  metrics.add('ringtrail_restricted_total', ['number'])
  return nobody
}

/** Tells the worker's reply, or `late` when the routing budget is used up; once. */
function ask(
  setup: CallsSetup,
  tenant: Tenant,
  event: OutgoingEvent,
  heard: (reply: Reply | 'late') => void,
): void {
  let waiting = true
  const hear = (reply: Reply | 'late') => {
    if (!waiting) return
    waiting = false
    clearTimeout(budget)
    heard(reply)
  }
  const budget = setTimeout(() => hear('late'), limits.routingBudgetMs)
  const problem = setup.intake.submit('call', tenant.partition, event, { replied: hear })
  if (problem === null) return
  setup.metrics.add('ringtrail_shed_total', ['signal'])
  hear({ kind: 'problem', code: problem })
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
    return refused(tenant, b, 'log-unavailable')
  }
  return deferredAnswer(signal.call, forwardOf(tenant, b), 'deferred:routing-budget')
}

/** Whatever we could not do with a signal, we know where its caller can be put through. */
function refused(tenant: Tenant, b: PhoneNumber, problem: ProblemCode): Refused {
  return { problem, forward: forwardOf(tenant, b) }
}

function forwardOf(tenant: Tenant, b: PhoneNumber): PhoneNumber | null {
  return tenant.forwards.get(b) ?? tenant.policy.defaultForward
}
