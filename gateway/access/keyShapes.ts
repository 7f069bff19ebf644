import { Type } from 'typebox'
import { durationPattern } from '../../config/durations.ts'
import {
  type KeyAndUse,
  type Level,
  type Role,
  roles,
  rolesOf,
  type Scope,
  scopes,
  scopesOf,
  standingOf,
} from '../../core/access.ts'
import { reviewFlags } from '../../core/accessReview.ts'
import { purposeText } from '../adminRoute.ts'

/** What is asked and answered about API keys. */

const strict = { additionalProperties: false } as const
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])
const time = Type.String({ format: 'date-time' })
const scope = Type.Enum(Object.keys(scopes) as Scope[])
export const expiresInForm = 'a duration such as 90d, longer than 0 and at most 3650d, or null for never'
export const overlapForm = 'a duration such as 24h, at most 30d'
const expiresIn = Type.Optional({
  ...nullable(Type.String({ pattern: durationPattern })),
  errorMessage: expiresInForm,
})
const overlap = Type.String({ pattern: durationPattern, errorMessage: overlapForm })

/** What a key is for: `reports`, `crm-import`. It stands in lists and audit records, so it names no person. */
const keyName = Type.String({
  pattern: '^[a-z0-9][a-z0-9._-]{0,63}$',
  errorMessage: 'at most 64 small letters, digits and . _ -, with a letter or a digit first',
})

export const madeBody = (level: Level) =>
  Type.Object(
    {
      name: keyName,
      role: Type.Enum(rolesOf(level), {
        errorMessage: `a role of the ${level}’s keys: ${rolesOf(level).join(', ')}`,
      }),
      /** null: never; left out: a year. */
      expiresIn,
      purpose: Type.Optional(purposeText),
    },
    strict,
  )
export const rotatedBody = Type.Object(
  {
    /** For how long the old secret works on; left out: a day. `0s`: it ends at once. */
    overlap: Type.Optional(overlap),
    /** Left out: as long from now on as it was when it was made. */
    expiresIn,
    purpose: Type.Optional(purposeText),
  },
  strict,
)
export const revokedBody = Type.Object({ purpose: Type.Optional(purposeText) }, strict)

const shown = {
  id: Type.String(),
  tenant: nullable(Type.String()),
  name: Type.String(),
  role: Type.Enum(Object.keys(roles) as Role[]),
  scopes: Type.Array(scope),
  standing: Type.Enum(['active', 'expired', 'revoked']),
  madeAt: time,
  madeBy: Type.String(),
  rotatedAt: nullable(time),
  expiresAt: nullable(time),
  revokedAt: nullable(time),
  oldSecretUntil: nullable(time),
}
export const keyShown = Type.Object(shown, strict)
/** `key` is the whole text of the key, this once. */
export const keyGiven = Type.Object({ key: Type.String(), ...shown }, strict)
export const keysListed = Type.Object(
  { keys: Type.Array(Type.Object({ ...shown, lastUsedAt: nullable(time) }, strict)) },
  strict,
)

export const accessReviewed = Type.Object(
  {
    at: time,
    tenant: nullable(Type.String()),
    flags: Type.Record(Type.Enum(Object.keys(reviewFlags)), Type.String()),
    keys: Type.Array(
      Type.Object(
        {
          of: Type.Enum(['tenant', 'processor']),
          ...Object.fromEntries(
            Object.entries(shown).filter(([name]) => name !== 'tenant' && name !== 'oldSecretUntil'),
          ),
          lastUsedAt: nullable(time),
          scopesUsed: Type.Array(scope),
          flags: Type.Array(Type.Enum(Object.keys(reviewFlags))),
          narrowerRole: nullable(Type.String()),
        },
        strict,
      ),
    ),
    localToken: Type.String(),
  },
  strict,
)

export const isoOrNull = (at: number | null) => (at === null ? null : new Date(at).toISOString())

/** A key as everybody may see it who may list keys: neither secret nor hash. */
export function showKey(key: KeyAndUse['key'], now: number) {
  const { id, tenant, name, role, madeBy, previous } = key
  return {
    id,
    tenant,
    name,
    role,
    scopes: scopesOf(role),
    standing: standingOf(key, now),
    madeAt: isoOrNull(key.madeAt),
    madeBy,
    rotatedAt: isoOrNull(key.rotatedAt),
    expiresAt: isoOrNull(key.expiresAt),
    revokedAt: isoOrNull(key.revokedAt),
    oldSecretUntil: previous !== null && previous.until > now ? isoOrNull(previous.until) : null,
  }
}
