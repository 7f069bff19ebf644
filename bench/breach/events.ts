import type { Input } from '../../core/input.ts'
import type { KeptEvent } from '../../workers/history.ts'
import { type Made, type SeededTenant, seededTenants } from './seeded.ts'

/** The events that seeded facts stand for: what the core reads of them, and what is sealed. */

const idKinds = ['visitor', 'session', 'call', 'caller', 'entered'] as const
type IdKind = (typeof idKinds)[number]

const scratch = Buffer.alloc(16)

/** 22 characters that look like chance, others for each number of a kind and tenant. */
export function idOf(kind: IdKind, tenant: SeededTenant, number: number): string {
  const which = 4 * (idKinds.length * seededTenants.indexOf(tenant) + idKinds.indexOf(kind))
  for (let word = 0; word < 4; word++) {
    const salt = Math.imul(which + word + 1, 0x9e3779b1)
    scratch.writeInt32LE(mixed(number + salt), 4 * word)
  }
  return scratch.toString('base64url')
}

/** MurmurHash's last step: no two of 32 bits come to the same. */
function mixed(number: number): number {
  let bits = number | 0
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return bits ^ (bits >>> 16)
}

export const siteOf = (tenant: SeededTenant) => `pk_${tenant}`
export const sessionOf = ({ kind, tenant, visit }: Made) =>
  kind === 'signal' ? null : idOf('session', tenant, visit)

const source = { source: 'google', medium: 'cpc', campaign: 'spring', content: null, keyword: null }

/** Ids of page views: of the first of a visit, and of any other by its event. */
export const firstPage = 1
export const pageOf = (row: number) => firstPage + 1 + row

export function clearOf(made: Made): Input {
  const { tenant, kind, visitor, row, caller, atMs } = made
  const session = sessionOf(made)
  const from = { tenant, site: siteOf(tenant), visitor: idOf('visitor', tenant, visitor) }
  const visit = { ...from, freshSession: session, session, tab: 't', targets: ['sales'] }
  const clears = {
    hello: () => ({ kind, ...visit, page: { id: firstPage, source } }),
    page: () => ({ kind, ...visit, page: { id: pageOf(row), source } }),
    engagement: () => {
      const contacts = [idOf('entered', tenant, row)]
      return { kind, ...visit, id: row, action: 'submit', number: null, contacts }
    },
    signal: () => ({
      ...{ kind, tenant, carrier: 'generic', call: idOf('call', tenant, made.visit), state: made.state },
      ...{ a: caller === null ? null : idOf('caller', tenant, caller), b: '+4570101010', c: null },
      ...{ reason: null, statedAt: null, takenAt: atMs, spooled: false },
    }),
  }
  return clears[kind]() as unknown as Input
}

const userAgent = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0'

/** What the gateway seals with such an event. */
export function personalOf({ tenant, kind, visitor, row, caller }: Made): Record<string, unknown> {
  const page = {
    url: `https://www.${tenant}.example/garden/chairs/${row}?utm_source=google&utm_medium=cpc&utm_campaign=spring`,
    ...{ referrer: 'https://www.google.com/', title: 'Garden chairs', name: null },
  }
  switch (kind) {
    case 'hello': {
      const ipAddress = `198.51.${(visitor >> 8) & 255}.${visitor & 255}`
      return { ipAddress, userAgent, ids: {}, consent: 'granted', ...page }
    }
    case 'page':
      return page
    case 'engagement':
      return { element: 'form', fields: { name: `Anna ${row}`, email: `anna-${row}@mail.example` } }
    case 'signal':
      return { a: caller === null ? null : `+4520${String(caller).padStart(6, '0')}`, c: null }
  }
}

const standInBytes = 300

/** As it is kept, with bytes in the place of what is sealed that nobody can open. */
export function unsealed(made: Made): KeptEvent {
  const personal = Buffer.alloc(standInBytes, made.row & 255)
  return { clear: clearOf(made), personal, session: sessionOf(made) }
}
