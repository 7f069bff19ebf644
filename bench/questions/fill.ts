import type { Config } from '../../config/types.ts'
import type { Entry, Input } from '../../core/input.ts'
import { apply } from '../../core/machine.ts'
import { createState, type State } from '../../core/state.ts'
import type { LogTime, PhoneNumber } from '../../core/words.ts'
import { createTenants, type Tenant } from '../../gateway/tenants.ts'
import { changedRows } from '../../workers/rows.ts'
import { openStore, type Store } from '../../workers/store.ts'
import { passMessages } from '../breach/log.ts'
import { type Chance, createChance } from '../load/chance.ts'
import { siteKey } from '../path/system.ts'

/**
 * Fills the store of partition 0 with calls of many days: visits, page views and signals are decided by the core at log times
 * of their own, and the rows that follow are committed as an owner commits them. Only the log is passed over.
 */
export type FillSetup = {
  readonly config: Config
  readonly calls: number
  readonly days: number
  readonly say: (line: string) => void
}

const dayMs = 86_400_000
const perCommit = 5_000
const callsPerPulse = 50

export async function fill({ config, calls, days, say }: FillSetup): Promise<void> {
  const site = createTenants(config).site(siteKey)
  if (site === null || site === undefined) throw new Error('the site is not configured')
  await passMessages(config, 1, [site.tenant])
  const store = openStore(config.dataDir, 0)
  const state = createState()
  const chance = createChance(20_260_101)
  const write = writingTo(state)
  const beginsAt = Date.now() - days * dayMs
  // The last hour is left to what comes while it is measured.
  const apartMs = (days * dayMs - 3_600_000) / calls
  const { tenant } = site
  write(beginsAt, {
    kind: 'configured',
    tenant: tenant.id,
    version: tenant.version,
    policy: tenant.policy,
  } as Input)
  const known: string[] = []
  for (let call = 0; call < calls; call++) {
    const at = beginsAt + call * apartMs
    const visitor = visitorBy(chance, known)
    // Some have been there before without a call: a call has a path of several touches then.
    if (chance.happens(visitsWithoutCall))
      come(write, tenant, chance, visitorBy(chance, known), at - apartMs / 2)
    talk(write, state, { tenant, chance, visitor }, call, at)
    // Visits end and are forgotten on the way, as in a system that was never stopped.
    if (call % callsPerPulse === 0) write(at, { kind: 'pulse' } as Input)
    if ((call + 1) % perCommit === 0 || call + 1 === calls) await commit(store, state)
    if ((call + 1) % 50_000 === 0) say(`${call + 1} calls are stored`)
  }
  await store.close()
}

type Write = (at: number, input: Input) => void

function writingTo(state: State): Write {
  let counter = 0
  return (at, input) => {
    counter += 1
    const entry: Entry = {
      ...{ at: Math.floor(at) as LogTime, sequence: counter, index: 0, producer: 'fill', counter, input },
    }
    for (const outcome of apply(state, entry))
      if (outcome.kind === 'refused') throw new Error(`refused: ${outcome.problem}`)
  }
}

async function commit(store: Store, state: State): Promise<void> {
  const position = store.position()
  if (position === null) throw new Error('the store has no position')
  const nothing = { access: [], history: [], erasures: [], breaches: [], audit: [], rectifications: [] }
  await store.commit({ ...nothing, rows: changedRows(state), position, expected: position.sequence })
}

const visitsWithoutCall = 0.2
const comesAgain = 0.3
/** Who comes again was here among so many of the last. */
const knownMost = 4_000

function visitorBy(chance: Chance, known: string[]): string {
  const visitor = known.length > 0 && chance.happens(comesAgain) ? chance.pick(known) : chance.id()
  known[chance.whole(knownMost) % (known.length + 1)] = visitor
  return visitor
}

/** A visit from somewhere. */
function come(write: Write, tenant: Tenant, chance: Chance, visitor: string, at: number): string {
  const session = chance.id()
  write(at, {
    ...{ kind: 'hello', tenant: tenant.id, site: siteKey, visitor, freshSession: session, session: null },
    ...{ tab: 't', targets: ['sales'], page: { id: 1, source: sourceBy(chance) } },
  } as unknown as Input)
  return session
}

type Talk = { readonly tenant: Tenant; readonly chance: Chance; readonly visitor: string }

/** A visit and its call: four in five are answered, one in ten dials a number that says nothing. */
function talk(write: Write, state: State, { tenant, chance, visitor }: Talk, call: number, at: number): void {
  const session = come(write, tenant, chance, visitor, at)
  const held = state.tenants.get(tenant.id)?.sessions.get(session)?.held[0]?.number
  const b = chance.happens(0.1) ? '+4578792222' : (held ?? '+4578792222')
  const a = chance.id()
  const say = (after: number, signal: object) => {
    const facts = {
      kind: 'signal',
      tenant: tenant.id,
      carrier: 'generic',
      call: `stored-${call}`,
      a,
      b: b as PhoneNumber,
    }
    const takenAt = Math.floor(at + after)
    write(at + after, {
      ...facts,
      c: null,
      statedAt: null,
      takenAt,
      spooled: false,
      reason: null,
      ...signal,
    } as unknown as Input)
  }
  say(1_000, { state: 'ring' })
  const isAnswered = chance.happens(0.8)
  if (isAnswered) say(5_000, { state: 'answer' })
  const talkedMs = chance.whole(300_000)
  say(isAnswered ? 5_000 + talkedMs : 20_000, {
    state: 'end',
    reason: isAnswered ? 'completed' : 'no-answer',
  })
}

const places = [
  ...([
    ['google', 'cpc'],
    ['bing', 'cpc'],
    ['google', 'organic'],
    ['facebook', 'paid-social'],
  ] as const),
  ...([
    ['newsletter', 'email'],
    ['(direct)', '(none)'],
    ['partner.example', 'referral'],
  ] as const),
]

/** Some hundreds of campaigns and thousands of keywords, as a large advertiser has. */
function sourceBy(chance: Chance) {
  const [source, medium] = chance.pick(places)
  const isPaid = medium === 'cpc' || medium === 'paid-social'
  return {
    ...{ source, medium, content: null },
    campaign: isPaid ? `campaign-${chance.whole(200)}` : null,
    keyword: isPaid ? `keyword ${chance.whole(2_000)}` : null,
  }
}
