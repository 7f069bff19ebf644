import { limits } from '../core/limits.ts'
import type { PoolPolicy, SegmentPolicy, Source, StaticPolicy, TargetPolicy } from '../core/policy.ts'
import type { PhoneNumber } from '../core/words.ts'
import { isOrigin, originOf } from './addresses.ts'
import { readCalls } from './callSettings.ts'
import { readCarriers } from './carriers.ts'
import { readChannels, readHosts } from './channels.ts'
import type { Environment } from './layers.ts'
import { expandNumbers } from './numberRanges.ts'
import { parsePhoneNumber } from './phoneNumbers.ts'
import type { Path } from './position.ts'
import type { Findings } from './problem.ts'
import { durationMs, positive } from './readDuration.ts'
import type {
  PoolSettings,
  SegmentSettings,
  SiteSettings,
  TargetSettings,
  TenantSettings,
} from './tenantSchema.ts'
import type { SiteConfig, TenantConfig } from './types.ts'

/** One tenant of the file: numbers parsed and expanded, durations in milliseconds, secrets read. */
export function readTenant(
  settings: TenantSettings,
  path: Path,
  env: Environment,
  findings: Findings,
): Omit<TenantConfig, 'latenessMs'> {
  const { id, consent, gpc, tcf, onWithdrawal, calls } = settings
  const every = settings.targets.map(target => target.id)
  const retentionMs = positive(settings.retention, [...path, 'retention'], findings)
  return {
    id,
    controller: settings.controller,
    retentionMs,
    fieldRetentionMs: readFieldRetention(settings, retentionMs, [...path, 'fieldRetention'], findings),
    consent,
    gpc,
    tcf,
    onWithdrawal,
    channels: readChannels(settings.channels, [...path, 'channels'], findings),
    defaultForward: optionalNumber(settings.defaultForward, [...path, 'defaultForward'], findings),
    sites: settings.sites.map((site, index) => readSite(site, every, [...path, 'sites', index], findings)),
    targets: settings.targets.map((target, index) =>
      readTarget(target, [...path, 'targets', index], findings),
    ),
    pools: readPools(settings.pools, [...path, 'pools'], findings),
    statics: settings.statics.map((one, index) => readStatic(one, [...path, 'statics', index], findings)),
    calls: readCalls(calls, [...path, 'calls'], findings),
    carriers: readCarriers(settings, [...path, 'carriers'], env, findings),
  }
}

/** What a field is kept for beyond the rest of its record could not be kept: the record is gone by then. A retention of 0 is one that was refused. */
function readFieldRetention(
  { fieldRetention }: TenantSettings,
  retentionMs: number,
  path: Path,
  findings: Findings,
): Record<string, number> {
  const read: Record<string, number> = {}
  for (const [field, text] of Object.entries(fieldRetention ?? {})) {
    if (text === null) continue
    const lifetimeMs = positive(text, [...path, field], findings)
    if (lifetimeMs > 0 && retentionMs > 0 && lifetimeMs >= retentionMs)
      findings.report([...path, field], 'has to be shorter than retention')
    read[field] = lifetimeMs
  }
  return read
}

function readSite(site: SiteSettings, every: readonly string[], path: Path, findings: Findings): SiteConfig {
  for (const [index, origin] of site.origins.entries()) {
    if (isOrigin(origin)) continue
    const meant = originOf(origin)
    const hint =
      meant === null ? 'such as https://www.acme.example' : `and nothing else: ${JSON.stringify(meant)}`
    findings.report(
      [...path, 'origins', index],
      `has to be scheme://host[:port] ${hint}, not ${JSON.stringify(origin)}`,
    )
  }
  const { key, origins, bots } = site
  const ignoreReferrers = readHosts(site.ignoreReferrers, [...path, 'ignoreReferrers'], findings)
  return { key, origins, bots, ignoreReferrers, targets: site.targets ?? every }
}

function readTarget(target: TargetSettings, path: Path, findings: Findings): TargetPolicy {
  return {
    id: target.id,
    replace: number(target.replace, [...path, 'replace'], findings),
    forward: number(target.forward, [...path, 'forward'], findings),
    pool: target.pool,
    static: optionalNumber(target.static, [...path, 'static'], findings),
    ...readSegments(target.segments, [...path, 'segments'], findings),
  }
}

/** Left out where there are none: the version of such a policy stays what it was. */
function readSegments(
  segments: readonly SegmentSettings[],
  path: Path,
  findings: Findings,
): Pick<TargetPolicy, 'segments'> {
  const read = segments.map(({ id, when, pool }, index): SegmentPolicy => {
    const said = Object.fromEntries(Object.entries(when).filter(([, value]) => value !== null))
    if (Object.keys(said).length === 0)
      findings.report([...path, index, 'when'], 'says nothing: it would fit every visit')
    return { id, when: said, pool }
  })
  return read.length === 0 ? {} : { segments: read }
}

function readPools(pools: readonly PoolSettings[], path: Path, findings: Findings): readonly PoolPolicy[] {
  const read = pools.map((pool, index) => readPool(pool, [...path, index], findings))
  const numbers = read.reduce((sum, pool) => sum + pool.numbers.length, 0)
  // The policy travels through the log as one entry.
  if (numbers > limits.numbersPerTenantMax)
    findings.report(path, `hold more than ${limits.numbersPerTenantMax} numbers together`)
  return read
}

function readPool(pool: PoolSettings, path: Path, findings: Findings): PoolPolicy {
  return {
    id: pool.id,
    numbers: readNumbers(pool.numbers, [...path, 'numbers'], findings),
    idleTimeoutMs: positive(pool.idleTimeout, [...path, 'idleTimeout'], findings),
    tailMs: durationMs(pool.tail, [...path, 'tail'], findings),
    coolDownMs: durationMs(pool.coolDown, [...path, 'coolDown'], findings),
    stickyMs: durationMs(pool.sticky, [...path, 'sticky'], findings),
    overflow: pool.overflow,
    ...readHold(pool, path, findings),
    ...(pool.warnAt !== null && { warnAt: pool.warnAt }),
  }
}

/** Left out where they are not set, as segments are. */
function readHold(
  pool: PoolSettings,
  path: Path,
  findings: Findings,
): Pick<PoolPolicy, 'minHoldMs' | 'maxHoldMs'> {
  const held = (name: 'minHold' | 'maxHold') => {
    const text = pool[name]
    return text === null ? undefined : positive(text, [...path, name], findings)
  }
  const [minHoldMs, maxHoldMs] = [held('minHold'), held('maxHold')]
  if (minHoldMs !== undefined && maxHoldMs !== undefined && minHoldMs > maxHoldMs)
    findings.report([...path, 'minHold'], 'is longer than maxHold')
  return { ...(minHoldMs !== undefined && { minHoldMs }), ...(maxHoldMs !== undefined && { maxHoldMs }) }
}

function readNumbers(items: readonly string[], path: Path, findings: Findings): readonly PhoneNumber[] {
  const numbers: PhoneNumber[] = []
  for (const [index, item] of items.entries()) {
    const expansion = expandNumbers(item)
    if ('says' in expansion) findings.report([...path, index], expansion.says)
    else if (numbers.length + expansion.numbers.length > limits.numbersPerPoolMax) {
      findings.report(path, `are more than ${limits.numbersPerPoolMax} numbers`)
    } else for (const one of expansion.numbers) numbers.push(one)
  }
  return numbers
}

function readStatic(
  written: TenantSettings['statics'][number],
  path: Path,
  findings: Findings,
): StaticPolicy {
  return {
    number: number(written.number, [...path, 'number'], findings),
    forward: number(written.forward, [...path, 'forward'], findings),
    source: readStaticSource(written.source),
  }
}

/** Without a channel of its own it is as it was before there were any: the version of such a policy stays what it was. */
function readStaticSource({ channel, ...source }: TenantSettings['statics'][number]['source']): Source {
  return channel === null ? source : { ...source, channel }
}

/** A number of the file; what is none is reported, and stands for itself so that reading can go on. */
function number(text: string, path: Path, findings: Findings): PhoneNumber {
  const parsed = parsePhoneNumber(text)
  const says = `has to be a phone number in international form, such as "+45 70 00 00 01", not ${JSON.stringify(text)}`
  if (parsed === null) findings.report(path, says)
  return parsed ?? (text as PhoneNumber)
}

function optionalNumber(text: string | null, path: Path, findings: Findings): PhoneNumber | null {
  return text === null ? null : number(text, path, findings)
}
