import { loadPages } from './pages.ts'

/**
 * The script tag of this version of the snippet: its address changes with its bytes, and the browser refuses any other
 * bytes (Subresource Integrity, https://www.w3.org/TR/SRI/).
 */
export function scriptTag(publicUrl: string, site: string): string {
  const { hash, integrity } = loadPages(null).snippet
  const attributes = [
    'async',
    `src="${publicUrl}/v1/snippet.${hash}.js"`,
    `integrity="${integrity}"`,
    'crossorigin="anonymous"',
    `data-site="${site}"`,
    'data-consent="unknown"',
  ]
  return `<script ${attributes.join(' ')}></script>`
}
