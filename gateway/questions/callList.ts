import { limits } from '../../core/limits.ts'
import type { CallFilter, CallPlace } from '../../core/wire/questions.ts'
import type { AdminDesk } from '../adminDesk.ts'
import type { Asked } from '../adminRoute.ts'
import { refusal } from '../admission.ts'
import type { Tenant } from '../tenants.ts'
import type { Answer } from '../uws.ts'
import { askCalls } from './asking.ts'
import { cursorText, parseCursor } from './cursor.ts'
import { filterOf, type FilterTexts } from './filters.ts'

/** Calls of a tenant: a page in JSON, or all of them as lines. */

export type ListTexts = FilterTexts & {
  readonly after?: string
  readonly limit?: string
  readonly as?: string
}

const pageUsually = 100

export async function listCalls(
  desk: AdminDesk,
  tenant: Tenant,
  texts: ListTexts,
  streams: Streams,
): Promise<Answer> {
  const { as = 'json' } = texts
  if (as === 'json') return pageAnswer(await askPage(desk, tenant, texts, limits.callsPerPageMax))
  const wanted = wantedBy(texts)
  if ('refused' in wanted) return wanted.refused
  const release = streams.begin(tenant.id)
  if (release === null)
    return refusal('too-many-requests', `A tenant has at most ${limits.streamsPerTenantMax} streams at once.`)
  return streamOf(desk, tenant, { ...wanted, as: as as 'csv' | 'ndjson' }, release)
}

type Wanted = { readonly filter: CallFilter; readonly after: CallPlace | null }
type Refused = { readonly refused: Answer }

function wantedBy(texts: ListTexts): Wanted | Refused {
  const after = texts.after === undefined ? null : parseCursor(texts.after)
  if (texts.after !== undefined && after === null)
    return { refused: refusal('not-valid', 'after has to be the next of an earlier page.') }
  return { filter: filterOf(texts), after }
}

/** Their records with commas between them, and where the next page begins. */
type Page = { readonly text: Buffer; readonly next: string | null }

export async function askPage(
  desk: AdminDesk,
  tenant: Tenant,
  texts: ListTexts,
  perPageMax: number,
): Promise<Page | Refused> {
  const wanted = wantedBy(texts)
  if ('refused' in wanted) return wanted
  const most = Math.min(Number(texts.limit ?? pageUsually), perPageMax)
  const reply = await askCalls(desk, tenant, {
    kind: 'calls',
    tenant: tenant.id,
    as: 'json',
    ...wanted,
    most,
  })
  if ('refused' in reply) return reply
  return { text: Buffer.from(reply.text), next: reply.next === null ? null : cursorText(reply.next) }
}

function pageAnswer(page: Page | Refused): Answer {
  if ('refused' in page) return page.refused
  const end = `],"next":${JSON.stringify(page.next)}}`
  const body = Buffer.concat([Buffer.from('{"calls":['), page.text, Buffer.from(end)])
  return { status: 200, headers: headersOf(types.json), body }
}

export const types = {
  json: 'application/json',
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson',
} as const

/** Each piece is asked for when the one before has left: nothing waits in memory but the one under way. */
async function streamOf(
  desk: AdminDesk,
  tenant: Tenant,
  { as, ...wanted }: Wanted & { readonly as: 'csv' | 'ndjson' },
  release: () => void,
): Promise<Answer> {
  const most = limits.callsPerChunk
  const ask = (after: CallPlace | null) =>
    askCalls(desk, tenant, { kind: 'calls', tenant: tenant.id, filter: wanted.filter, after, most, as })
  const first = await ask(wanted.after).catch((error: unknown) => {
    release()
    throw error
  })
  if ('refused' in first) {
    release()
    return first.refused
  }
  let [text, after]: [Uint8Array | null, CallPlace | null] = [first.text, first.next]
  const next = async () => {
    const piece = text
    text = null
    if (piece !== null) return piece
    if (after === null) return null
    const more = await ask(after)
    // A reader that begins anew cannot go on: an answer that was cut off is not taken for whole.
    if ('refused' in more) throw new Error('the calls cannot be read on')
    after = more.next
    return more.text
  }
  return { status: 200, headers: headersOf(types[as]), pieces: { next, over: release } }
}

export const headersOf = (type: string) =>
  [
    ['content-type', type],
    ['cache-control', 'no-store'],
  ] as const

/** How many streams a tenant has open. */
export type Streams = { begin(tenant: string): (() => void) | null }

export function createStreams(most: number = limits.streamsPerTenantMax): Streams {
  const open = new Map<string, number>()
  return {
    begin: tenant => {
      const count = open.get(tenant) ?? 0
      if (count >= most) return null
      open.set(tenant, count + 1)
      let isOver = false
      return () => {
        if (isOver) return
        isOver = true
        open.set(tenant, (open.get(tenant) ?? 1) - 1)
      }
    },
  }
}

/** What `Accept` asks for; a browser, or nothing, gets JSON. */
export function formOf(accept: string | undefined): string | undefined {
  if (accept?.includes('text/csv')) return 'csv'
  return accept?.includes('application/x-ndjson') ? 'ndjson' : undefined
}

export type AskedOf<Body> = Asked & { readonly tenant: Tenant; readonly body: Body }
