import { isIP } from 'node:net'

/** Forms of addresses in the configuration. Each reader gives null for what has not the form. */

export type ListenAddress = { readonly host: string; readonly port: number }

/** `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080`; port 0 takes a free one. */
export function parseListenAddress(text: string): ListenAddress | null {
  const [, bracketed, plain, digits] =
    /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(text) ?? []
  const port = Number(digits)
  if (digits === undefined || port > 65_535) return null
  if (bracketed !== undefined) return isIP(bracketed) === 6 ? { host: bracketed, port } : null
  const host = plain ?? ''
  const brokenAddress = /^[\d.]+$/.test(host) && isIP(host) !== 4
  return brokenAddress ? null : { host, port }
}

/** Whether only this machine can reach it. */
export function isLoopback({ host }: ListenAddress): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

/** Whether a `Host` header names this machine itself. Another name may have been pointed here to read with a browser. */
export function isLoopbackHost(host: string): boolean {
  const [, bracketed, plain] = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9.]+))(?::\d{1,5})?$/i.exec(host) ?? []
  return isLoopback({ host: bracketed ?? plain?.toLowerCase() ?? '', port: 0 })
}

/** A network, `10.0.0.0/8`; a single address is a network of one. */
export type Network = { readonly address: string; readonly prefix: number; readonly family: 'ipv4' | 'ipv6' }

export function parseNetwork(text: string): Network | null {
  const [, address = '', digits] = /^([^/]+?)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const version = isIP(address)
  if (version === 0 || address.includes('%')) return null
  const bits = version === 4 ? 32 : 128
  const prefix = digits === undefined ? bits : Number(digits)
  return prefix > bits ? null : { address, prefix, family: version === 4 ? 'ipv4' : 'ipv6' }
}

/** An origin exactly as browsers send it, `https://www.acme.example`: no path, no default port, lower case. */
export function isOrigin(text: string): boolean {
  return originOf(text) === text
}

/** The origin of an address, or null if it has none; `*` is no host. */
export function originOf(text: string): string | null {
  const url = URL.canParse(text) ? new URL(text) : null
  if (!url || !/^https?:$/.test(url.protocol) || url.host.includes('*')) return null
  return url.origin
}

/** The public address without a trailing slash, or null: http or https, no credentials, query or fragment. */
export function parsePublicUrl(text: string): string | null {
  if (originOf(text) === null) return null
  const { username, password, search, hash, origin, pathname } = new URL(text)
  return username || password || search || hash ? null : `${origin}${pathname}`.replace(/\/+$/, '')
}

/** One or several servers of the log, `nats://host:4222,nats://other:4222`. Credentials may be in it. */
export function isNatsUrl(text: string): boolean {
  return text
    .split(',')
    .every(one => URL.canParse(one.trim()) && /^(nats|tls):$/.test(new URL(one.trim()).protocol))
}

/** What a client needs to know: the servers without their credentials, and the first credentials that are in it. */
export function parseNatsUrl(text: string): { servers: string[]; user?: string; password?: string } {
  const urls = text.split(',').map(one => new URL(one.trim()))
  const named = urls.find(url => url.username !== '')
  const servers = urls.map(url => `${url.protocol}//${url.host}`)
  if (named === undefined) return { servers }
  return {
    servers,
    user: decodeURIComponent(named.username),
    password: decodeURIComponent(named.password),
  }
}
