import { limits } from './limits.ts'
import { looksPersonal } from './looksPersonal.ts'
import type { Source } from './policy.ts'
import { clickIds, hosts, searchEverywhere } from './sourcesTable.ts'

/** Which rule named the source. `utm` wins over a click id, a click id over the referrer. */
export type SourceRule = 'utm' | 'click-id' | 'referrer' | 'referral' | 'self' | 'direct'

export type Classified = { readonly source: Source; readonly because: SourceRule }

export type Arrival = {
  readonly url: string
  readonly referrer?: string | null | undefined
  /** The site's own host, where it is known to be wider than the page's: `acme.example` for `shop.acme.example`. */
  readonly siteHost?: string | null | undefined
}

const withheld = '(withheld)'
const notSet = '(not set)'

type Origin = { readonly source: string; readonly medium: string; readonly because: SourceRule }

/**
 * Where a visit came from: UTM parameters, else an advertiser's click id, else the referrer's host, else direct.
 * Never throws, whatever the text. Every value has at most `limits.sourceCharsMax` characters, what looks like an
 * address, a phone number or a person's id is `(withheld)`, and what was typed into a search engine is never read.
 */
export function classify(arrival: Arrival): Classified {
  const query = parametersOf(arrival.url)
  const click = fromClickId(query)
  const beneath = click ?? fromReferrer(arrival)
  // A platform's ids are digits; beside its click id they are not taken for phone numbers.
  const detail = (name: string) => cleaned(query.get(name) ?? '', click !== null)
  const utm = fromUtm(query, beneath)
  return {
    because: utm.because,
    source: {
      source: cleaned(utm.source, false) ?? notSet,
      medium: cleaned(utm.medium, false) ?? notSet,
      campaign: detail('utm_campaign'),
      content: detail('utm_content'),
      keyword: detail('utm_term'),
    },
  }
}

/** The query's parameters by name in lower case; of several with one name the first that says something. */
function parametersOf(url: string): Map<string, string> {
  const query = url.split('#', 1)[0]?.split('?').slice(1).join('?') ?? ''
  const parameters = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(query)) {
    // A link that was escaped for HTML once too often says `&amp;utm_medium=`.
    const key = name.toLowerCase().replace(/^amp;/, '')
    if (value.trim() !== '' && !parameters.has(key)) parameters.set(key, value)
  }
  return parameters
}

function fromUtm(query: Map<string, string>, beneath: Origin): Origin {
  const source = query.get('utm_source')
  const medium = query.get('utm_medium')
  if (source !== undefined) {
    const sameSource = source.toLowerCase() === beneath.source
    return { source, medium: medium ?? (sameSource ? beneath.medium : notSet), because: 'utm' }
  }
  return medium === undefined ? beneath : { source: beneath.source, medium, because: 'utm' }
}

function fromClickId(query: Map<string, string>): Origin | null {
  const found = clickIds.find(([parameter]) => query.has(parameter))
  return found ? { source: found[1], medium: found[2], because: 'click-id' } : null
}

function fromReferrer(arrival: Arrival): Origin {
  const host = hostOf(arrival.referrer ?? '')
  if (host === null) return { source: '(direct)', medium: '(none)', because: 'direct' }
  if (isOwn(host, hostOf(arrival.url)) || isOwn(host, bareHost(arrival.siteHost ?? ''))) {
    return { source: '(direct)', medium: '(none)', because: 'self' }
  }
  const known = fromKnownHost(host)
  if (known) return { source: known[0], medium: known[1], because: 'referrer' }
  return { source: host, medium: 'referral', because: 'referral' }
}

function fromKnownHost(host: string): readonly [source: string, medium: string] | null {
  for (let suffix = host; suffix !== ''; suffix = suffix.slice(suffix.indexOf('.') + 1)) {
    if (Object.hasOwn(hosts, suffix)) return hosts[suffix] ?? null
    if (!suffix.includes('.')) break
  }
  const engine = searchEverywhere.exec(host)?.[1]
  return engine ? [engine, 'organic'] : null
}

/** The host of an address, without `www.`; null where there is none. */
function hostOf(address: string): string | null {
  const host = URL.parse(address.trim())?.hostname ?? ''
  return host === '' ? null : bareHost(host)
}

function bareHost(host: string): string {
  return host
    .trim()
    .toLowerCase()
    .replace(/^www\./, '')
    .replace(/\.$/, '')
}

/** One of the two lies within the other: a page of the same site sent the visitor on. */
function isOwn(host: string, own: string | null): boolean {
  if (own === null || own === '') return false
  return host === own || host.endsWith(`.${own}`) || own.endsWith(`.${host}`)
}

function cleaned(text: string, platformNumbers: boolean): string | null {
  if (looksPersonal(text, platformNumbers)) return withheld
  const oneLine = text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zs}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
  const short = oneLine.slice(0, limits.sourceCharsMax)
  // A pair of code units that the cut went through leaves no half behind.
  return (short.isWellFormed() ? short : short.slice(0, -1)) || null
}
