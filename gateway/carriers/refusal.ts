import { type ProblemCode, problems } from '../../core/problems.ts'
import type { CarrierResponse } from './carrier.ts'

const retryAfterSeconds = '1'

/** A refusal as JSON, with the status that belongs to it. */
export function refusal(code: ProblemCode): CarrierResponse {
  const { status, retry } = problems[code]
  const headers: [string, string][] = [...jsonHeaders]
  if (status === 401) headers.push(['www-authenticate', 'Bearer'])
  if (retry) headers.push(['retry-after', retryAfterSeconds])
  return { status, headers, body: JSON.stringify(errorBody(code)) }
}

/** Answers name sessions and callers' calls: nothing on the way may keep them. */
export const jsonHeaders: readonly [string, string][] = [
  ['content-type', 'application/json'],
  ['cache-control', 'no-store'],
]

/** `{"error":{"code","message"}}`, the shape of every refusal. */
export function errorBody(code: ProblemCode): { error: { code: ProblemCode; message: string } } {
  return { error: { code, message: problems[code].says } }
}
