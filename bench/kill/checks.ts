import type { MatchOnTheWire } from '../../core/wire/signal.ts'
import { inTurns } from '../load/world.ts'
import type { System } from '../system.ts'
import { doublyHeld, type Ledger, sameMatch } from './ledger.ts'
import { type Consumed, consumeResults } from './results.ts'
import type { Traffic } from './traffic.ts'

const settleWithinMs = 10_000

/** After a restart: everybody is back, and the last acknowledged view of each is known already. */
export async function checkReturn(system: System, traffic: Traffic, ledger: Ledger): Promise<void> {
  await traffic.arrive(system)
  ledger.troubles.push(...doublyHeld(ledger))
  const before = await outcomes(system, 'repeated')
  const sent = await traffic.repeatViews()
  const known = await settled(
    async () => (await outcomes(system, 'repeated')) - before,
    count => count >= sent,
  )
  if (known < sent) ledger.troubles.push(`${sent - known} acknowledged views were lost`)
}

/** At the end: every acknowledged call has its record with the same match, and one result for each state. */
export async function checkCalls(system: System, ledger: Ledger): Promise<Consumed> {
  await inTurns([...ledger.calls], 8, async ([call, { match }]) => {
    const kept = await keptMatch(system, call)
    if (kept === null) ledger.troubles.push(`${call} was acknowledged and is lost`)
    else if (match.kind !== 'deferred' && !sameMatch(kept, match))
      ledger.troubles.push(`${call} was answered ${match.kind} and is kept as ${kept.kind}`)
  })
  const consumed = await settled(
    () => consumeResults(system.dataDir),
    one => resultTroubles(ledger, one).length === 0,
  )
  ledger.troubles.push(...resultTroubles(ledger, consumed))
  return consumed
}

function resultTroubles({ calls }: Ledger, { taken }: Consumed): string[] {
  const names = [...calls].flatMap(([call, { states }]) =>
    [...new Set(states)].map(state => `${call} ${state}`),
  )
  const missing = names.filter(name => !taken.has(name)).map(name => `${name} has no result`)
  const doubled = [...taken].filter(([, times]) => times > 1).map(([name]) => `${name} has two results`)
  return [...missing, ...doubled]
}

async function keptMatch(system: System, call: string): Promise<MatchOnTheWire | null> {
  const response = await fetch(`http://127.0.0.1:${system.adminPort}/v1/calls/${call}`)
  return response.status === 200 ? ((await response.json()) as { match: MatchOnTheWire }).match : null
}

/** How often an outcome of this kind was counted since the start. */
async function outcomes(system: System, kind: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${system.adminPort}/metrics`)).text()
  return Number(new RegExp(`^ringtrail_outcomes_total\\{kind="${kind}"\\} (\\d+)`, 'm').exec(text)?.[1] ?? 0)
}

/** Asks until it is good, or time is up, and gives the last answer: results and counts come a moment later. */
async function settled<Value>(ask: () => Promise<Value>, good: (value: Value) => boolean): Promise<Value> {
  const until = Date.now() + settleWithinMs
  for (;;) {
    const value = await ask()
    if (good(value) || Date.now() > until) return value
    await new Promise(resolve => setTimeout(resolve, 100))
  }
}
