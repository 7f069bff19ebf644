import { type Category, oftenSearched, ownHosts, searchEverywhere } from './ownReferrers.ts'
import { mailHosts, otherHosts, paidHosts, socialHosts } from './referrersTable.ts'
import { searchHosts } from './searchHostsTable.ts'

/** A place that is known to send visitors. */
export type Place = { readonly source: string; readonly category: Category }

/** `isExact`: what lies below the host is another place. */
type Entry = Place & { readonly isExact: boolean }

type Rows = readonly (readonly [source: string, hosts: string])[]

const hosts = new Map<string, Entry>()
const sources = new Map<string, Category>()

/** Later tables win, so ours come last. */
function take(rows: Rows, category: Category, isExact: boolean): void {
  for (const [written, list] of rows) {
    for (const host of list.split(' ')) {
      // Nothing that is known of these but that they are no search: the host is the source.
      const source = category === 'other' ? host : written
      hosts.set(host, { source, category, isExact })
    }
    if (category !== 'other') sources.set(written, category)
  }
}

take(searchHosts, 'search', true)
take(socialHosts, 'social', false)
take(mailHosts, 'mail', false)
take(paidHosts, 'paid', false)
take(otherHosts, 'other', false)
for (const [category, table] of Object.entries(ownHosts) as [Category, Record<string, string>][]) {
  take(Object.entries(table), category, false)
}
take(Object.entries(oftenSearched), 'search', true)
/** How advertisers write them in `utm_source`, beside our own names and the hosts. */
const alsoCalled: Readonly<Record<string, string>> = {
  fb: 'facebook',
  ig: 'instagram',
  meta: 'facebook',
  'facebook+instagram': 'facebook',
  x: 'twitter',
  yt: 'youtube',
  li: 'linkedin',
  adwords: 'google',
  googleads: 'google',
  'google-ads': 'google',
  microsoft: 'bing',
  bingads: 'bing',
  openai: 'chatgpt',
  igshopping: 'instagram',
}

/** The place that a host belongs to, walking from the host towards its end, label by label. */
export function placeOf(host: string): Place | null {
  const whole = hosts.get(host)
  if (whole !== undefined) return whole
  const mobile = host.startsWith('m.') ? hosts.get(host.slice(2)) : undefined
  if (mobile !== undefined) return mobile
  for (let dot = host.indexOf('.'); dot !== -1; dot = host.indexOf('.', dot + 1)) {
    const entry = hosts.get(host.slice(dot + 1))
    if (entry !== undefined && !entry.isExact) return entry
  }
  const engine = searchEverywhere.exec(host)?.[1]
  return engine === undefined ? null : { source: engine, category: 'search' }
}

/** The place that the value of a `utm_source` means: our name for it, a usual short one, or its host. */
export function placeCalled(source: string): Place | null {
  const name = source.toLowerCase()
  const meant = alsoCalled[name] ?? name
  const category = sources.get(meant)
  if (category !== undefined) return { source: meant, category }
  if (!name.includes('.')) return null
  return placeOf(name.startsWith('www.') ? name.slice(4) : name)
}
