import { isbot } from 'isbot'
import type { Request } from './uws.ts'

/** Nobody looks at the page: a program reads it, or the browser fetches it in case somebody will. */
export type Automated = 'bot' | 'preview'

/**
 * Who asks, where it is no person. Numbers are scarce, and what a search engine keeps of a page has to be the page's own
 * number. A driven browser looks like any other from here: its page says so itself (`webdriver=1`).
 */
export function automatedBy({ headers, query }: Pick<Request, 'headers' | 'query'>): Automated | null {
  if (new URLSearchParams(query).get('webdriver') === '1' || isbot(headers.get('user-agent'))) return 'bot'
  return purposes.some(name => fetchedAhead.test(headers.get(name) ?? '')) ? 'preview' : null
}

/** The standard header, and what browsers said before there was one. */
const purposes = ['sec-purpose', 'purpose', 'x-purpose', 'x-moz']
const fetchedAhead = /\b(?:prefetch|prerender|preview)\b/i
