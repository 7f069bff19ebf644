import { getDomain } from 'tldts'

/**
 * The domain that somebody registered and the host belongs to, by the public suffix list: `acme.co.uk` of
 * `shop.acme.co.uk`, and `anna.github.io` of itself, because GitHub lends those. Null where there is none: an address of
 * the network, `localhost`, a suffix itself. The one door to tldts.
 */
export function domainOf(host: string): string | null {
  return getDomain(host, { allowPrivateDomains: true })
}
