import { Type } from 'typebox'
import { purposeText } from '../adminRoute.ts'

/** What is told and answered about evidence. */
const strict = { additionalProperties: false } as const
const sha256 = Type.String({
  pattern: '^[0-9a-f]{64}$',
  errorMessage: 'a SHA-256 of 64 hexadecimal digits, in small letters',
})
const count = Type.Integer({ minimum: 0, errorMessage: 'a whole number of 0 or more' })
const time = Type.String({ format: 'date-time', errorMessage: 'a time such as 2026-01-01T00:00:00Z' })

/** The outcome of something that people tried; it goes into the processor's audit chain. */
export const triedBody = Type.Object(
  {
    kind: Type.Enum(['restore-test', 'drill'], { errorMessage: 'restore-test or drill' }),
    result: Type.Enum(['passed', 'failed'], { errorMessage: 'passed or failed' }),
    /** A ticket or the name of a report, never of a person. */
    reference: purposeText,
    /** Of what was restored, or of the report. */
    digest: Type.Optional(sha256),
    seconds: Type.Optional(count),
  },
  strict,
)

export const collectedBody = Type.Object(
  {
    /** SHA-256 of the manifest: what was handed over is bound into the chain. */
    manifest: sha256,
    from: time,
    to: time,
    records: count,
    missing: count,
  },
  strict,
)

export const recorded = Type.Object({ recorded: Type.Boolean() }, strict)

export const keyInventory = Type.Object(
  {
    at: time,
    tenant: Type.String(),
    subjectKeys: count,
    periodKeys: count,
    oldestPeriodUntil: Type.Union([time, Type.Null()]),
  },
  strict,
)
