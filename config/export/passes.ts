import { type KeptEvent, callKey, signalIn } from '../../core/belongs.ts'
import type { CallRecord } from '../../core/outcome.ts'
import { type OpenedEvent, recordsOf, type SessionFacts } from './assemble.ts'
import type { OpenedRecord } from './records.ts'

/** A history that is too large to hold. Each is read once in every pass, and may leave out what is not wanted. */
export type HistorySource = {
  /** Ask `isWanted` before a sealed part is opened: most events belong to another pass. */
  events(isWanted: (event: KeptEvent) => boolean): AsyncIterable<OpenedEvent>
  calls(): AsyncIterable<CallRecord>
  sessions(): AsyncIterable<SessionFacts>
}

/**
 * All records of a tenant, with memory for one pass: in each, the visits and calls whose id falls into its share are
 * assembled. A record is given once, because all that belongs to it falls into the same share.
 */
export async function* recordsInPasses(source: HistorySource, passes: number): AsyncGenerator<OpenedRecord> {
  for (let pass = 0; pass < passes; pass++) {
    const isMine = (key: string) => shareOf(key, passes) === pass
    const isWanted = (event: KeptEvent) => isMine(shareKey(event))
    const events = await gathered(source.events(isWanted), isWanted)
    const calls = await gathered(source.calls(), record => isMine(callKey(record)))
    const sessions = await gathered(source.sessions(), facts => isMine(facts.session))
    yield* recordsOf({ events, calls, sessions }, 'everyone')
  }
}

function shareKey({ clear, session }: KeptEvent): string {
  const signal = signalIn(clear)
  if (signal !== null) return callKey(signal)
  return session ?? ('visitor' in clear ? clear.visitor : '')
}

/** FNV-1a: the same share in every pass and process. */
function shareOf(key: string, shares: number): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < key.length; index++)
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193) >>> 0
  return hash % shares
}

async function gathered<Row>(rows: AsyncIterable<Row>, isWanted: (row: Row) => boolean): Promise<Row[]> {
  const kept: Row[] = []
  for await (const row of rows) if (isWanted(row)) kept.push(row)
  return kept
}
