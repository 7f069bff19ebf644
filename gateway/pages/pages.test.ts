import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { loadPages, servePage } from './pages.ts'
import { scriptTag } from './scriptTag.ts'

const pages = loadPages({ site: 'pk_<test>', tenant: 'acme', bearer: 'b"&' })
const asked = (path: string, headers: Record<string, string> = {}) =>
  servePage(pages, { path, headers: new Map(Object.entries(headers)) })
const headersOf = (path: string) => new Map(asked(path)?.headers)

/** The budget of every visitor's connection. */
const snippetGzipBytesMax = 6 * 1024

test('the snippet fits its budget and is one script without imports', () => {
  const text = pages.snippet.body.toString()
  expect(pages.snippet.gzip.length).toBeLessThan(snippetGzipBytesMax)
  expect(() => new Function(text)).not.toThrow()
  expect(text).not.toMatch(/^\s*(?:import|export)\b/m)
})

test('the script tag names the bytes that are served', () => {
  const tag = scriptTag('https://ring.acme.example', 'pk_acme_web')
  const { hash, integrity } = loadPages(null).snippet
  expect(tag).toContain(`src="https://ring.acme.example/v1/snippet.${hash}.js"`)
  expect(tag).toContain(`integrity="${integrity}"`)
})

test('the integrity value is that of the bytes that are served', () => {
  const body = asked('/v1/snippet.js')?.body as Buffer
  expect(pages.snippet.integrity).toBe(`sha384-${createHash('sha384').update(body).digest('base64')}`)
})

test('the plain address may be cached briefly, the one with the hash for ever', () => {
  expect(headersOf('/v1/snippet.js').get('cache-control')).toContain('max-age=300')
  expect(headersOf(`/v1/snippet.${pages.snippet.hash}.js`).get('cache-control')).toContain('immutable')
  expect(asked('/v1/snippet.0123456789abcdef.js')).toBeNull()
})

test('who has it already gets 304, who reads gzip gets gzip', () => {
  const known = asked('/v1/snippet.js', { 'if-none-match': `"x", W/${pages.snippet.etag}` })
  expect(known).toMatchObject({ status: 304, body: '' })
  const packed = asked('/v1/snippet.js', { 'accept-encoding': 'br, gzip' })
  expect(new Map(packed?.headers).get('content-encoding')).toBe('gzip')
  expect(gunzipSync(packed?.body as Buffer)).toEqual(pages.snippet.body)
})

test('the demo’s pages name its site, escaped, and run under a strict policy', () => {
  const html = String(asked('/demo/')?.body)
  expect(html).toContain('data-site="pk_&lt;test&gt;"')
  expect(html).toContain('Bearer b&quot;&amp;')
  expect(html).not.toMatch(/\{\{|<style|\son\w+=|style=/)
  expect(headersOf('/demo/').get('content-security-policy')).toMatch(
    /^default-src 'none'; script-src 'self';/,
  )
  for (const path of ['/', '/demo'])
    expect(asked(path)).toMatchObject({ status: 307, headers: [['location', '/demo/']] })
  expect(asked('/demo/../pages.ts')).toBeNull()
})

test('without the demo there is only the snippet', () => {
  const bare = loadPages(null)
  const paths = ['/demo', '/demo/', '/demo/index.html', '/v1/snippet.js']
  const found = paths.filter(path => servePage(bare, { path, headers: new Map() }) !== null)
  expect(found).toEqual(['/v1/snippet.js'])
})
