import { setTimeout as wait } from 'node:timers/promises'
import { type Static, Type } from 'typebox'
import { agreedKey, makeIntakePair } from '../../config/intakeKeys.ts'
import { unwrap } from '../../config/keyWrap.ts'
import { unpack } from '../../config/pack.ts'
import { limits } from '../../core/limits.ts'
import { type PhraseRow, phrasesBound } from '../../core/wire/visits.ts'
import { type AdminDesk, jsonAnswer } from '../adminDesk.ts'
import { purposeText } from '../adminRoute.ts'
import { refusal } from '../admission.ts'
import type { Answer } from '../uws.ts'
import type { AskedOf } from './callList.ts'
import { moment, timeOf, wholeUpTo } from './filters.ts'

/** Calls by what was typed into a search engine. That is sealed, so it is a job: asked again until it is ready. */

export const phrasesBody = Type.Object(
  {
    ...{ from: moment, to: moment, limit: wholeUpTo(limits.reportRowsMax) },
    /** Ends a job that is under way. */
    cancel: Type.Optional(Type.Boolean({ errorMessage: 'true or false' })),
    purpose: Type.Optional(purposeText),
  },
  { additionalProperties: false },
)

const count = Type.Integer({ minimum: 0 })
export const phrasesShown = Type.Object({
  ready: Type.Boolean(),
  /** Of so many calls so many were looked at. */
  ...{ read: count, of: count },
  rows: Type.Optional(
    Type.Array(
      Type.Object({
        phrase: Type.Union([Type.String(), Type.Null()]),
        ...{ calls: count, qualified: count, answered: count },
      }),
    ),
  ),
  more: Type.Optional(count),
})

const rowsUsually = 100
const patienceMs = 2_000
const lookEveryMs = 100
const always = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER }

export async function reportByPhrase(
  desk: AdminDesk,
  asked: AskedOf<Static<typeof phrasesBody>>,
): Promise<Answer> {
  const { tenant, body } = asked
  const { publicHalf, privateHalf } = makeIntakePair()
  const question = {
    kind: 'phrases',
    ...{ tenant: tenant.id, for: publicHalf, cancel: body.cancel ?? false },
    fromMs: timeOf(body.from) ?? always.fromMs,
    toMs: timeOf(body.to) ?? always.toMs,
    most: Math.min(Number(body.limit ?? rowsUsually), limits.reportRowsMax),
  } as const
  const until = performance.now() + patienceMs
  for (;;) {
    const reply = await desk.owners.ask(tenant.partition, question)
    if (reply.kind !== 'phrases' || !reply.current) return refusal('not-now')
    const { read, of, found, isFull } = reply
    if (isFull)
      return refusal('too-many-requests', 'Other reports by phrase are being made: ask again later.')
    if (found !== null) {
      const bytes = unwrap(found.bytes, agreedKey(privateHalf, found.from), Buffer.from(phrasesBound))
      if (bytes === null) throw new Error('an owner answered somebody else')
      return hand(asked, unpack(bytes) as Found, { read, of })
    }
    if (question.cancel || performance.now() > until) return jsonAnswer(200, { ready: false, read, of })
    await wait(lookEveryMs)
  }
}

type Found = { readonly rows: readonly PhraseRow[]; readonly more: number }

async function hand(
  { body, note }: AskedOf<Static<typeof phrasesBody>>,
  { rows, more }: Found,
  progress: { readonly read: number; readonly of: number },
): Promise<Answer> {
  const counts = { records: rows.length, calls: rows.reduce((sum, { calls }) => sum + calls, 0) }
  const problem = await note({ action: 'phrases-reported', counts, purpose: body.purpose ?? null })
  return problem === null ? jsonAnswer(200, { ready: true, ...progress, rows, more }) : refusal(problem)
}
