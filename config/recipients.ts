import { addressOf, egressReport } from './egressReport.ts'
import type { Config, TenantConfig } from './types.ts'

/** Who is given personal data by the software itself, from the configuration: said alike in the record and to the person. */

export type Recipient = {
  readonly who: string | null
  readonly what: string
  readonly where: string | null
  readonly subProcessor: boolean | null
}

type Named = Pick<Config, 'egress' | 'nats'> & { readonly tenants: readonly Pick<TenantConfig, 'carriers'>[] }

/** Peers are who the software sends to; the controller's carriers are who asks it. */
export function recipientsOf(config: Named): readonly Recipient[] {
  const peers = egressReport(config).peers.map(peer => ({
    who: peer.operator,
    what: `${peer.purpose}, at ${addressOf(peer)}${peer.used ? '' : ' (allowed, not used by this configuration)'}`,
    where: peer.location,
    subProcessor: peer.operator === null ? null : !/^(?:ourselves|us)$/i.test(peer.operator),
  }))
  return [...peers, ...carriersOf(config)]
}

/** The same of one controller as a person is told it: no addresses of machines, and nobody who is given nothing. */
export function recipientsToldOf(config: Pick<Config, 'egress' | 'nats'>, tenant: TenantConfig): string[] {
  const peers = egressReport(config).peers.filter(({ used }) => used)
  const told = peers.map(
    ({ operator, purpose, location }) =>
      `${operator ?? 'Somebody whom the configuration does not name'}: ${purpose}, in ${location ?? 'a place that the configuration does not name'}.`,
  )
  const carriers = carriersOf({ tenants: [tenant] }).map(
    ({ who, what }) => `${capitalised(who)}; it ${what}.`,
  )
  return [...told, ...carriers]
}

/** Who runs the program for the controllers, as a person is told it; none: the configuration does not say. */
export function processorTold({ processor }: Pick<Config, 'processor'>): string[] {
  const name = processor?.name ?? null
  return name === null ? [] : [`${name}: runs the program for the controller, as its processor.`]
}

/** Where the log lies, beside the machine that the software runs on; none: it lies there. */
export function logPlacesOf(config: Pick<Config, 'egress' | 'nats'>): string[] {
  const used = egressReport(config).peers.filter(one => one.used)
  return [...new Set(used.map(({ location }) => location ?? 'a place that the configuration does not name'))]
}

/** The names of the carriers that a controller has. */
export function carrierNames({ carriers }: Pick<TenantConfig, 'carriers'>): readonly string[] {
  return Object.entries(carriers).flatMap(([name, secrets]) => (secrets === null ? [] : [name]))
}

function carriersOf({ tenants }: Pick<Named, 'tenants'>) {
  return [...new Set(tenants.flatMap(carrierNames))].map(name => ({
    who: `the controller’s telephony: ${name}`,
    what: 'is answered with the match and the forward number of the calls that it reports',
    where: 'chosen by the controller',
    subProcessor: false,
  }))
}

const capitalised = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`
