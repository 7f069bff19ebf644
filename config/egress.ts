import { isLoopback } from './addresses.ts'
import { unique } from './references.ts'
import type { Path } from './position.ts'
import type { Findings } from './problem.ts'
import type { Settings } from './schema.ts'

/**
 * The one place through which the address of every connection passes that the software itself opens. This machine may
 * always be spoken to; anything else has to be allowed by the configuration, with who runs it and where it lies.
 */

/** A party that may be connected to. `operator` and `location` are null where the configuration does not say. */
export type Peer = {
  readonly host: string
  /** null: any port. */
  readonly port: number | null
  readonly purpose: string
  readonly operator: string | null
  readonly location: string | null
}

export type Egress = {
  /** False: the file has no `egress`, and what it connects to is allowed without a place. */
  readonly declared: boolean
  readonly locations: readonly string[]
  readonly peers: readonly Peer[]
}

type Destination = { readonly host: string; readonly port: number }

/** Where the log lies, and who may be asked for it: what a link to NATS is opened with. */
export type AllowedServers = { readonly servers: string | string[]; readonly peers?: readonly Peer[] }

/** Reads and checks `egress`, and that each server of `nats.url` is a peer of it. */
export function readEgress(settings: Settings, findings: Findings): Egress {
  const { egress, nats } = settings
  const servers = nats.url === null ? [] : destinationsOf(nats.url.split(',')).filter(isElsewhere)
  if (egress === null) {
    const [path, says] = [
      ['nats', 'url'],
      'lies where nobody has declared: name it in egress.peers, with its location',
    ]
    if (servers.length > 0) findings.warn(path, says)
    return { declared: false, locations: [], peers: servers.map(undeclared) }
  }
  checkPeers(egress, findings)
  const peers = egress.peers.map(peer => ({ ...peer, host: plainHost(peer.host) }))
  for (const [index, server] of servers.entries()) {
    if (peerOf(server, peers) !== null) continue
    // The address may hold a secret where it is malformed, so it is not repeated.
    findings.report(
      ['nats', 'url'],
      `names a server (${index + 1}. of those that are not on this machine) that is none of egress.peers`,
    )
  }
  return { declared: true, locations: egress.locations, peers }
}

function checkPeers({ locations, peers }: NonNullable<Settings['egress']>, findings: Findings): void {
  const pathOf = (index: number): Path => ['egress', 'peers', index, 'host']
  unique(peers, ({ host, port }) => `${plainHost(host)}${port === null ? '' : `:${port}`}`, pathOf, findings)
  for (const [index, { host, location }] of peers.entries()) {
    if (!/^(?=.*[^.])[a-z0-9.:_-]+$/i.test(plainHost(host)))
      findings.report(pathOf(index), 'has to be a host name or an address, without scheme, port or user')
    if (!locations.includes(location))
      findings.report(['egress', 'peers', index, 'location'], 'is none of egress.locations')
  }
}

const undeclared = ({ host, port }: Destination): Peer => ({
  host,
  port,
  purpose: 'the log',
  operator: null,
  location: null,
})

/** The peer that a destination is, or null: then nothing may be sent there. */
export function peerOf({ host, port }: Destination, peers: readonly Peer[]): Peer | null {
  const named = peers.filter(peer => peer.host === plainHost(host))
  return named.find(peer => peer.port === port) ?? named.find(peer => peer.port === null) ?? null
}

/** Whether an address is not this machine's own. */
function isElsewhere(destination: Destination): boolean {
  return !isLoopback({ host: plainHost(destination.host), port: destination.port })
}

/** The servers, where every one of them may be connected to. Throws otherwise, before anything is looked up. */
export function allowedServers({ servers, peers = [] }: AllowedServers): string | string[] {
  for (const destination of destinationsOf([servers].flat())) {
    if (isElsewhere(destination) && peerOf(destination, peers) === null)
      throw new Error('A connection was refused before it was opened: its address is none of egress.peers.')
  }
  return servers
}

/** The client reads no scheme. Where one address says `tls://`, it refuses a server that does not encrypt. */
export function encryption({ servers }: AllowedServers): { readonly tls?: Record<string, never> } {
  return [servers].flat().some(one => /^tls:/i.test(one)) ? { tls: {} } : {}
}

/** Where the configured servers of the log lie; none where it is a local one. */
export function logServers({
  nats,
}: {
  readonly nats: { readonly url: string | null }
}): readonly Destination[] {
  return nats.url === null ? [] : destinationsOf(nats.url.split(','))
}

const natsPort = 4_222

/** What has no form of an address is refused elsewhere, and never reaches a client. */
function destinationsOf(addresses: readonly string[]): readonly Destination[] {
  return addresses.flatMap(text => {
    const address = text.trim().replace(/^(?![a-z]+:\/\/)/i, 'nats://')
    if (!URL.canParse(address)) return []
    const { hostname, port } = new URL(address)
    return { host: plainHost(hostname), port: port === '' ? natsPort : Number(port) }
  })
}

/** As it is compared: lower case, no brackets, no dot at the end. */
function plainHost(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
}
