import { kindsOf, type NumberKinds } from './numberKinds.ts'
import type { Path } from './position.ts'
import type { Findings } from './problem.ts'
import { suggest } from './suggestion.ts'
import type { TenantSettings } from './tenantSchema.ts'
import type { TenantConfig } from './types.ts'

/** What of a tenant names something else. */
type TenantPart = Omit<TenantConfig, 'latenessMs'>

/** Whether the parts of a tenant name each other rightly. `settings` is what was written, `tenant` what it means. */
export function checkReferences(
  settings: TenantSettings,
  tenant: TenantPart,
  path: Path,
  findings: Findings,
): void {
  for (const list of ['targets', 'pools'] as const) {
    unique<{ readonly id: string }>(
      settings[list],
      one => one.id,
      index => [...path, list, index, 'id'],
      findings,
    )
  }
  checkSites(settings, path, findings)
  checkTargets(tenant, path, findings)
  checkReplaced(tenant, path, findings)
  checkKinds(tenant, path, findings)
  const lookBack = [...path, 'calls', 'returningLookBack']
  const isForgotten = tenant.retentionMs > 0 && tenant.calls.returningLookBackMs > tenant.retentionMs
  if (isForgotten && findings.isWritten(lookBack))
    findings.warn(lookBack, 'is longer than retention: callers are forgotten before')
  const pathBack = [...path, 'calls', 'lookBack', 'duration']
  const isGone = tenant.retentionMs > 0 && tenant.calls.lookBackMs > tenant.retentionMs
  if (isGone && findings.isWritten(pathBack))
    findings.warn(pathBack, 'is longer than retention: visits are forgotten before')
}

/** Reports each item whose name an earlier one has already. */
export function unique<Item>(
  items: readonly Item[],
  nameOf: (item: Item) => string,
  pathOf: (index: number) => Path,
  findings: Findings,
): void {
  const seen = new Set<string>()
  for (const [index, item] of items.entries()) {
    const name = nameOf(item)
    if (seen.has(name)) findings.report(pathOf(index), `is used twice: ${JSON.stringify(name)}`)
    seen.add(name)
  }
}

function checkSites({ sites, targets }: TenantSettings, path: Path, findings: Findings): void {
  const known = targets.map(target => target.id)
  for (const [index, site] of sites.entries()) {
    for (const [position, target] of (site.targets ?? []).entries()) {
      if (known.includes(target) || findings.about([...path, 'targets'])) continue
      findings.report([...path, 'sites', index, 'targets', position], unknownName('target', target, known))
    }
  }
}

function checkTargets(tenant: TenantPart, path: Path, findings: Findings): void {
  const pools = tenant.pools.map(pool => pool.id)
  const statics = tenant.statics.map(one => one.number)
  const used = new Map<string, number>()
  for (const [index, target] of tenant.targets.entries()) {
    const { static: fixed, segments = [] } = target
    const at = [...path, 'targets', index]
    unique(
      segments,
      one => one.id,
      place => [...at, 'segments', place, 'id'],
      findings,
    )
    for (const { pool, at: where } of poolsNamed(target, at)) {
      if (!pools.includes(pool) && !findings.about([...path, 'pools']))
        findings.report(where, unknownName('pool', pool, pools))
      if ((used.get(pool) ?? index) !== index)
        findings.report(where, 'is used by another target: a pool serves one')
      used.set(pool, used.get(pool) ?? index)
    }
    if (fixed !== null && !statics.includes(fixed) && !findings.about([...path, 'statics']))
      findings.report([...at, 'static'], 'is not among the tenant’s statics')
  }
  for (const [index, pool] of pools.entries()) {
    if (!used.has(pool)) findings.warn([...path, 'pools', index], 'is used by no target')
  }
}

/** The pools that a target names, itself and in its segments. */
function poolsNamed({ pool, segments = [] }: TenantPart['targets'][number], at: Path) {
  const named = [
    { pool, at: [...at, 'pool'] },
    ...segments.map((one, place) => ({ pool: one.pool, at: [...at, 'segments', place, 'pool'] })),
  ]
  return named.flatMap(one => (one.pool === null ? [] : [{ pool: one.pool, at: one.at }]))
}

/** On one page a number can be replaced by one other only. */
function checkReplaced(tenant: TenantPart, path: Path, findings: Findings): void {
  for (const site of tenant.sites) {
    const shown = tenant.targets.flatMap((target, index) =>
      site.targets.includes(target.id) ? [{ target, index }] : [],
    )
    unique(
      shown,
      one => one.target.replace,
      position => [...path, 'targets', shown[position]?.index ?? 0, 'replace'],
      findings,
    )
  }
}

/** Visitors trust numbers that look alike, and a page that asks for a country's numbers is not to get others. */
function checkKinds(tenant: TenantPart, path: Path, findings: Findings): void {
  const kinds = new Map(tenant.pools.map(pool => [pool.id, kindsOf(pool.numbers)]))
  for (const [index, { id }] of tenant.pools.entries()) {
    const { countries, types } = kinds.get(id) as NumberKinds
    const at = [...path, 'pools', index, 'numbers']
    if (countries.length > 1) findings.warn(at, `mixes countries: ${countries.join(', ')}`)
    else if (types.length > 1) findings.warn(at, `mixes types of numbers: ${types.join(', ')}`)
  }
  for (const [index, { segments = [] }] of tenant.targets.entries()) {
    for (const [place, { when, pool }] of segments.entries()) {
      const { countries = [] } = kinds.get(pool ?? '') ?? {}
      if (when.country === undefined || countries.every(country => country === when.country)) continue
      const at = [...path, 'targets', index, 'segments', place]
      findings.warn(at, `names pool ${pool}, whose numbers are of ${countries.join(', ')}`)
    }
  }
}

function unknownName(what: string, name: string, known: readonly string[]): string {
  const near = suggest(name, known)
  const hint = near === null ? '' : `; did you mean ${near}?`
  return `names no ${what} of this tenant: ${JSON.stringify(name)}${hint}`
}
