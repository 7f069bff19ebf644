import { createHash, createHmac } from 'node:crypto'
import type { ProblemCode } from '../../core/problems.ts'
import type { CarrierRequest } from './carrier.ts'
import { anyEqual } from './constantTime.ts'

/**
 * Twilio's `X-Twilio-Signature`: base64 HMAC-SHA1, keyed with the auth token, over the full public address and then, for
 * a form, each field's name and value in the order of the names. A body that is no form is covered by its SHA-256 in
 * the address (`bodySHA256`). It carries no time, so a request cannot be stale.
 */
export function verifyTwilio(request: CarrierRequest, tokens: readonly string[]): ProblemCode | null {
  const offered = request.headers.get('x-twilio-signature')
  if (offered === undefined || !bodyIsCovered(request)) return 'signature-mismatch'
  const fields = isForm(request) ? joinedFields(formOf(request)) : ''
  const known = tokens.filter(token => token !== '')
  const expected = known.flatMap(token => addresses(request.url).map(url => signature(token, url + fields)))
  return anyEqual([offered], expected) ? null : 'signature-mismatch'
}

/** The fields of the request: of a form's body, or of the query of a GET. Nothing else is covered by a signature. */
export function formOf(request: CarrierRequest): URLSearchParams {
  if (request.method === 'GET') return new URLSearchParams(request.query)
  return new URLSearchParams(isForm(request) ? request.body.toString('utf8') : '')
}

function isForm(request: CarrierRequest): boolean {
  const type = request.headers.get('content-type') ?? ''
  const isFormType = /^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(type)
  return request.method === 'POST' && isFormType && bodyHash(request) === null
}

/** Otherwise a signature over an address alone would let any body pass. */
function bodyIsCovered(request: CarrierRequest): boolean {
  const stated = bodyHash(request)
  if (stated === null) return isForm(request) || request.body.length === 0
  return anyEqual([stated.toLowerCase()], [createHash('sha256').update(request.body).digest('hex')])
}

function bodyHash(request: CarrierRequest): string | null {
  return new URLSearchParams(request.query).get('bodySHA256')
}

/** A name that comes several times is signed once per different value, in the values' order. */
function joinedFields(form: URLSearchParams): string {
  const names = [...new Set(form.keys())].sort()
  const joined = (name: string) => [...new Set(form.getAll(name))].sort().map(value => name + value)
  return names.flatMap(joined).join('')
}

/** Twilio is not consistent about the port: it signs the address without it, or with the scheme's own. */
function addresses(url: string): string[] {
  const parts = /^(https?):\/\/([^/?#:]+)(:\d+)?(.*)$/is.exec(url)
  if (!parts) return [url]
  const [, scheme = '', host = '', port, rest = ''] = parts
  const standard = scheme.toLowerCase() === 'https' ? ':443' : ':80'
  return [`${scheme}://${host}${rest}`, `${scheme}://${host}${port ?? standard}${rest}`]
}

function signature(token: string, signed: string): string {
  return createHmac('sha1', token).update(signed, 'utf8').digest('base64')
}
