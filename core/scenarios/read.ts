import type { EndReason, Input } from '../input.ts'
import type { PoolPolicy, SitePolicy, Source, StaticPolicy, TargetPolicy, TenantPolicy } from '../policy.ts'
import type { PhoneNumber, Pseudonym, SessionId, VisitorId } from '../words.ts'

/** Reads the lines of a transcript. What they may say is described in `README.md` beside this file. */

export const began = 1_800_000_000_000
const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** `24h1s` in milliseconds. */
export function durationOf(text: string): number {
  if (!/^(?:\d+(?:ms|[smhd]))+$/.test(text)) throw new Error(`no duration: ${text}`)
  let ms = 0
  for (const [, count, unit] of text.matchAll(/(\d+)(ms|[smhd])/g))
    ms += Number(count) * units[unit as keyof typeof units]
  return ms
}

/** Two digits stand for one number. */
export const numberOf = (short: string) => `+45700000${short}` as PhoneNumber

/** Whose own number calls are forwarded to: a target's, the printed one's, or the tenant's. */
const owners = ['default', 'print', 'sales', 'help', 'chat']
const ownPrefix = '+4578792'
const own = (name: string) => `${ownPrefix}${String(owners.indexOf(name)).padStart(3, '0')}` as PhoneNumber
export const ownerOf = (number: PhoneNumber) => owners[Number(number.slice(ownPrefix.length))] ?? number

export function sourceOf(name: string): Source {
  return { source: name, medium: 'web', campaign: null, content: null, keyword: null }
}

/** Options of a line: `idle 60s, numbers 01 02` by their first word. */
function optionsOf(text: string): Map<string, string> {
  const options = text.split(',').map(option => option.trim())
  return new Map(options.map(option => [option.split(' ')[0] ?? '', option.split(' ').slice(1).join(' ')]))
}

/** The policy that the indented lines below `configure` describe. */
export function policyOf(tenant: string, lines: readonly string[]): TenantPolicy {
  const pools: PoolPolicy[] = []
  const targets: TargetPolicy[] = []
  const sites: SitePolicy[] = []
  const statics: StaticPolicy[] = []
  let times = new Map<string, string>()
  for (const line of lines) {
    const [, what = '', name = '', rest = ''] = /^(\w+)(?: (\w+))?: (.*)$/.exec(line) ?? []
    const options = optionsOf(rest)
    if (what === 'pool') pools.push(poolOf(name, options))
    else if (what === 'target') targets.push(targetOf(name, options))
    else if (what === 'site') sites.push({ key: name, targets: rest.split(', ') })
    else if (what === 'static')
      statics.push({ number: numberOf(name), forward: own('print'), source: sourceOf(rest) })
    else if (what === 'times') times = options
    else throw new Error(`not understood: ${line}`)
  }
  for (const { id } of pools)
    if (targets.every(target => target.pool !== id)) targets.push(targetOf(id, new Map([['pool', id]])))
  if (sites.length === 0) sites.push({ key: 'www', targets: targets.map(target => target.id) })
  const ms = (name: string, otherwise: string) => durationOf(times.get(name) ?? otherwise)
  return {
    tenant,
    retentionMs: ms('retention', '60d'),
    latenessMs: ms('lateness', '24h'),
    consent: 'assumed',
    defaultForward: own('default'),
    sites,
    targets,
    pools,
    statics,
    calls: { qualifiedAfterMs: ms('qualified', '30s'), returningLookBackMs: ms('look-back', '30d') },
  }
}

function poolOf(id: string, options: ReadonlyMap<string, string>): PoolPolicy {
  const ms = (name: string, otherwise: string) => durationOf(options.get(name) ?? otherwise)
  return {
    id,
    numbers: (options.get('numbers') ?? '').split(' ').map(numberOf),
    idleTimeoutMs: ms('idle', '5m'),
    tailMs: ms('tail', '20m'),
    coolDownMs: ms('cool-down', '10m'),
    stickyMs: ms('sticky', '24h'),
    overflow: options.get('overflow') === 'fallback' ? 'fallback' : 'share',
    ...(options.has('min-hold') && { minHoldMs: ms('min-hold', '') }),
    ...(options.has('max-hold') && { maxHoldMs: ms('max-hold', '') }),
  }
}

function targetOf(id: string, options: ReadonlyMap<string, string>): TargetPolicy {
  const fixed = options.get('static')
  return {
    id,
    replace: own(id),
    forward: own(id),
    pool: options.get('pool') ?? null,
    static: fixed === undefined ? null : numberOf(fixed),
  }
}

/** What a line makes happen; null: it is none of a tenant's events. `fresh` names a session, should one open. */
export function inputOf(tenant: string, text: string, fresh: (visitor: string) => SessionId): Input | null {
  return (
    visitOf(tenant, text, fresh) ?? signalOf(tenant, text) ?? askedOf(tenant, text) ?? plainOf(tenant, text)
  )
}

const opens = /^(\w+) opens (\w+)(?: on (\w+))?(?: from (\w+))?(?: asking for ([\w, ]+))?$/
const views = /^(\w+) views (\d+) in (\w+) of (\w+)(?: on (\w+))?$/
const clicks = /^(\w+) clicks (\d\d) as (\d+) in (\w+) of (\w+)(?: on (\w+))?$/

function visitOf(tenant: string, text: string, fresh: (visitor: string) => SessionId): Input | null {
  const common = (who: string, site: string | undefined, tab: string) => ({
    tenant,
    site: site ?? 'www',
    visitor: who as VisitorId,
    freshSession: fresh(who),
    tab,
  })
  const hello = opens.exec(text)
  if (hello !== null) {
    const [, who = '', tab = '', site, source, asked] = hello
    const page = { id: 1, source: sourceOf(source ?? 'direct') }
    return { kind: 'hello', ...common(who, site, tab), targets: asked?.split(', ') ?? null, page }
  }
  const page = views.exec(text)
  if (page !== null) {
    const [, who = '', id, tab = '', session, site] = page
    const view = { id: Number(id), source: sourceOf('inside') }
    return {
      kind: 'page',
      ...common(who, site, tab),
      targets: null,
      session: session as SessionId,
      page: view,
    }
  }
  const click = clicks.exec(text)
  if (click === null) return null
  const [, who = '', number = '', id, tab = '', session, site] = click
  const what = {
    action: 'click',
    number: numberOf(number),
    id: Number(id),
    session: session as SessionId,
  } as const
  return { kind: 'engagement', ...common(who, site, tab), targets: null, ...what }
}

const signals =
  /^(ring|answer|end) (\w+) on (\d\d) by (\w+)(?: via (\w+))?(?: stated (\S+))?(?: spooled at (\S+))?(?: because ([\w-]+))?$/

function signalOf(tenant: string, text: string): Input | null {
  const found = signals.exec(text)
  if (found === null) return null
  const [, state, call = '', b = '', a = '', carrier, stated, spooled, reason] = found
  return {
    kind: 'signal',
    tenant,
    carrier: carrier ?? 'generic',
    call,
    state: state as 'ring' | 'answer' | 'end',
    a: callerOf(a),
    b: numberOf(b),
    c: null,
    statedAt: stated === undefined ? null : began + durationOf(stated),
    takenAt: began + durationOf(spooled ?? '0s'),
    spooled: spooled !== undefined,
    reason: (reason ?? null) as EndReason | null,
  }
}

const modes = { restrict: 'restricted', object: 'objected', lift: 'lifted' } as const

/** What a person asks for, or a tenant. */
function askedOf(tenant: string, text: string): Input | null {
  const request = 'request'
  if (text === 'a note') return { kind: 'noted', tenant }
  if (text === 'the contract ends') return { kind: 'tenant-ended', tenant, request }
  const rectifies = /^rectify (\w+)(?: via (\w+))? to (\w+)$/.exec(text)
  if (rectifies !== null) {
    const [, call = '', carrier = 'generic', a = ''] = rectifies
    return { kind: 'call-rectified', tenant, request, carrier, call, a: callerOf(a) }
  }
  const names = /^(erase|restrict|object|lift)(?: visitors? ([\w ]+?))?(?: callers? ([\w ]+))?$/.exec(text)
  if (names === null) return null
  const [, what = '', visitors, callers] = names
  const subjects = {
    tenant,
    request,
    visitors: (visitors?.split(' ') ?? []) as VisitorId[],
    callers: (callers?.split(' ') ?? []) as Pseudonym[],
  }
  if (what === 'erase') return { kind: 'subject-erased', ...subjects }
  return { kind: 'subject-restricted', ...subjects, mode: modes[what as keyof typeof modes] }
}

const callerOf = (a: string) => (a === 'withheld' ? null : (a as Pseudonym))

function plainOf(tenant: string, text: string): Input | null {
  if (text === 'pulse') return { kind: 'pulse' }
  const [first = '', ...rest] = text.split(' ')
  if (first === 'beat') return { kind: 'beats', tenant, sessions: rest as SessionId[] }
  const withdraws = /^(\w+) withdraws(?: on (\w+))?$/.exec(text)
  if (withdraws === null) return null
  const [, who, site] = withdraws
  return { kind: 'consent-withdrawn', tenant, site: site ?? 'www', visitor: who as VisitorId }
}
