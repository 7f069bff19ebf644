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

/** An address without the port that some proxies write after it. IPv4 written as IPv6 (`::ffff:10.0.0.1`, or in full) is that IPv4 address. */
function plain(text: string): string {
  const [, bracketed, dotted] = /^(?:\[([^\]]+)\]|(\d+\.\d+\.\d+\.\d+))(?::\d+)?$/.exec(text) ?? []
  const address = bracketed ?? dotted ?? text
  const mapped = /^(?:::ffff:|0000:0000:0000:0000:0000:ffff:)(.+)$/i.exec(address)?.[1]
  if (mapped === undefined) return address
  if (isIP(mapped) === 4) return mapped
  const hex = mapped.replaceAll(':', '').padStart(8, '0')
  return [0, 2, 4, 6].map(at => Number.parseInt(hex.slice(at, at + 2), 16)).join('.')
}

/** Whom a rate holds for: an IPv4 address, or the /64 in which anybody with IPv6 has addresses without number. */
export function rateKey(address: string): string {
  if (isIP(address) !== 6) return address
  const [text = ''] = address.split('%')
  const [head = '', tail = ''] = new URL(`http://[${text}]`).hostname.slice(1, -1).split('::')
  const [before, after] = [head, tail].map(part => part.split(':').filter(group => group !== ''))
  const groups = [...(before ?? [])]
  while (groups.length + (after?.length ?? 0) < 8) groups.push('0')
  return [...groups, ...(after ?? [])].slice(0, 4).join(':')
}

export type Admission = {
  connect(address: string): Promise<boolean>
  signal(address: string): Promise<boolean>
  /** Counts a signal whose proof was wrong. What is rightly signed is never counted, so failures of others behind its address do not refuse it. */
  failed(address: string): Promise<boolean>
}

/** Rates by address: connections and failed proofs a minute, signals a second. In memory, bounded by the limiter's own expiry. */
export function createAdmission(): Admission {
  const allowed = (points: number, duration: number) => {
    const limiter = new RateLimiterMemory({ points, duration })
    return async (address: string) => {
      try {
        await limiter.consume(rateKey(address))
        return true
      } catch {
        return false
      }
    }
  }
  return {
    connect: allowed(limits.connectsPerAddressPerMinuteMax, 60),
    signal: allowed(limits.signalsPerAddressPerSecondMax, 1),
    failed: allowed(limits.failedProofsPerAddressPerMinuteMax, 60),
  }
}

/** A refusal in JSON, as everybody but a carrier's own language gets it. `detail`: what has to be changed, where that is known. */
export function refusal(code: ProblemCode, detail?: string): Answer {
  const problem = problems[code]
  return {
    status: problem.status,
    headers: [
      ['content-type', 'application/json'],
      ...(problem.retry ? ([['retry-after', '1']] as const) : []),
    ],
    body: JSON.stringify({
      error: { code, message: problem.says, ...(detail === undefined ? {} : { detail }) },
    }),
  }
}
