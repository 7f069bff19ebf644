import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { answered, info, json, textOf } from '../config/apiDocuments.ts'
import { type ScopeFacts, scopes } from '../core/access.ts'
import type { AdminRoute } from './adminRoute.ts'
import { adminRoutes } from './adminRoutes.ts'
import { adminProblem } from './bodyForm.ts'

/**
 * The admin API as OpenAPI 3.1, from its table of routes. `node gateway/adminDocument.ts && npm run format` writes
 * config/openapi-admin.json, a test compares what it says.
 */
export const documentFile = join(import.meta.dirname, '../config/openapi-admin.json')

export function adminDocument(): string {
  const paths: Record<string, Record<string, object>> = {}
  for (const route of adminRoutes) {
    const method = route.method === 'POST' ? 'post' : 'get'
    paths[route.path] = { ...paths[route.path], [method]: operationOf(route) }
  }
  return textOf({
    openapi: '3.1.0',
    info: info('Ringtrail: the admin API'),
    paths,
    components: {
      securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'An API key, rt_…' } },
      schemas: { problem: adminProblem },
    },
  })
}

function operationOf(route: AdminRoute): object {
  const { scope, says, body, answer, otherForms, example, openAtFirst } = route
  const { sees }: ScopeFacts = scopes[scope]
  const open = openAtFirst ? ' On loopback it needs no key until the first is made.' : ''
  const responses =
    route.method === 'WS' ? { 101: { description: 'A WebSocket.' } } : answered(answer, otherForms)
  return {
    summary: says,
    description: `Needs a key with the scope ${scope}, which sees ${sees}.${open}`,
    'x-scope': scope,
    security: [{ key: [] }],
    parameters: parametersOf(route),
    ...(body === null
      ? {}
      : { requestBody: { content: { 'application/json': { ...json(body)['application/json'], example } } } }),
    responses,
  }
}

function parametersOf({ path, query, tenant }: AdminRoute): object[] {
  const schema = { type: 'string' }
  const inPath = [...path.matchAll(/\{([a-z]+)\}/g)].map(([, name]) => ({
    ...{ name, in: 'path', required: true, schema },
  }))
  const asked =
    tenant === 'any' ? { tenant: 'The tenant; left out: the key’s, or all of them.', ...query } : query
  const inQuery = Object.entries(asked).map(([name, description]) => ({
    ...{ name, in: 'query', description, schema },
  }))
  return [...inPath, ...inQuery]
}

if (import.meta.main) writeFileSync(documentFile, adminDocument())
