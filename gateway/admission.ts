import { BlockList, isIP } from 'node:net'
import type { Config } from '../config/config.ts'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import { limits } from '../core/limits.ts'
import { type ProblemCode, problems } from '../core/problems.ts'
import type { Answer, Request } from './uws.ts'

/** Who is really calling: the nearest address that is not one of our own proxies. Nobody's header is believed by default. */
export type Addresses = (request: Pick<Request, 'peer' | 'headers'>) => string

export function createAddresses(trustedProxies: Config['trustedProxies']): Addresses {
  const trusted = new BlockList()
  for (const { address, prefix, family } of trustedProxies) trusted.addSubnet(address, prefix, family)
  const isTrusted = (address: string) =>
    isIP(address) !== 0 && trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
  return request => {
    const hops = (request.headers.get('x-forwarded-for') ?? '').split(',').map(hop => hop.trim())
    let address = plain(request.peer)
    while (isTrusted(address)) {
      const next = plain(hops.pop() ?? '')
      if (isIP(next) === 0) break
      address = next
    }
    return address
  }
}

/** IPv4 written as IPv6 (`::ffff:10.0.0.1`, or in full) is that IPv4 address. */
function plain(address: string): string {
  const mapped = /^(?:::ffff:|0000:0000:0000:0000:0000:ffff:)(.+)$/i.exec(address)?.[1]
  if (mapped === undefined) return address
  if (isIP(mapped) === 4) return mapped
  const hex = mapped.replaceAll(':', '').padStart(8, '0')
  return [0, 2, 4, 6].map(at => Number.parseInt(hex.slice(at, at + 2), 16)).join('.')
}

export type Admission = {
  connect(address: string): Promise<boolean>
  signal(address: string): Promise<boolean>
}

/** Rates by address: connections a minute, signals a second. In memory, bounded by the limiter's own expiry. */
export function createAdmission(): Admission {
  const connects = new RateLimiterMemory({ points: limits.connectsPerAddressPerMinuteMax, duration: 60 })
  const signals = new RateLimiterMemory({ points: limits.signalsPerAddressPerSecondMax, duration: 1 })
  const allowed = (limiter: RateLimiterMemory) => async (address: string) => {
    try {
      await limiter.consume(address)
      return true
    } catch {
      return false
    }
  }
  return { connect: allowed(connects), signal: allowed(signals) }
}

/** A refusal in JSON, as everybody but a carrier's own language gets it. */
export function refusal(code: ProblemCode): Answer {
  const problem = problems[code]
  return {
    status: problem.status,
    headers: [
      ['content-type', 'application/json'],
      ...(problem.retry ? ([['retry-after', '1']] as const) : []),
    ],
    body: JSON.stringify({ error: { code, message: problem.says } }),
  }
}
