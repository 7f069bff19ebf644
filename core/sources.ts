import { channelOf, type ChannelRule } from './channels.ts'
import { clickIds } from './clickIds.ts'
import { limits } from './limits.ts'
import { isPlain, looksPersonal } from './looksPersonal.ts'
import { type Category, mediumOf } from './ownReferrers.ts'
import type { Origin as From, Source } from './policy.ts'
import { Personal } from './privacy.ts'
import { parametersOf } from './query.ts'
import { placeCalled, placeOf } from './referrers.ts'
import { isSearchedAt, phraseNames, phraseParameters } from './searchParameters.ts'

/** Which rule named the source. `utm` wins over a click id, a click id over the referrer. */
export type SourceRule = 'utm' | 'click-id' | 'referrer' | 'referral' | 'self' | 'ignored' | 'direct'

export type Classified = {
  readonly source: Source
  readonly because: SourceRule
  /** What was typed into a search engine, where the referrer says it: to be sealed. */
  readonly searchPhrase: Personal | null
}

export type Arrival = { readonly url: string; readonly referrer?: string | null | undefined }

/** What a site says of where its visits come from. */
export type SiteView = {
  /** Hosts that are the site itself, with what lies below them: the domains of its origins. */
  readonly domains: readonly string[]
  /** Hosts that send visitors back and are no source, with what lies below them. */
  readonly ignored: readonly string[]
  /** The domain that somebody registered and the host belongs to; null: none is known. */
  readonly domainOf: (host: string) => string | null
  /** The tenant's rules for channels, before the default ones. */
  readonly channels: readonly ChannelRule[]
}

const nothingKnown: SiteView = { domains: [], ignored: [], domainOf: () => null, channels: [] }

const withheld = '(withheld)'
const notSet = '(not set)'

/** Source and medium, each with what named it. `place`: the known place of a referrer. */
type Origin = {
  readonly source: string
  readonly medium: string
  readonly sourceFrom: From
  readonly mediumFrom: From
  readonly because: SourceRule
}
type Referred = Origin & { readonly category: Category | null }

const utmNames = ['utm_source', 'utm_medium', 'utm_campaign', 'utm_content', 'utm_term'] as const
const ranks: ReadonlyMap<string, number> = new Map(clickIds.map(({ parameter }, rank) => [parameter, rank]))
const wanted: ReadonlySet<string> = new Set([...utmNames, ...ranks.keys()])

/**
 * Where a visit came from: UTM parameters, else an advertiser's click id, else the referrer's host, else direct.
 * Never throws, whatever the text. Every value has at most `limits.sourceCharsMax` characters, what looks like an
 * address, a phone number or a person's id is `(withheld)`, and what was typed into a search engine is in none of them.
 */
export function classify(arrival: Arrival, site: SiteView = nothingKnown): Classified {
  const query = parametersOf(arrival.url, wanted)
  const referred = fromReferrer(arrival, site)
  const click = query.size === 0 ? null : fromClickId(query, referred)
  const { source, medium, sourceFrom, mediumFrom, because } = fromUtm(query, click ?? referred)
  // A platform's ids are digits; beside its click id they are not taken for phone numbers.
  const isMarked = click !== null
  const campaign = cleaned(query.get('utm_campaign'), isMarked)
  const content = cleaned(query.get('utm_content'), isMarked)
  const keyword = cleaned(query.get('utm_term'), isMarked)
  const utm = (value: string | null) => (value === null ? null : 'utm')
  return {
    because,
    searchPhrase: phraseOf(arrival.referrer, referred),
    source: {
      ...{ source, medium, campaign, content, keyword },
      channel: channelOf({ source, medium, campaign }, site.channels),
      provenance: {
        source: sourceFrom,
        medium: mediumFrom,
        campaign: utm(campaign),
        content: utm(content),
        keyword: utm(keyword),
      },
    },
  }
}

function fromUtm(query: ReadonlyMap<string, string>, beneath: Origin): Origin {
  const written = query.get('utm_source')
  const medium = cleaned(query.get('utm_medium'), false)
  const mediumFrom = medium === null ? 'default' : 'utm'
  if (written !== undefined) {
    const source = cleaned(written, false) ?? notSet
    const sourceFrom = source === notSet ? 'default' : 'utm'
    const isBeneath = medium === null && !query.has('utm_medium') && isCalled(written, beneath.source)
    if (isBeneath) return { ...beneath, source, sourceFrom, because: 'utm' }
    return { source, sourceFrom, medium: medium ?? notSet, mediumFrom, because: 'utm' }
  }
  if (!query.has('utm_medium')) return beneath
  return { ...beneath, medium: medium ?? notSet, mediumFrom, because: 'utm' }
}

/** `Google` and `www.google.com` are google. */
function isCalled(written: string, source: string): boolean {
  return written.toLowerCase() === source || placeCalled(written)?.source === source
}

function fromClickId(query: ReadonlyMap<string, string>, referred: Referred): Origin | null {
  let first = clickIds.length
  for (const name of query.keys()) first = Math.min(first, ranks.get(name) ?? first)
  const click = clickIds[first]
  if (click === undefined) return null
  const source = click.also?.includes(referred.source) ? referred.source : click.source
  return {
    ...{ source, medium: click.medium, because: 'click-id' },
    ...{ sourceFrom: 'click-id', mediumFrom: 'click-id' },
  }
}

const nobody = (because: 'direct' | 'self' | 'ignored'): Referred => ({
  ...{ source: '(direct)', medium: '(none)', sourceFrom: 'default', mediumFrom: 'default' },
  ...{ because, category: null },
})
const direct = nobody('direct')
const self = nobody('self')
const ignored = nobody('ignored')

function fromReferrer({ url, referrer }: Arrival, site: SiteView): Referred {
  const host = hostOf(referrer ?? '')
  if (host === null) return direct
  if (isOwn(host, url, site)) return self
  if (isOnOneOf(host, site.ignored)) return ignored
  const place = placeOf(host)
  const category = place?.category ?? null
  return {
    source: place?.source ?? cleaned(host, false) ?? notSet,
    medium: mediumOf[category ?? 'other'],
    ...{ sourceFrom: 'referrer', mediumFrom: 'referrer', category },
    because: category === null || category === 'other' ? 'referral' : 'referrer',
  }
}

/** What was typed, where the referrer is of a place that has it in its address. */
function phraseOf(referrer: string | null | undefined, { source, category }: Referred): Personal | null {
  if (category === null || referrer == null || !referrer.includes('?')) return null
  if (category !== 'search' && category !== 'assistant' && !isSearchedAt(source)) return null
  const query = parametersOf(referrer, phraseNames)
  for (const name of phraseParameters(source)) {
    const typed = tidied(query.get(name) ?? '', limits.textCharsMax)
    // Google's own redirects have the address that they lead to there.
    if (typed !== null && !/^https?:\/\//.test(typed)) return new Personal(typed)
  }
  return null
}

/** A host as browsers write it, read without a parser: letters, digits and hyphens, and the last label begins with a letter. */
const usual = /^(?:https?|android-app):\/\/((?:[a-z0-9-]+\.)*[a-z][a-z0-9-]*)(?::\d{1,4})?(?:[/?#]|$)/

/** The host of an address, without `www.`; null where there is none. */
export function hostOf(address: string): string | null {
  const host = usual.exec(address)?.[1]
  if (host !== undefined && !host.includes('xn--')) return bare(host)
  const parsed = URL.parse(address.trim())?.hostname ?? ''
  return parsed === '' ? null : bare(parsed.trim().toLowerCase().replace(/\.$/, ''))
}

const bare = (host: string) => (host.startsWith('www.') ? host.slice(4) : host)

/** A page of the same site sent the visitor on. */
function isOwn(host: string, url: string, { domains, domainOf }: SiteView): boolean {
  if (isOnOneOf(host, domains)) return true
  const page = hostOf(url)
  if (page === null) return false
  if (page === host) return true
  // The page is on a domain of the site, and the referrer is on none.
  if (isOnOneOf(page, domains)) return false
  const domain = domainOf(page)
  if (domain !== null) return isOn(host, domain)
  return isOn(host, page) || isOn(page, host)
}

function isOnOneOf(host: string, domains: readonly string[]): boolean {
  for (const domain of domains) if (isOn(host, domain)) return true
  return false
}

/** The host is the domain, or lies below it. */
function isOn(host: string, domain: string): boolean {
  if (!host.endsWith(domain)) return false
  return host.length === domain.length || host.charCodeAt(host.length - domain.length - 1) === dot
}
const dot = 46

function cleaned(text: string | undefined, platformNumbers: boolean): string | null {
  if (text === undefined) return null
  if (isPlain(text)) return text.length <= limits.sourceCharsMax ? text : tidied(text, limits.sourceCharsMax)
  if (looksPersonal(text, platformNumbers)) return withheld
  return tidied(text, limits.sourceCharsMax)
}

/** One line of well-formed text of at most so many characters; null where nothing is left. */
function tidied(text: string, charsMax: number): string | null {
  const oneLine = text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zs}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
  const short = oneLine.slice(0, charsMax)
  // A pair of code units that the cut went through leaves no half behind.
  return (short.isWellFormed() ? short : short.slice(0, -1)) || null
}
