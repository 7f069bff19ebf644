import type { TSchema } from 'typebox'
import { Compile, type Validator } from 'typebox/compile'
import type { ProblemCode } from '../core/problems.ts'
import { type Note, noteForm } from '../core/wire/note.ts'
import type { AdminDesk } from './adminDesk.ts'
import type { Admitted, Guard } from './adminGuard.ts'
import { type AdminRoute, type Asked, type NoteFacts, paramsOf } from './adminRoute.ts'
import { refusal } from './admission.ts'
import { type Fault, faultIn } from './bodyForm.ts'
import { NoAnswer } from './owners.ts'
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
    if (typeof answer === 'string') {
      setup.refused(answer)
      return refusal(answer)
    }
    if (!('detail' in answer)) return answer
    setup.refused(answer.code)
    return refusal(answer.code, answer.detail)
  }
}

async function answerTo(
  { routes, guard, desk }: DispatchSetup,
  checks: ReadonlyMap<TSchema, Validator>,
  request: Request,
): Promise<Answer | Fault | ProblemCode> {
  const found = find(routes, request)
  if (typeof found === 'string') return found
  const { route, params } = found
  const admitted = await guard(route, request, params)
  if (typeof admitted === 'string') return admitted
  const check = route.body === null ? undefined : checks.get(route.body)
  const body =
    route.body === null || check === undefined ? { value: null } : read(route.body, check, request.body)
  if (typeof body === 'string' || 'detail' in body) return body
  const query = new URLSearchParams(request.query)
  const accept = request.headers.get('accept') ?? ''
  const asked = { ...askedBy(desk, admitted), params, query, accept, body: body.value }
  return route.handle(desk, asked).catch((error: unknown) => {
    if (error instanceof NoAnswer) return 'not-now'
    throw error
  })
}

function askedBy(
  desk: AdminDesk,
  { caller, tenant, place }: Admitted,
): Pick<Asked, 'caller' | 'tenant' | 'place' | 'note' | 'noteOf'> {
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
function read(schema: TSchema, check: Validator, bytes: Buffer): { value: unknown } | Fault | ProblemCode {
  if (bytes.length === 0) return check.Check({}) ? { value: {} } : 'empty-body'
  let value: unknown
  try {
    value = JSON.parse(bytes.toString('utf8'))
  } catch {
    return 'not-json'
  }
  return check.Check(value) ? { value } : (faultIn(schema, value) ?? { value })
}
