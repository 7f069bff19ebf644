import type { SignedManifest } from '../config/export/signature.ts'
import type { Incoming } from '../config/nats.ts'
import { pack, unpack } from '../config/pack.ts'
import { callsById, policyVersions } from '../core/state.ts'
import type { ControlReply, ControlRequest } from '../core/wire/control.ts'
import type { RightsRequest } from '../core/wire/rights.ts'
import { subjects } from '../core/wire/subjects.ts'
import { createAccount, isAccount } from './account.ts'
import { answerAccess, hasKeys } from './accessRows.ts'
import { intakeOf } from './intake.ts'
import { isCurrent, type Partition } from './partition.ts'
import { createPhraseJobs } from './phraseJobs.ts'
import { signatureOf } from './signing.ts'
import { answerRights } from './subjectDesk.ts'
import { termsOf } from './terms.ts'
import { answerVisits } from './visitDesk.ts'

/** Answers what gateways ask about a partition: where it stands, one call's record, its API keys. */
export function answerControl(partition: Partition): { stop(): void } {
  const account = createAccount(partition)
  const phrases = createPhraseJobs(partition)
  return partition.link.subscribe(subjects.control(partition.number), (message: Incoming) => {
    const request = unpack(message.data) as ControlRequest
    if (request.kind !== 'sign-export')
      return message.respond(pack(controlReply(partition, { account, phrases }, request)))
    const say = (signed: SignedManifest | null) => {
      const current = isCurrent(partition) && signed !== null
      message.respond(pack({ kind: 'sign-export', current, signed } satisfies ControlReply))
    }
    // What has not the form of a manifest is not signed either.
    signatureOf(partition, request.tenant, request.manifest).then(say, () => say(null))
  })
}

type Jobs = {
  readonly account: ReturnType<typeof createAccount>
  readonly phrases: ReturnType<typeof createPhraseJobs>
}

type Answered = Exclude<ControlRequest, { kind: 'sign-export' }>

function controlReply(partition: Partition, { account, phrases }: Jobs, request: Answered): ControlReply {
  const current = isCurrent(partition)
  if (request.kind === 'call') {
    return { kind: 'calls', current, calls: callsById(partition.state, request.tenant, request.call) }
  }
  if (request.kind === 'intake') return { kind: 'intake', current, said: intakeOf(partition) }
  if (request.kind === 'terms') return { kind: 'terms', current, said: termsOf(partition.state) }
  if (isAccount(request)) return account(request, current)
  if (request.kind === 'phrases') return phrases(request, current)
  if (request.kind === 'visit' || request.kind === 'holder')
    return answerVisits(partition.state, request, current, Date.now())
  if (isRights(request)) return answerRights(partition, request, current)
  if (request.kind !== 'status') {
    const about = { current, whole: current || partition.stopped !== null }
    return answerAccess(partition.access, partition.store, request, about)
  }
  const { number, applied, committed, stopped, failedCommits } = partition
  const policies = policyVersions(partition.state)
  const status = { partition: number, applied, committed, stopped, current, failedCommits, policies }
  return { kind: 'status', status: { ...status, hasKeys: hasKeys(partition.access) } }
}

function isRights(request: Answered): request is Extract<Answered, RightsRequest> {
  return ['find', 'records', 'receipt', 'audit', 'restricted', 'standing'].includes(request.kind)
}
