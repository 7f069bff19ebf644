import type { AllowedServers } from './egress.ts'

/** As the client names them: a wrong user or password, one that has expired, or none where one is needed. */
const codes: readonly unknown[] = [
  'AUTHORIZATION_VIOLATION',
  'AUTHENTICATION_EXPIRED',
  'AUTHENTICATION_TIMEOUT',
  'BAD_AUTHENTICATION',
]

/** Throws why a link could not be opened. The servers of a link have neither user nor password in their addresses. */
export function sayNotLetIn({ servers }: AllowedServers): (error: unknown) => never {
  return error => {
    if (!(error instanceof Error) || !codes.includes((error as { code?: unknown }).code)) throw error
    const where = [servers].flat().join(', ')
    throw new Error(
      `The nats-server of nats.url, ${where}, does not let us in: look at the user and the password in nats.url or RINGTRAIL_NATS_URL, and at the users of its own configuration.`,
    )
  }
}
