/**
 * Who may do what on the admin listener, as data: scopes, the roles that hold them, and the record that is kept of an
 * API key. A key has a role; what a role holds stands here and nowhere else.
 */

/** What somebody with a scope can come to see: nothing about people, random or keyed ids, or what people said and did. */
type Sees = 'nothing' | 'pseudonyms' | 'personal'

export type ScopeFacts = { readonly sees: Sees; readonly says: string }

export const scopes = {
  'calls:read': { sees: 'pseudonyms', says: 'Read records of calls, without phone numbers of people.' },
  'visits:read': {
    sees: 'personal',
    says: 'Open visits, and calls with who called: what was looked at and entered, and phone numbers of callers.',
  },
  'feed:read': { sees: 'pseudonyms', says: 'Follow results as they come.' },
  'configuration:write': { sees: 'nothing', says: 'Change sites, numbers, pools and policies.' },
  'subjects:find': { sees: 'personal', says: 'Find out whose data is held, by what the person gave.' },
  'subjects:read': { sees: 'personal', says: 'Read and export the data of a person.' },
  'subjects:correct': { sees: 'personal', says: 'Correct the data of a person.' },
  'subjects:restrict': { sees: 'pseudonyms', says: 'Restrict processing, take objections, lift either.' },
  'subjects:erase': { sees: 'pseudonyms', says: 'Erase a person, and read the receipts.' },
  'keys:read': { sees: 'nothing', says: 'List API keys, and make the report for the review of access.' },
  'keys:write': { sees: 'nothing', says: 'Make, rotate and revoke API keys.' },
  'audit:read': { sees: 'pseudonyms', says: 'Read and verify the audit chain.' },
  'breach:read': { sees: 'nothing', says: 'Read breach packs and their clocks.' },
  'breach:write': { sees: 'nothing', says: 'Open a breach, make its packs, move its phases.' },
  'tenant:return': { sees: 'personal', says: 'Take the return package at the end of a contract.' },
  'tenant:end': { sees: 'nothing', says: 'End a contract and delete what is held.' },
  'evidence:read': { sees: 'nothing', says: 'Collect dated records for an auditor.' },
  'system:write': { sees: 'nothing', says: 'Record restore tests and drills.' },
} as const satisfies Record<string, ScopeFacts>

export type Scope = keyof typeof scopes

/** Whom a key can belong to: a tenant, or the processor, whose keys reach every tenant. */
export type Level = 'tenant' | 'processor'

export type RoleFacts = {
  readonly of: readonly Level[]
  readonly scopes: readonly Scope[]
  readonly says: string
}

const allScopes = Object.keys(scopes) as Scope[]
/** Machines and drills are the processor's. */
const processorsOnly: readonly Scope[] = ['system:write']
const operator = [
  'calls:read',
  'feed:read',
  'configuration:write',
  'keys:read',
  'audit:read',
  'breach:read',
  'breach:write',
  'evidence:read',
  'system:write',
] as const satisfies readonly Scope[]

export const roles = {
  owner: {
    of: ['tenant'],
    scopes: allScopes.filter(scope => !processorsOnly.includes(scope)),
    says: 'Answers for the tenant: everything that is the tenant’s, keys included.',
  },
  analyst: {
    of: ['tenant'],
    scopes: ['calls:read', 'feed:read'],
    says: 'Works with calls and sources, without personal fields.',
  },
  'call-centre': {
    of: ['tenant'],
    scopes: ['calls:read', 'visits:read', 'feed:read'],
    says: 'Talks to callers: sees who called, and the visit that led to the call.',
  },
  'privacy-officer': {
    of: ['tenant'],
    scopes: [
      'calls:read',
      'visits:read',
      'subjects:find',
      'subjects:read',
      'subjects:correct',
      'subjects:restrict',
      'subjects:erase',
      'keys:read',
      'audit:read',
      'breach:read',
      'breach:write',
      'tenant:return',
      'evidence:read',
    ],
    says: 'Serves the rights of persons and reviews who has access.',
  },
  integrator: {
    of: ['tenant'],
    scopes: ['calls:read', 'feed:read', 'configuration:write'],
    says: 'Connects other systems, without personal fields.',
  },
  sre: {
    of: ['processor'],
    scopes: ['evidence:read', 'system:write'],
    says: 'Keeps it running, and sees no personal data and no ids of visitors.',
  },
  operator: {
    of: ['processor'],
    scopes: operator,
    says: 'The processor’s own staff: all tenants, without personal fields; makes no keys.',
  },
  machine: {
    of: [],
    scopes: [...operator, 'keys:write', 'tenant:end'],
    says: 'The local token, for whoever may read the data directory: makes the first keys; no key has this role.',
  },
} as const satisfies Record<string, RoleFacts>

export type Role = keyof typeof roles

/** Roles that a key of this level can have. */
export function rolesOf(level: Level): Role[] {
  return (Object.keys(roles) as Role[]).filter(role => factsOf(role).of.includes(level))
}

export function scopesOf(role: Role): readonly Scope[] {
  return factsOf(role).scopes
}

/** Nobody gives more than they have; only the local token does, because somebody has to be the first. */
export function mayGive(giver: Role, given: Role): boolean {
  return giver === 'machine' || scopesOf(given).every(scope => scopesOf(giver).includes(scope))
}

function factsOf(role: Role): RoleFacts {
  return roles[role]
}

/** The record of an API key, as the log brings it and the owner keeps it. The secret itself is kept nowhere. */
export type AccessKey = {
  /** null: the processor's own, for all tenants. */
  readonly tenant: string | null
  readonly id: string
  /** What it is for. Never a person's name. */
  readonly name: string
  readonly role: Role
  /** SHA-256 of the secret, hexadecimal. */
  readonly hash: string
  /** The secret before the last rotation, still good until then. */
  readonly previous: { readonly hash: string; readonly until: number } | null
  readonly madeAt: number
  readonly rotatedAt: number | null
  readonly expiresAt: number | null
  readonly revokedAt: number | null
  /** The id of the key that made it, or `local`. */
  readonly madeBy: string
}

/** What was seen of a key's use: when last, and with which scopes since it was made. */
export type KeyUse = { readonly lastAt: number; readonly scopes: readonly Scope[] }

export type KeyAndUse = { readonly key: AccessKey; readonly use: KeyUse | null }

export type KeyStanding = 'active' | 'expired' | 'revoked'

export function standingOf(key: AccessKey, now: number): KeyStanding {
  if (key.revokedAt !== null) return 'revoked'
  return key.expiresAt !== null && now >= key.expiresAt ? 'expired' : 'active'
}
