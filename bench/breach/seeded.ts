import { limits } from '../../core/limits.ts'

/**
 * A partition's history whose truth is known because it is made by rule: visits of three tenants, one after the other,
 * each with page views, some with a form, some with a call of three signals.
 */
export const seededTenants = ['acme', 'other', 'third'] as const
export type SeededTenant = (typeof seededTenants)[number]

/** So many events, from this moment on. */
export type Seed = { readonly rows: number; readonly fromMs: number }

/** As long as data is kept, but for a margin: retention leaves all of it alone while somebody looks. */
const marginMs = 3 * 3_600_000
export const seededSpanMs = 60 * 86_400_000 - marginMs
export const eventsPerMessage = limits.eventsPerMessageMax

export type Made = {
  readonly tenant: SeededTenant
  readonly kind: 'hello' | 'page' | 'engagement' | 'signal'
  /** Of a signal. */
  readonly state: 'ring' | 'answer' | 'end'
  readonly visitor: number
  readonly visit: number
  /** null: no call, or a caller who withheld the number. */
  readonly caller: number | null
  /** Which event it is; as many as go into one message of the log share a place in time. */
  readonly row: number
  readonly atMs: number
  readonly sequence: number
  readonly index: number
}

/** The log holds so many messages of these events. */
export const messagesOf = ({ rows }: Seed) => Math.ceil(rows / eventsPerMessage)

/** The same events each time, in log order. */
export function* seededFacts(seed: Seed): Generator<Made> {
  const { rows } = seed
  const chance = chanceFrom(42)
  let row = 0
  for (let visit = 0; row < rows; visit++) {
    const draw = chance()
    const tenant = draw < 0.8 ? 'acme' : draw < 0.95 ? 'other' : 'third'
    const visitor = Math.floor(chance() * rows * 0.12)
    const caller = chance() < 0.1 ? null : Math.floor(chance() * rows * 0.02)
    const common = { tenant, visitor, visit, caller, state: 'ring' } as const
    const pages = Math.floor(chance() * 6)
    const kinds = ['hello', ...Array<'page'>(pages).fill('page')] as Made['kind'][]
    if (chance() < 0.2) kinds.push('engagement')
    const isCalling = chance() < 0.1
    for (const kind of kinds) if (row < rows) yield { ...common, kind, ...placeOf(seed, row++) }
    if (!isCalling) continue
    for (const state of ['ring', 'answer', 'end'] as const)
      if (row < rows) yield { ...common, kind: 'signal', state, ...placeOf(seed, row++) }
  }
}

export function placeOf(seed: Seed, row: number): Pick<Made, 'row' | 'atMs' | 'sequence' | 'index'> {
  const message = Math.floor(row / eventsPerMessage)
  const atMs = seed.fromMs + Math.floor((message / messagesOf(seed)) * seededSpanMs)
  return { row, atMs, sequence: message + 1, index: row % eventsPerMessage }
}

function chanceFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** When, for whom. */
export type Window = { readonly tenant: SeededTenant; readonly fromMs: number; readonly toMs: number }

export type Truth = {
  readonly rows: number
  readonly records: Readonly<Record<'session' | 'page-view' | 'engagement' | 'call', number>>
  readonly visitors: number
  readonly callers: number
}

/**
 * What a count of each window has to say, from the rule and by other means than a count: a bit for each visitor, visit and
 * caller.
 */
export function truthsOf(seed: Seed, windows: readonly Window[]): Truth[] {
  const tallies = windows.map(window => ({ window, ...bitsFor(seed) }))
  for (const made of seededFacts(seed))
    for (const tally of tallies) if (isIn(tally.window, made)) take(tally, made)
  return tallies.map(({ rows, views, engagements, visitors, callers, sessions, calls }) => ({
    rows,
    records: { session: sum(sessions), 'page-view': views, engagement: engagements, call: sum(calls) },
    visitors: sum(visitors),
    callers: sum(callers),
  }))
}

export function truthOf(seed: Seed, window: Window): Truth {
  return truthsOf(seed, [window])[0] as Truth
}

function bitsFor({ rows }: Seed) {
  const bits = () => new Uint8Array(rows + 1)
  return {
    ...{ visitors: bits(), callers: bits(), sessions: bits(), calls: bits() },
    ...{ rows: 0, views: 0, engagements: 0 },
  }
}

function isIn({ tenant, fromMs, toMs }: Window, made: Made): boolean {
  return made.tenant === tenant && made.atMs >= fromMs && made.atMs < toMs
}

function take(tally: ReturnType<typeof bitsFor>, { kind, visit, visitor, caller }: Made): void {
  tally.rows += 1
  if (kind === 'signal') {
    tally.calls[visit] = 1
    if (caller !== null) tally.callers[caller] = 1
    return
  }
  tally.visitors[visitor] = 1
  if (kind === 'hello') tally.sessions[visit] = 1
  if (kind === 'engagement') tally.engagements += 1
  else tally.views += 1
}

const sum = (set: Uint8Array) => set.reduce((total, bit) => total + bit, 0)
