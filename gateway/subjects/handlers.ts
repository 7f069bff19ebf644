import { randomBytes } from 'node:crypto'
import type { Static } from 'typebox'
import { recordsOf } from '../../config/export/assemble.ts'
import { type PackageHead, packageFiles, reportAlone } from '../../config/export/makePackage.ts'
import type { OpenedRecord } from '../../config/export/records.ts'
import { htmlReport } from '../../config/export/reportHtml.ts'
import { textReport } from '../../config/export/reportText.ts'
import { zipFiles } from '../../config/export/zip.ts'
import { logPlacesOf, processorTold, recipientsToldOf } from '../../config/recipients.ts'
import type { SubjectSet } from '../../core/belongs.ts'
import type { Input } from '../../core/input.ts'
import { subjectsNamed } from '../../core/subjectNames.ts'
import { type AdminDesk, jsonAnswer } from '../adminDesk.ts'
import type { Asked, NoteFacts } from '../adminRoute.ts'
import { refusal } from '../admission.ts'
import { NoAnswer } from '../owners.ts'
import type { Tenant } from '../tenants.ts'
import type { Answer } from '../uws.ts'
import { readRecords } from './records.ts'
import { NotRecorded, signedByOwner } from './signing.ts'
import {
  type accessBody,
  type findBody,
  findForm,
  numberIn,
  type rectifyBody,
  type restrictBody,
  type subjectsBody,
  wantedName,
} from './subjects.ts'

/**
 * The rights of persons, one request each. What is handed out is written into the audit chain, with how much it is, before
 * anybody is given it; what changes something is an entry of the log that carries its note itself.
 */

type With<Body> = Asked & { readonly tenant: Tenant; readonly body: Body }

const makeRequest = () => randomBytes(16).toString('base64url')

function references(
  desk: AdminDesk,
  { tenant }: { readonly tenant: Tenant },
  subjects: readonly string[],
): string[] {
  return subjects.map(subject => desk.pseudonyms.reference(tenant.id, subject))
}

export async function findSubjects(desk: AdminDesk, asked: With<Static<typeof findBody>>): Promise<Answer> {
  const { tenant, body } = asked
  const name = wantedName(body, tenant, desk.pseudonyms)
  if (name === null)
    return body.phone === undefined
      ? refusal('not-valid', `The body has to be ${findForm}.`)
      : refusal('not-a-phone-number')
  const request = makeRequest()
  const { purpose = null } = body
  const note: NoteFacts = {
    action: 'subject-found',
    request,
    purpose,
    subjects: references(desk, asked, [name]),
  }
  const problem = await asked.note(note)
  if (problem !== null) return refusal(problem)
  const reply = await desk.owners.ask(tenant.partition, { kind: 'find', tenant: tenant.id, name })
  if (reply.kind !== 'found' || !reply.current) return refusal('not-now')
  const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString())
  const subjects = reply.found.map(({ firstAtMs, lastAtMs, restriction, ...one }) => ({
    ...one,
    firstAt: iso(firstAtMs),
    lastAt: iso(lastAtMs),
    restriction: restriction && { mode: restriction.mode, since: iso(restriction.atMs) },
  }))
  return jsonAnswer(200, { request, subjects })
}

export async function accessSubjects(
  desk: AdminDesk,
  asked: With<Static<typeof accessBody>>,
): Promise<Answer> {
  const { as = 'html' } = asked.body
  const read = await readHeld(desk, asked, 'subject-accessed')
  if ('problem' in read) return read.problem
  const { request, records, restrictions } = read
  if (as === 'json')
    return fileAnswer('application/json', Buffer.from(JSON.stringify({ request, records })), request)
  const head = { ...headOf(desk, asked.tenant, request, 'access'), restrictions }
  const report = reportAlone(head, records)
  const text = as === 'html' ? htmlReport(report) : textReport(report)
  return fileAnswer(`text/${as === 'html' ? 'html' : 'plain'}; charset=utf-8`, Buffer.from(text), request)
}

export async function exportSubjects(
  desk: AdminDesk,
  asked: With<Static<typeof subjectsBody>>,
): Promise<Answer> {
  const read = await readHeld(desk, asked, 'subject-exported')
  if ('problem' in read) return read.problem
  const { request, records, restrictions } = read
  const head = { ...headOf(desk, asked.tenant, request, 'portability'), restrictions }
  try {
    const files = await packageFiles(head, records, signedByOwner(desk, asked.tenant))
    return fileAnswer('application/zip', zipFiles(files), request)
  } catch (error) {
    if (error instanceof NotRecorded) return refusal('not-recorded')
    throw error
  }
}

function fileAnswer(type: string, body: Uint8Array, request: string): Answer {
  const headers = [
    ['content-type', type],
    ['cache-control', 'no-store'],
    ['x-request-id', request],
  ] as const
  return { status: 200, headers, body }
}

type Held = {
  readonly request: string
  readonly records: readonly OpenedRecord[]
  readonly restrictions: NonNullable<PackageHead['restrictions']>
}

async function readHeld(
  desk: AdminDesk,
  asked: With<Static<typeof subjectsBody>>,
  action: 'subject-accessed' | 'subject-exported',
): Promise<Held | { readonly problem: Answer }> {
  const { tenant, body } = asked
  const request = makeRequest()
  const subjects = references(desk, asked, body.subjects)
  const history = await readRecords(desk.owners, tenant.partition, tenant.id, body.subjects)
  const standing = await standingOf(desk, tenant, body.subjects)
  if (standing === null) return { problem: refusal('not-now') }
  const { restrictions } = standing
  const records = recordsOf(history, subjectSet(body.subjects))
  const counts = { records: records.length, subjects: new Set(subjects).size }
  const problem = await asked.note({ action, request, subjects, counts, purpose: body.purpose ?? null })
  return problem === null ? { request, records, restrictions } : { problem: refusal(problem) }
}

function subjectSet(handles: readonly string[]): SubjectSet {
  const { visitors, callers } = subjectsNamed(handles)
  return {
    visitors: new Set<string>(visitors),
    sessions: new Set(),
    callers: new Set<string>(callers),
    entered: new Set(),
  }
}

/** The head of a package: whose it is, why, and what the tenant’s terms are. */
export function headOf(
  desk: AdminDesk,
  tenant: Tenant,
  request: string,
  purpose: PackageHead['purpose'],
): PackageHead {
  const { retentionMs, fieldRetentionMs = {} } = desk.terms.of(tenant.policy)
  const { controller } = tenant.config
  const terms = {
    controller: { name: controller?.name ?? tenant.id, contact: controller?.contact ?? null },
    retentionMs,
    fieldRetentionMs,
    recipients: [...processorTold(desk.config), ...recipientsToldOf(desk.config, tenant.config)],
    locations: logPlacesOf(desk.config),
  }
  return { tenant: tenant.id, request, purpose, madeAtMs: desk.clock(), terms }
}

export async function eraseSubjects(
  desk: AdminDesk,
  asked: With<Static<typeof subjectsBody>>,
): Promise<Answer> {
  const { subjects } = asked.body
  const request = makeRequest()
  const clear: Input = {
    kind: 'subject-erased',
    tenant: asked.tenant.id,
    request,
    ...subjectsNamed(subjects),
  }
  const note = { action: 'subject-erased', request, ...audited(desk, asked, subjects) } as const
  return enter(desk, asked, clear, note, subjects)
}

export async function restrictSubjects(
  desk: AdminDesk,
  asked: With<Static<typeof restrictBody>>,
): Promise<Answer> {
  const { subjects, mode } = asked.body
  const request = makeRequest()
  const clear: Input = {
    ...{ kind: 'subject-restricted', tenant: asked.tenant.id, request, mode },
    ...subjectsNamed(subjects),
  }
  const facts = audited(desk, asked, subjects)
  return enter(desk, asked, clear, { action: `subject-${mode}` as const, request, ...facts }, subjects)
}

export function rectifySubject(desk: AdminDesk, asked: With<Static<typeof rectifyBody>>): Promise<Answer> {
  const { body } = asked
  return 'call' in body ? rectifyCall(desk, { ...asked, body }) : rectifyValues(desk, { ...asked, body })
}

type Rectified = Static<typeof rectifyBody>
type OfCall = Extract<Rectified, { call: string }>
type OfValues = Extract<Rectified, { field: string }>

/** In force when it is answered, for what is read a few seconds later: events are sealed anew one by one. */
async function rectifyValues(desk: AdminDesk, asked: With<OfValues>): Promise<Answer> {
  const { tenant, body } = asked
  const { subject, field, from = null, to } = body
  const request = makeRequest()
  const contactOf = (text: string | null) =>
    text === null ? null : (desk.sealer.contacts(tenant.policy, { text })[0] ?? null)
  const contacts = { from: contactOf(from), to: contactOf(to) }
  const event = desk.sealer.correction(tenant.policy, subject, request, { field, from, to, contacts })
  const detail = { field: field.split('.')[0] ?? '' }
  const note = asked.noteOf({
    ...{ action: 'subject-rectified', request, detail },
    ...audited(desk, asked, [subject]),
  })
  const unheld = await unheldOf(desk, tenant, [subject])
  const problem = await desk.entering(tenant.partition, { ...event, note })
  return problem === null ? inForce(desk, request, unheld) : refusal(problem)
}

async function rectifyCall(desk: AdminDesk, asked: With<OfCall>): Promise<Answer> {
  const { tenant, body } = asked
  const number = body.phone === null ? null : numberIn(body.phone, tenant.policy)
  if (body.phone !== null && number === null) return refusal('not-a-phone-number')
  const a = number === null ? null : desk.pseudonyms.pseudonym(tenant.id, number)
  const request = makeRequest()
  const { carrier, call } = body
  const clear: Input = { kind: 'call-rectified', tenant: tenant.id, request, carrier, call, a }
  const facts = audited(desk, asked, a === null ? [] : [`c:${a}`])
  const note = { action: 'subject-rectified', request, ...facts, detail: { field: 'call.a' } } as const
  return enter(desk, asked, clear, note, [], { a: number })
}

function audited(desk: AdminDesk, asked: With<{ readonly purpose?: string }>, subjects: readonly string[]) {
  return { subjects: references(desk, asked, subjects), purpose: asked.body.purpose ?? null }
}

/** The entry that changes something, with its note. Answered when the owner has applied it: from then on it is in force. */
async function enter(
  desk: AdminDesk,
  asked: With<unknown>,
  clear: Input,
  note: NoteFacts & { readonly request: string },
  subjects: readonly string[],
  personal?: Readonly<Record<string, unknown>>,
): Promise<Answer> {
  const { policy, partition } = asked.tenant
  const event =
    personal === undefined ? { clear, personal: null } : desk.sealer.event(policy, clear, personal)
  const unheld = await unheldOf(desk, asked.tenant, subjects)
  const problem = await desk.entering(partition, { ...event, note: asked.noteOf(note) })
  return problem === null ? inForce(desk, note.request, unheld) : refusal(problem)
}

/** Those under which nothing is held; null: no owner says just now, which keeps nothing from being in force. */
async function unheldOf(
  desk: AdminDesk,
  tenant: Tenant,
  subjects: readonly string[],
): Promise<readonly string[] | null> {
  if (subjects.length === 0) return []
  const standing = await standingOf(desk, tenant, subjects).catch((error: unknown) => {
    if (error instanceof NoAnswer) return null
    throw error
  })
  return standing?.unheld ?? null
}

/** null: the owner that answers is one that others know better than. */
async function standingOf({ owners }: AdminDesk, { id, partition }: Tenant, subjects: readonly string[]) {
  const reply = await owners.ask(partition, { kind: 'standing', tenant: id, subjects })
  return reply.kind === 'standing' && reply.current ? reply : null
}

function inForce({ clock }: AdminDesk, request: string, nothingHeldUnder: readonly string[] | null): Answer {
  return jsonAnswer(200, { request, inForceAt: new Date(clock()).toISOString(), nothingHeldUnder })
}
