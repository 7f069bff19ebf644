import { expect, test } from 'vitest'
import {
  type AccessKey,
  mayGive,
  type Role,
  type RoleFacts,
  roles,
  rolesOf,
  type Scope,
  type ScopeFacts,
  scopes,
  scopesOf,
  standingOf,
} from './access.ts'
import { reviewKey } from './accessReview.ts'

const day = 86_400_000
const allRoles = Object.entries<RoleFacts>(roles)
const sees = (role: Role) => scopesOf(role).map(scope => (scopes as Record<Scope, ScopeFacts>)[scope].sees)

const key: AccessKey = {
  tenant: 'acme',
  id: 'aaaaaaaaaaaa',
  name: 'reports',
  role: 'owner',
  hash: '0'.repeat(64),
  previous: null,
  madeAt: 0,
  rotatedAt: null,
  expiresAt: 365 * day,
  revokedAt: null,
  madeBy: 'local',
}

test('every scope and every role is said in a sentence, and every scope is held by somebody', () => {
  for (const { says } of [...Object.values(scopes), ...Object.values(roles)])
    expect(says).toMatch(/^[A-Z].+\.$/)
  const held = new Set(allRoles.filter(([, { of }]) => of.length > 0).flatMap(([, facts]) => facts.scopes))
  expect([...held].sort()).toEqual(Object.keys(scopes).sort())
  for (const [role, facts] of allRoles) expect(new Set(facts.scopes).size, role).toBe(facts.scopes.length)
})

test.each(['analyst', 'integrator', 'operator', 'machine'] as const)('%s sees no personal field', role => {
  expect(sees(role)).not.toContain('personal')
})

test('sre sees nothing about people, not even ids', () => {
  expect(new Set(sees('sre'))).toEqual(new Set(['nothing']))
})

test('of the processor’s roles none sees personal fields, and none makes keys', () => {
  expect(rolesOf('processor')).toEqual(['sre', 'operator'])
  for (const role of rolesOf('processor')) {
    expect(sees(role)).not.toContain('personal')
    expect(scopesOf(role)).not.toContain('keys:write')
  }
})

test('nobody gives more than they have, except the local token', () => {
  expect(rolesOf('tenant').filter(role => mayGive('owner', role))).toEqual([
    'owner',
    'analyst',
    'call-centre',
    'privacy-officer',
    'integrator',
  ])
  expect(mayGive('analyst', 'owner')).toBe(false)
  expect(mayGive('privacy-officer', 'owner')).toBe(false)
  for (const role of Object.keys(roles) as Role[]) expect(mayGive('machine', role)).toBe(true)
})

test('no key has the role of the local token', () => {
  expect([...rolesOf('tenant'), ...rolesOf('processor')]).not.toContain('machine')
})

test('a key ends at its moment, and when it is revoked', () => {
  expect(standingOf(key, 365 * day - 1)).toBe('active')
  expect(standingOf(key, 365 * day)).toBe('expired')
  expect(standingOf({ ...key, expiresAt: null }, 9_999 * day)).toBe('active')
  expect(standingOf({ ...key, revokedAt: 5 }, 6)).toBe('revoked')
})

test('the review flags what nobody uses, what never ends, and a role wider than its use', () => {
  const flags = (more: Partial<AccessKey>, lastAt: number | null, used: Scope[], now: number) =>
    reviewKey({ key: { ...key, ...more }, use: lastAt === null ? null : { lastAt, scopes: used } }, now)
  expect(flags({ role: 'analyst' }, null, [], 30 * day).flags).toEqual([])
  expect(flags({ role: 'analyst' }, null, [], 31 * day).flags).toEqual(['never-used'])
  expect(flags({ role: 'analyst' }, day, ['calls:read'], 92 * day).flags).toEqual(['unused'])
  expect(flags({ role: 'analyst', expiresAt: null }, 1, ['calls:read'], 2).flags).toEqual(['never-expires'])
  expect(flags({ role: 'analyst' }, 360 * day, ['calls:read'], 360 * day).flags).toEqual(['expires-soon'])
  const owner = flags({}, 40 * day, ['calls:read', 'feed:read'], 40 * day)
  expect(owner.flags).toEqual(['role-too-wide', 'sees-personal-data'])
  expect(owner.narrowerRole).toBe('analyst')
  expect(flags({}, 40 * day, ['keys:write'], 40 * day).narrowerRole).toBeNull()
  expect(flags({ revokedAt: 3 }, 1, ['calls:read'], 92 * day)).toMatchObject({
    flags: [],
    standing: 'revoked',
  })
})
