import type { TSchema } from 'typebox'
import { Compile, type Validator } from 'typebox/compile'
import type { ProblemCode } from '../core/problems.ts'
import { handleForm, idForm } from '../core/subjectNames.ts'
import { type Note, noteForm } from '../core/wire/note.ts'
import type { Caller } from './access/authenticate.ts'
import type { AdminDesk } from './adminDesk.ts'
import type { Guard } from './adminGuard.ts'
import { type AdminRoute, type Asked, type NoteFacts, paramsOf } from './adminRoute.ts'
import { refusal } from './admission.ts'
import { processorsPlace } from './noting.ts'
import { NoAnswer } from './owners.ts'
import type { Tenant } from './tenants.ts'
import type { Answer, Request } from './uws.ts'

export type DispatchSetup = {
  readonly routes: readonly AdminRoute[]
  readonly guard: Guard
  readonly desk: AdminDesk
  readonly refused: (code: ProblemCode) => void
}

/** Brings a request to its route: guard, body, handler, in this order for every one of them. */
export function createDispatch(setup: DispatchSetup): (request: Request) => Promise<Answer> {
  const checks = new Map<TSchema, Validator>()
  for (const { body } of setup.routes) if (body !== null) checks.set(body, Compile(body))
  return async request => {
    const answer = await answerTo(setup, checks, request)
    if (typeof answer !== 'string') return answer
    setup.refused(answer)
    return refusal(answer)
  }
}

async function answerTo(
  { routes, guard, desk }: DispatchSetup,
  checks: ReadonlyMap<TSchema, Validator>,
  request: Request,
): Promise<Answer | ProblemCode> {
  const found = find(routes, request)
  if (typeof found === 'string') return found
  const { route, params } = found
  const admitted = await guard(route, request, params)
  if (typeof admitted === 'string') return admitted
  const { caller, tenant } = admitted
  const check = route.body === null ? undefined : checks.get(route.body)
  const body = check === undefined ? { value: null } : read(check, request.body)
  if (typeof body === 'string') return body
  const query = new URLSearchParams(request.query)
  const asked = { ...askedBy(desk, caller, tenant), params, query, body: body.value }
  return route.handle(desk, asked).catch((error: unknown) => {
    if (error instanceof NoAnswer) return 'not-now'
    throw error
  })
}

function askedBy(
  desk: AdminDesk,
  caller: Caller,
  tenant: Tenant | null,
): Pick<Asked, 'caller' | 'tenant' | 'place' | 'note' | 'noteOf'> {
  const place = tenant === null ? processorsPlace : { tenant: tenant.id, partition: tenant.partition }
  const noteOf = (facts: NoteFacts): Note => ({
    form: noteForm,
    ...{ subjects: [], request: null, purpose: null, counts: {}, detail: {} },
    ...facts,
    actor: caller.actor,
    role: caller.role,
  })
  return { caller, tenant, place, noteOf, note: facts => desk.noting(place, noteOf(facts)) }
}

type Found = { readonly route: AdminRoute; readonly params: Readonly<Record<string, string>> }

function find(routes: readonly AdminRoute[], { method, path }: Request): Found | ProblemCode {
  const wanted = method === 'HEAD' ? 'GET' : method
  let isThere = false
  for (const route of routes) {
    const params = route.method === 'WS' ? null : paramsOf(route.path, path)
    if (params === null) continue
    if (route.method === wanted) return { route, params }
    isThere = true
  }
  return isThere ? 'method-not-allowed' : 'not-found'
}

/** A body that says nothing is `{}` where nothing has to be said. */
function read(check: Validator, bytes: Buffer): { value: unknown } | ProblemCode {
  if (bytes.length === 0) return check.Check({}) ? { value: {} } : 'empty-body'
  let value: unknown
  try {
    value = JSON.parse(bytes.toString('utf8'))
  } catch {
    return 'not-json'
  }
  if (check.Check(value)) return { value }
  return problemOf(check.Errors(value))
}

/** A handle that lacks a character is told apart: who sent it would take it for somebody of whom nothing is held. */
function problemOf(errors: ReturnType<Validator['Errors']>): ProblemCode {
  const isHandle = errors.some(
    ({ keyword, params }) =>
      keyword === 'pattern' && (params.pattern === handleForm || params.pattern === idForm),
  )
  if (isHandle) return 'not-a-handle'
  const isStrange = errors.some(({ keyword }) => keyword === 'additionalProperties')
  return isStrange ? 'unknown-field' : 'not-valid'
}
