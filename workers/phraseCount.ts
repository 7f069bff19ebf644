import type { TenantIndex } from '../core/state.ts'
import { isCallUsed } from '../core/restrict.ts'
import type { CallRecord } from '../core/outcome.ts'
import { phraseIn } from '../core/shownCall.ts'
import { sessionIndex } from './findable.ts'
import { createOpener } from './opener.ts'
import type { Partition } from './partition.ts'
import { createRests } from './rounds.ts'
import { shownEvent } from './shown.ts'

/** Which calls followed a search phrase, by opening what was sealed of their visits: a few at a time, half of the thread's time at most. */

type Held = Pick<Partition, 'store' | 'keys' | 'state' | 'erasures'>
export type Asked = { readonly tenant: string; readonly fromMs: number; readonly toMs: number }

/** By call, the phrase of its visit; null: it has none, or it cannot be read any more. */
export type Phrases = Map<string, string | null>

/** About a millisecond of work; a call whose visit is opened is as much as many that are passed over. */
const workAtOnce = 512
const workOfOpening = 64
/** The page with which a visit began is among its first events. */
const eventsPerVisit = 4

export async function readPhrases(
  held: Held,
  asked: Asked,
  most: number,
  goesOn: (read: number) => boolean,
): Promise<Phrases> {
  const phrases: Phrases = new Map()
  const rest = createRests()
  let [looked, work, opener] = [0, 0, createOpener(held.keys, asked.tenant)]
  for (const key of held.state.tenants.get(asked.tenant)?.calls.keys() ?? []) {
    looked += 1
    work += 1
    const index = held.state.tenants.get(asked.tenant)
    const call = index?.calls.get(key)
    if (index !== undefined && call !== undefined && isCounted(index, call, asked)) {
      phrases.set(key, phraseOf(held, asked.tenant, call, opener))
      work += workOfOpening
    }
    if (phrases.size === most) break
    if (work < workAtOnce) continue
    work = 0
    // It holds on to keys.
    opener = createOpener(held.keys, asked.tenant)
    if (!goesOn(looked)) break
    await rest()
  }
  goesOn(looked)
  return phrases
}

/** What of it may be used, as of this moment. */
export function isCounted(index: TenantIndex, call: CallRecord, { fromMs, toMs }: Asked): boolean {
  const { rangAt, match } = call
  if (rangAt < fromMs || rangAt >= toMs || match.session === null || match.visitor === null) return false
  return isCallUsed(call, name => index.restricted.has(name))
}

type Opener = ReturnType<typeof createOpener>

function phraseOf(held: Held, tenant: string, { match }: CallRecord, opener: Opener): string | null {
  for (const place of held.store.find(tenant, sessionIndex(match.session ?? ''), null, eventsPerVisit)) {
    const event = shownEvent(held, tenant, place)
    if (event === null || !('page' in event.clear) || event.clear.page === null) continue
    const { personal } = opener.open(event)
    const phrase = personal === null ? null : phraseIn(personal)
    if (phrase !== null) return phrase
  }
  return null
}
