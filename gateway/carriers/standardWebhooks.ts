import { Webhook } from 'standardwebhooks'
import { limits } from '../../core/limits.ts'
import type { ProblemCode } from '../../core/problems.ts'
import type { CarrierRequest } from './carrier.ts'
import { anyEqual } from './constantTime.ts'

/**
 * The one door to Standard Webhooks: headers `webhook-id`, `webhook-timestamp` (s) and `webhook-signature` (a list, any
 * of which may match). The library compares the timestamp with the machine's clock, which a test cannot hold still; so
 * it signs for us, and the times are compared here, with the moment the request was received.
 */
export function verifySignature(request: CarrierRequest, secrets: readonly string[]): ProblemCode | null {
  const id = request.headers.get('webhook-id') ?? ''
  const stamp = request.headers.get('webhook-timestamp') ?? ''
  const offered = (request.headers.get('webhook-signature') ?? '').split(' ').filter(each => each !== '')
  if (id === '' || !/^\d{1,12}$/.test(stamp)) return 'signature-mismatch'
  const signedAt = Number(stamp) * 1_000
  const expected = secrets.flatMap(secret => signature(secret, id, signedAt, request.body))
  if (!anyEqual(offered, expected)) return 'signature-mismatch'
  // Too far ahead is as wrong as too old: it would stay valid for longer than it should.
  const distanceMs = Math.abs(request.receivedAt - signedAt)
  return distanceMs > limits.signatureToleranceMs ? 'signature-stale' : null
}

/** The signature that the sender should have made; none for a secret that is not in the documented form. */
function signature(secret: string, id: string, signedAt: number, body: Buffer): string[] {
  try {
    return [new Webhook(secret).sign(id, new Date(signedAt), body)]
  } catch {
    return []
  }
}
