import { readFileSync } from 'node:fs'
import { Compile } from 'typebox/compile'
import { expect, test } from 'vitest'
import { type ScopeFacts, scopes } from '../core/access.ts'
import { adminDocument, documentFile } from './adminDocument.ts'
import { paramsOf } from './adminRoute.ts'
import { adminRoutes } from './adminRoutes.ts'

const named = adminRoutes.map(route => [`${route.method} ${route.path}`, route] as const)

test('config/openapi-admin.json follows from the table of routes', () => {
  expect(JSON.parse(readFileSync(documentFile, 'utf8'))).toEqual(JSON.parse(adminDocument()))
})

test('no route stands in the table twice, and none hides another', () => {
  const shapes = named.map(([name]) => name.replaceAll(/\{[^}]+\}/g, '{}'))
  expect(new Set(shapes).size).toBe(shapes.length)
})

test.each(named)('%s: what its answer may hold is what its scope lets people see', (_, route) => {
  const { sees }: ScopeFacts = scopes[route.scope]
  expect(route.personal).toBe(sees === 'personal')
})

test.each(named)('%s: its path says whose it is, and its example is taken', (_, route) => {
  expect(route.path).toMatch(/^\/v1(\/(?:[a-z-]+|\{[a-z]+\}))+$/)
  expect(route.path.startsWith('/v1/tenants/{tenant}/')).toBe(route.tenant === 'in-path')
  expect(route.says).toMatch(/^[A-Z].+\.$/)
  if (route.body === null) expect(route.example).toBeNull()
  else expect(Compile(route.body).Check(route.example)).toBe(true)
})

test('every scope opens a route', () => {
  expect([...new Set(adminRoutes.map(({ scope }) => scope))].sort()).toEqual(Object.keys(scopes).sort())
})

test('without a key, and only until there is one, calls and the feed are open on loopback, and nothing else', () => {
  const open = named.filter(([, { openAtFirst }]) => openAtFirst).map(([name]) => name)
  expect(open).toEqual(['GET /v1/calls/{call}', 'WS /v1/feed'])
})

test.each([
  ['/v1/calls/{call}', '/v1/calls/a%2Fb', { call: 'a/b' }],
  ['/v1/calls/{call}', '/v1/calls/%zz', { call: '%zz' }],
  ['/v1/calls/{call}', '/v1/calls/', null],
  ['/v1/calls/{call}', '/v1/calls/a/b', null],
  ['/v1/tenants/{tenant}/keys', '/v1/tenants/../keys', { tenant: '..' }],
  ['/v1/keys', '/v1/keys', {}],
  ['/v1/keys', '/v1/Keys', null],
])('%s takes %s for %o', (pattern, path, params) => {
  expect(paramsOf(pattern, path)).toEqual(params)
})
