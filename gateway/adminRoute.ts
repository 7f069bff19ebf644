import { type Static, type TSchema, Type } from 'typebox'
import type { Scope } from '../core/access.ts'
import type { ProblemCode } from '../core/problems.ts'
import type { Note } from '../core/wire/note.ts'
import type { Caller } from './access/authenticate.ts'
import type { AdminDesk } from './adminDesk.ts'
import type { Place } from './noting.ts'
import type { Tenant } from './tenants.ts'
import type { Answer } from './uws.ts'

/**
 * One route of the admin API, as data: routing, the guard before every handler, config/openapi-admin.json and the tests
 * of isolation are all made from the table of them (`adminRoutes.ts`).
 */
export type AdminRoute = {
  /** `WS`: a socket, which is opened elsewhere; its row says who may. */
  readonly method: 'GET' | 'POST' | 'WS'
  /** `{name}` stands for one segment. Nothing personal is ever part of an address: it travels in bodies. */
  readonly path: string
  readonly scope: Scope
  /**
   * Whose the answer is. `in-path`: of the `{tenant}` of the path. `in-query`: of `?tenant=`, which may be left out where
   * the key says it, or there is only one. `any`: the same, and for the processor's keys of all where it is left out.
   * `none`: the processor's own; no key of a tenant gets there.
   */
  readonly tenant: 'in-path' | 'in-query' | 'any' | 'none'
  /** Whether it is answered, too, for a tenant whose contract ended and which the configuration has no more. */
  readonly isLasting: boolean
  /** Whether personal fields may be in the answer. It has to agree with what the scope lets its holder see. */
  readonly personal: boolean
  /** On loopback it is open to everybody on the machine until the first key is made. */
  readonly openAtFirst: boolean
  /** What it does, in one sentence; the summary in the OpenAPI document. */
  readonly says: string
  readonly query: Readonly<Record<string, string>>
  readonly body: TSchema | null
  readonly answer: TSchema
  /** Other forms of the same answer, where `Accept`, the query or the body asks for one. */
  readonly otherForms: readonly string[]
  /** Anything that the route takes: the test of isolation sends it, the OpenAPI document shows it. */
  readonly example: unknown
  readonly handle: (desk: AdminDesk, asked: Asked) => Promise<Answer>
}

/** A request that came past the guard: who asks, for which tenant, and what. */
export type Asked = {
  readonly caller: Caller
  /** null: the processor's own, or all tenants, or one that ended and is in no configuration any more. */
  readonly tenant: Tenant | null
  /** Where its entries and keys belong. */
  readonly place: Place
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  /** Which form of an answer is wanted, where there are several. */
  readonly accept: string
  /** What the route's schema says it is. */
  readonly body: unknown
  /** Where the audit record of it has to be kept before anything else happens; null: it is. */
  note(facts: NoteFacts): Promise<ProblemCode | null>
  /** The facts with who asks filled in, for an entry that carries its note itself. */
  noteOf(facts: NoteFacts): Note
}

export type NoteFacts = Pick<Note, 'action'> & Partial<Omit<Note, 'action' | 'actor' | 'role'>>

type Row<Body> = Pick<AdminRoute, 'method' | 'path' | 'scope' | 'says' | 'answer' | 'example'> &
  Partial<Pick<AdminRoute, 'personal' | 'openAtFirst' | 'query' | 'otherForms'>> & {
    readonly handle: (desk: AdminDesk, asked: Body) => Promise<Answer>
  }

type TenantAsked<Body> = Asked & { readonly tenant: Tenant; readonly body: Body }

const usual = { personal: false, openAtFirst: false, isLasting: false, query: {}, otherForms: [] } as const

/** A route of one tenant: the handler gets it only with a key that reaches that tenant. `body`: null for none. */
export function tenantRoute<Body extends TSchema | null>(
  body: Body,
  row: Row<TenantAsked<Body extends TSchema ? Static<Body> : null>> & { readonly tenant?: 'in-query' },
): AdminRoute {
  return { ...usual, tenant: 'in-path', ...row, body } as AdminRoute
}

/**
 * A route of one tenant that outlasts the end of its contract: who has to show what became of the data has no tenant in the
 * configuration any more. So the handler goes by `place`.
 */
export function lastingRoute<Body extends TSchema | null>(
  body: Body,
  row: Row<Asked & { readonly body: Body extends TSchema ? Static<Body> : null }>,
): AdminRoute {
  return { ...usual, tenant: 'in-path', ...row, isLasting: true, body } as AdminRoute
}

/** A route of the processor's own. */
export function processorRoute<Body extends TSchema | null>(
  body: Body,
  row: Row<Asked & { readonly tenant: null; readonly body: Body extends TSchema ? Static<Body> : null }>,
): AdminRoute {
  return { ...usual, ...row, tenant: 'none', body } as AdminRoute
}

/** A socket: whoever opens it asks the guard with this row. */
export function socketRow(
  row: Omit<AdminRoute, 'method' | 'body' | 'answer' | 'example' | 'handle' | keyof typeof usual> &
    Partial<Pick<AdminRoute, 'openAtFirst' | 'query'>>,
): AdminRoute {
  const handle = () => Promise.reject(new Error('a socket is not asked over HTTP'))
  return { ...usual, ...row, method: 'WS', body: null, answer: Type.Unknown(), example: null, handle }
}

/** Why something is done: a ticket or a reference, never who asked for it. For bodies of routes that are audited. */
export const purposeText = Type.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9 ._:/#-]{0,199}$',
  errorMessage:
    'the number of a case or a ticket, of at most 200 characters: letters, digits, spaces and . _ : / # -',
})

/** Whether a path is the pattern's, and what stands in its places. */
export function paramsOf(pattern: string, path: string): Record<string, string> | null {
  const [parts, given] = [pattern.split('/'), path.split('/')]
  if (parts.length !== given.length) return null
  const params: Record<string, string> = {}
  for (const [index, part] of parts.entries()) {
    const text = given[index] ?? ''
    if (!part.startsWith('{')) {
      if (part !== text) return null
    } else {
      if (text === '') return null
      params[part.slice(1, -1)] = decoded(text)
    }
  }
  return params
}

/** What was never encoded names nothing; as it stands it will not be found. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
