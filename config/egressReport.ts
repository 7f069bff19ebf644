import { type Egress, logServers, type Peer, peerOf } from './egress.ts'

/** What the software may connect to, where that lies and who runs it: for people, and as evidence. */
export type EgressReport = {
  /** False: the configuration has no `egress`, and what it connects to was allowed without a place. */
  readonly declared: boolean
  /** Where the peers lie: a place that is allowed, and has none, is connected to by nothing. */
  readonly locations: readonly string[]
  /** `used`: this configuration connects to it now. This machine itself is not listed. */
  readonly peers: readonly (Peer & { readonly used: boolean })[]
  /** Whether the log lies on this machine, as a local nats-server or as one that is reached over loopback. */
  readonly logIsHere: boolean
  /** Whether a first start may fetch nats-server from Debian: only where no egress is declared. */
  readonly mayFetch: boolean
  readonly missing: readonly string[]
}

type Reported = { readonly egress: Egress; readonly nats: { readonly url: string | null } }

/** Follows from the configuration alone. */
export function egressReport(config: Reported): EgressReport {
  const { declared, peers } = config.egress
  const used = new Set(logServers(config).map(server => peerOf(server, peers)))
  const missing = peers
    .filter(({ location, operator }) => location === null || operator === null)
    .map(
      peer =>
        `${addressOf(peer)}: who runs it and where it lies; whoever runs Ringtrail adds it to egress.peers`,
    )
  return {
    declared,
    locations: [...new Set(peers.flatMap(({ location }) => location ?? []))],
    peers: peers.map(peer => ({ ...peer, used: used.has(peer) })),
    logIsHere: [...used].every(peer => peer === null),
    mayFetch: !declared && config.nats.url === null,
    missing,
  }
}

/** The report for people. */
export function describeEgress(report: EgressReport): string {
  const { declared, locations, peers, logIsHere, missing } = report
  const places = locations.length === 0 ? 'no other place' : locations.join(', ')
  return [
    declared
      ? `Allowed places: this machine; ${places}.`
      : 'The configuration has no egress section: no place is declared.',
    `The log lies ${logIsHere ? 'on this machine' : 'on the peers below that are marked “used”'}.`,
    ...peers.map(
      peer =>
        `${addressOf(peer)}: ${peer.purpose}; run by ${peer.operator ?? '(missing)'}; in ${peer.location ?? '(missing)'}; ${peer.used ? 'used' : 'allowed, not used by this configuration'}`,
    ),
    ...(peers.length === 0 ? ['No connection to another machine is allowed.'] : []),
    ...(report.mayFetch
      ? ['Where there is no nats-server, the first start fetches Debian’s package with apt-get.']
      : []),
    ...missing.map(one => `missing: ${one}`),
    'A name leads where DNS and the network take it: that it lies where it is said to, the software cannot check.',
  ].join('\n')
}

/** `host:port`, or `host` for any port. */
export function addressOf({ host, port }: Pick<Peer, 'host' | 'port'>): string {
  const name = host.includes(':') ? `[${host}]` : host
  return port === null ? `${name} (any port)` : `${name}:${port}`
}
