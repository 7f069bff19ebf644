import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { gzipSync } from 'node:zlib'

/** One file as browsers get it. `headers` hold its type, etag and caching; the encoding is added by `servePage`. */
export type Page = {
  readonly type: string
  readonly body: Buffer
  readonly gzip: Buffer
  readonly etag: string
  readonly headers: readonly (readonly [string, string])[]
}

/** `hash` names the snippet's version (hex, 16 characters); `integrity` is its SRI value (sha384). */
export type Snippet = Page & { readonly hash: string; readonly integrity: string }

export type Pages = {
  readonly snippet: Snippet
  /** Path → page. Empty unless the demo is served. */
  readonly demo: ReadonlyMap<string, Page>
}

/** What the demo's pages say about the demo's tenant. Its bearer is printed for everybody to see. */
export type DemoFacts = { readonly site: string; readonly tenant: string; readonly bearer: string }

type Request = { readonly path: string; readonly headers: ReadonlyMap<string, string> }
type Answer = {
  readonly status: number
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Buffer | ''
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

const demoPolicy = [
  "default-src 'none'",
  ...["script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'"],
  ...[
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ],
].join('; ')

const noSniff = ['x-content-type-options', 'nosniff'] as const
const aDay = 86_400

/** Reads snippet and demo from beside this file. Throws if a file is missing: then the installation is broken. */
export function loadPages(demo: DemoFacts | null): Pages {
  return { snippet: loadSnippet(), demo: demo === null ? new Map() : loadDemo(demo) }
}

/** The parts of the snippet in order: each may use what stands above it. */
const parts = ['numbers.js', 'swap.js', 'visit.js', 'events.js']

/**
 * The snippet as browsers get it: the parts under `snippet/` in one function of their own, without imports, comments
 * and indentation. Names and lines are those of the parts, so that what runs can be read.
 */
export function joinSnippet(): string {
  const lines = parts.flatMap(part =>
    readFileSync(join(import.meta.dirname, 'snippet', part), 'utf8').split('\n'),
  )
  const kept = lines
    .map(plainLine)
    .filter(line => line !== '' && !/^(?:\/\/|\/\*\*.*\*\/$|import )/.test(line))
  const head = '// Ringtrail (Apache-2.0): joined from gateway/pages/snippet, where it is explained.'
  return [
    head,
    "!function(){'use strict'",
    'if(window.ringtrail)return',
    'try{',
    ...kept,
    '}catch{}',
    '}()',
    '',
  ].join('\n')
}

function plainLine(line: string): string {
  return line
    .trim()
    .replace(/^export /, '')
    .replace(/\/\*\* @type .*? \*\/ /, '')
    .replace(/ \/\/ [^'"`]*$/, '')
}

function loadSnippet(): Snippet {
  const body = Buffer.from(joinSnippet())
  const open = [
    // Any site may load it, also with `integrity`, which needs CORS.
    ['access-control-allow-origin', '*'],
    ['cross-origin-resource-policy', 'cross-origin'],
    ['cache-control', `public, max-age=300, stale-while-revalidate=${aDay}`],
  ] as const
  const integrity = `sha384-${createHash('sha384').update(body).digest('base64')}`
  return { ...page('.js', body, open), hash: hashOf(body), integrity }
}

function loadDemo(facts: DemoFacts): Map<string, Page> {
  const folder = join(import.meta.dirname, 'demo')
  const strict = [
    ['content-security-policy', demoPolicy],
    ['referrer-policy', 'strict-origin-when-cross-origin'],
    ['cache-control', 'no-cache'],
  ] as const
  const files = readdirSync(folder).map(name => {
    const body = Buffer.from(filledIn(readFileSync(join(folder, name), 'utf8'), extname(name), facts))
    return [`/demo/${name}`, page(extname(name), body, strict)] as const
  })
  const pages = new Map(files)
  const index = pages.get('/demo/index.html')
  if (index !== undefined) pages.set('/demo/', index)
  return pages
}

/** Only HTML has gaps, `{{site}}`, `{{tenant}}` and `{{bearer}}`. */
function filledIn(text: string, ending: string, facts: DemoFacts): string {
  if (ending !== '.html') return text
  return text.replace(/\{\{(site|tenant|bearer)\}\}/g, (_, name: keyof DemoFacts) => escapeHtml(facts[name]))
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, sign => entities[sign] ?? sign)
}

function page(ending: string, body: Buffer, headers: Page['headers']): Page {
  const type = types[ending] ?? 'application/octet-stream'
  const etag = `"${hashOf(body)}"`
  const all = [
    ['content-type', type],
    ['etag', etag],
    ['vary', 'accept-encoding'],
    noSniff,
    ...headers,
  ] as const
  return { type, body, gzip: gzipSync(body, { level: 9 }), etag, headers: all }
}

function hashOf(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex').slice(0, 16)
}

/**
 * Answers a GET for the snippet or a page of the demo; null: the path is none of them. `/v1/snippet.js` may be cached
 * for five minutes, `/v1/snippet.<hash>.js` for ever.
 */
export function servePage(pages: Pages, request: Request): Answer | null {
  const hashed = `/v1/snippet.${pages.snippet.hash}.js`
  if (request.path === '/v1/snippet.js') return answer(pages.snippet, request)
  if (request.path === hashed) return answer(forEver(pages.snippet), request)
  // Not for ever: the address is anybody's when the demo is off.
  if ((request.path === '/' || request.path === '/demo') && pages.demo.size > 0)
    return { status: 307, headers: [['location', '/demo/']], body: '' }
  const found = pages.demo.get(request.path)
  return found === undefined ? null : answer(found, request)
}

function forEver(snippet: Page): Page {
  const headers = snippet.headers.map(([name, value]) =>
    name === 'cache-control'
      ? ([name, 'public, max-age=31536000, immutable'] as const)
      : ([name, value] as const),
  )
  return { ...snippet, headers }
}

function answer(page: Page, { headers }: Request): Answer {
  const known = (headers.get('if-none-match') ?? '').split(/\s*,\s*/).map(tag => tag.replace(/^W\//, ''))
  if (known.includes(page.etag)) return { status: 304, headers: page.headers, body: '' }
  if (!/\bgzip\b/.test(headers.get('accept-encoding') ?? ''))
    return { status: 200, headers: page.headers, body: page.body }
  return { status: 200, headers: [...page.headers, ['content-encoding', 'gzip']], body: page.gzip }
}
