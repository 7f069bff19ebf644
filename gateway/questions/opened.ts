import { type Static, Type } from 'typebox'
import { recordsOf } from '../../config/export/assemble.ts'
import type { OpenedRecord } from '../../config/export/records.ts'
import { creditModels, creditParts, placed, sharesOf } from '../../core/credit.ts'
import { type CallPolicy, callDefaults } from '../../core/policy.ts'
import { pathOf, shownCall, shownTouch } from '../../core/shownCall.ts'
import { type KeptCall, wholeCall } from '../../core/wholeCall.ts'
import type { CallRecord } from '../../core/outcome.ts'
import { namedIn, usedCall } from '../../core/restrict.ts'
import { idForm } from '../../core/subjectNames.ts'
import type { PhoneNumber } from '../../core/words.ts'
import { type AdminDesk, jsonAnswer } from '../adminDesk.ts'
import { purposeText } from '../adminRoute.ts'
import { refusal } from '../admission.ts'
import { readRecords } from '../subjects/records.ts'
import type { Answer } from '../uws.ts'
import type { AskedOf, ListTexts } from './callList.ts'
import { askPage } from './callList.ts'

/**
 * Calls and visits with what is sealed of them, for whoever may see it. What is handed out is written into the audit chain,
 * with how much it is and whose, before anybody is given it.
 */

/** A page is opened by the owner, a call at a time: it is short. */
export const openedPerPageMax = 50

export const visitBody = Type.Object(
  {
    session: Type.String({
      pattern: idForm,
      errorMessage: 'the id of a visit, whole, of 22 characters',
    }),
    purpose: Type.Optional(purposeText),
  },
  { additionalProperties: false },
)
export const openedCallBody = Type.Object(
  { purpose: Type.Optional(purposeText) },
  { additionalProperties: false },
)

type Shown = {
  readonly carrier: string
  readonly call: string
  readonly match: { readonly visitor: string | null }
}

/** A page of calls, each with A and C as the carrier gave them. */
export async function openCalls(
  desk: AdminDesk,
  asked: AskedOf<ListTexts & { readonly purpose?: string }>,
): Promise<Answer> {
  const { tenant, body } = asked
  const page = await askPage(desk, tenant, body, openedPerPageMax)
  if ('refused' in page) return page.refused
  const calls = JSON.parse(`[${page.text}]`) as Shown[]
  const opened = await openedOf(desk, asked, calls.map(nameOf))
  const numbers = new Map(opened.flatMap(numbersOf))
  const shown = calls.map(call => ({
    ...call,
    ...(numbers.get(`call:${call.carrier}/${call.call}`) ?? noNumbers),
  }))
  const visitors = calls.map(({ match }) => match.visitor)
  const problem = await note(desk, asked, 'calls-opened', visitors, shown)
  return problem ?? jsonAnswer(200, { calls: shown, next: page.next })
}

/** A call's record, candidates and reasons, and who gets the credit under each model. */
export async function answerCall(
  desk: AdminDesk,
  asked: Pick<AskedOf<unknown>, 'tenant' | 'params'>,
): Promise<Answer> {
  const record = await namedCall(desk, asked)
  return 'refused' in record ? record.refused : jsonAnswer(200, callInFull(record, asked.tenant.policy.calls))
}

/** One call with A and C, who gets the credit, and what its visit looked at until it rang. */
export async function openCall(
  desk: AdminDesk,
  asked: AskedOf<Static<typeof openedCallBody>>,
): Promise<Answer> {
  const record = await namedCall(desk, asked)
  if ('refused' in record) return record.refused
  const own = await openedOf(desk, asked, [nameOf(record)])
  const [[, numbers] = ['', noNumbers]] = own.flatMap(numbersOf)
  const { session, visitor } = record.match
  const visit = session === null ? [] : await openedOf(desk, asked, [`s:${session}`])
  const rangAt = new Date(record.rangAt).toISOString()
  const timeline = visit.filter(({ kind, at }) => kind !== 'call' && kind !== 'session' && at <= rangAt)
  const shown = { ...callInFull(record, asked.tenant.policy.calls), ...numbers }
  const problem = await note(desk, asked, 'calls-opened', [visitor], [shown])
  return problem ?? jsonAnswer(200, { ...shown, timeline: timeline.sort(byTime) })
}

/** A visit: its life, the numbers that it held, what it looked at and entered, and its calls. */
export async function openVisit(desk: AdminDesk, asked: AskedOf<Static<typeof visitBody>>): Promise<Answer> {
  const { tenant, body } = asked
  const question = { kind: 'visit', tenant: tenant.id, session: body.session } as const
  const reply = await desk.owners.ask(tenant.partition, question)
  if (reply.kind !== 'visit' || !reply.current) return refusal('not-now')
  const { visit } = reply
  if (visit === null) return refusal('not-found')
  if (visit.restricted) return refusal('restricted')
  const records = await openedOf(desk, asked, [`s:${body.session}`])
  const numbers = [...new Map(records.flatMap(numbersOf)).values()]
  const problem = await note(desk, asked, 'visit-opened', [visit.visitor], numbers, records.length)
  if (problem !== null) return problem
  const { restricted: _, startedAt, endedAt, spans, ...facts } = visit
  return jsonAnswer(200, {
    session: body.session,
    ...facts,
    startedAt: iso(startedAt),
    endedAt: endedAt === null ? null : iso(endedAt),
    spans: spans.map(([from, last]) => ({ from: iso(from), last: iso(last) })),
    numbers: visit.numbers.map(one => ({ ...one, from: iso(one.from), until: iso(one.until) })),
    timeline: records.sort(byTime),
  })
}

/** The record of the call that is named, as it may be shown. */
export async function namedCall(
  { owners }: AdminDesk,
  { tenant, params }: Pick<AskedOf<unknown>, 'tenant' | 'params'>,
): Promise<CallRecord | { readonly refused: Answer }> {
  const [record] = await owners.calls(tenant.partition, tenant.id, params.call ?? '')
  if (record === undefined) return { refused: refusal('unknown-call') }
  const subjects = namedIn(record)
  const reply = await owners.ask(tenant.partition, { kind: 'standing', tenant: tenant.id, subjects })
  if (reply.kind !== 'standing' || !reply.current) return { refused: refusal('not-now') }
  return usedCall(record, name => name in reply.restrictions) ?? { refused: refusal('restricted') }
}

/** A call's record, and how what led to it shares it under each model: of one, to a millionth. */
function callInFull(
  kept: KeptCall,
  { halfLifeMs = callDefaults.halfLifeMs }: Pick<CallPolicy, 'halfLifeMs'>,
): Record<string, unknown> {
  const record = wholeCall(kept)
  const path = pathOf(record)
  const shares = creditModels.map(model => [model, sharesOf(path.map(placed), model, halfLifeMs)] as const)
  const credit = path.map((step, place) => ({
    ...shownTouch(step),
    shares: Object.fromEntries(shares.map(([model, all]) => [model, (all[place] as number) / creditParts])),
  }))
  return { ...shownCall(record), credit }
}

const iso = (at: number) => new Date(at).toISOString()
const nameOf = ({ carrier, call }: Pick<Shown, 'carrier' | 'call'>) => `k:${carrier} ${call}`
const byTime = (one: OpenedRecord, other: OpenedRecord) =>
  one.at < other.at ? -1 : Number(one.at > other.at)

function openedOf(
  desk: AdminDesk,
  { tenant }: Pick<AskedOf<unknown>, 'tenant'>,
  names: readonly string[],
): Promise<OpenedRecord[]> {
  if (names.length === 0) return Promise.resolve([])
  return readRecords(desk.owners, tenant.partition, tenant.id, names).then(history =>
    recordsOf(history, 'everyone'),
  )
}

type Numbers = { readonly a: string | null; readonly c: string | null }
const noNumbers: Numbers = { a: null, c: null }

function numbersOf(record: OpenedRecord): [id: string, numbers: Numbers][] {
  if (record.kind !== 'call') return []
  const { a = null, c = null } = record.personal ?? noNumbers
  return [[record.id, { a, c }]]
}

/** Whose data was shown: visitors, and callers whose number was. */
async function note(
  { pseudonyms }: AdminDesk,
  { tenant, body, note: write }: AskedOf<{ readonly purpose?: string | undefined }>,
  action: 'calls-opened' | 'visit-opened',
  visitors: readonly (string | null)[],
  calls: readonly object[],
  records = calls.length,
): Promise<Answer | null> {
  const callers = (calls as readonly Partial<Numbers>[]).flatMap(({ a }) =>
    a ? [`c:${pseudonyms.pseudonym(tenant.id, a as PhoneNumber)}`] : [],
  )
  const names = new Set([...visitors.flatMap(visitor => visitor ?? []).map(id => `v:${id}`), ...callers])
  const subjects = [...names].map(name => pseudonyms.reference(tenant.id, name))
  const counts = { records, subjects: subjects.length }
  const problem = await write({ action, subjects, counts, purpose: body.purpose ?? null })
  return problem === null ? null : refusal(problem)
}
