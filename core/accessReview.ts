import {
  type AccessKey,
  type KeyAndUse,
  type KeyStanding,
  type KeyUse,
  type Level,
  type Role,
  rolesOf,
  type Scope,
  scopes,
  scopesOf,
  standingOf,
} from './access.ts'

/** The report for the review of access: who has which scopes, since when, until when, used when; and what to look at. */

const day = 86_400_000
const unusedAfterMs = 90 * day
const neverUsedAfterMs = 30 * day
const expiresSoonMs = 14 * day

export const reviewFlags = {
  'never-used': 'It has never been used, and was made more than 30 days ago.',
  unused: 'It has not been used for 90 days.',
  'never-expires': 'It has no end.',
  'expires-soon': 'It ends within 14 days.',
  'role-too-wide': 'A narrower role holds every scope that it was used with in more than 30 days.',
  'sees-personal-data': 'It can read personal data: ask whether its holder still needs to.',
} as const

export type ReviewFlag = keyof typeof reviewFlags

export type ReviewedKey = {
  readonly of: Level
  readonly id: string
  readonly name: string
  readonly role: Role
  readonly scopes: readonly Scope[]
  readonly standing: KeyStanding
  readonly madeAt: number
  readonly madeBy: string
  readonly rotatedAt: number | null
  readonly expiresAt: number | null
  readonly revokedAt: number | null
  readonly lastUsedAt: number | null
  readonly scopesUsed: readonly Scope[]
  readonly flags: readonly ReviewFlag[]
  /** The narrowest role that would do, where its own is too wide. */
  readonly narrowerRole: Role | null
}

/** One key as the review shows it. Flags are for keys that can still be used. */
export function reviewKey({ key, use }: KeyAndUse, now: number): ReviewedKey {
  const { id, name, role, madeAt, madeBy, rotatedAt, expiresAt, revokedAt } = key
  const standing = standingOf(key, now)
  const narrowerRole = standing === 'active' ? narrowerFor(key, use, now) : null
  return {
    of: levelOf(key),
    id,
    name,
    role,
    scopes: scopesOf(role),
    standing,
    madeAt,
    madeBy,
    rotatedAt,
    expiresAt,
    revokedAt,
    lastUsedAt: use?.lastAt ?? null,
    scopesUsed: use?.scopes ?? [],
    flags: standing === 'active' ? flagsOf(key, use, narrowerRole, now) : [],
    narrowerRole,
  }
}

function flagsOf(key: AccessKey, use: KeyUse | null, narrower: Role | null, now: number): ReviewFlag[] {
  const flags: ReviewFlag[] = []
  if (use === null && now - key.madeAt > neverUsedAfterMs) flags.push('never-used')
  if (use !== null && now - use.lastAt > unusedAfterMs) flags.push('unused')
  if (key.expiresAt === null) flags.push('never-expires')
  else if (key.expiresAt - now < expiresSoonMs) flags.push('expires-soon')
  if (narrower !== null) flags.push('role-too-wide')
  if (scopesOf(key.role).some(scope => scopes[scope].sees === 'personal')) flags.push('sees-personal-data')
  return flags
}

/** Judged once it has been there long enough to have been used with all that it is for. */
function narrowerFor(key: AccessKey, use: KeyUse | null, now: number): Role | null {
  if (use === null || use.scopes.length === 0 || now - key.madeAt <= neverUsedAfterMs) return null
  const [narrowest] = rolesOf(levelOf(key))
    .filter(role => use.scopes.every(scope => scopesOf(role).includes(scope)))
    .sort((a, b) => scopesOf(a).length - scopesOf(b).length)
  if (narrowest === undefined) return null
  return scopesOf(narrowest).length < scopesOf(key.role).length ? narrowest : null
}

function levelOf({ tenant }: AccessKey): Level {
  return tenant === null ? 'processor' : 'tenant'
}
