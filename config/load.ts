import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkCarriers, secretVariables } from './carriers.ts'
import { complete, type Form } from './complete.ts'
import { environment, lay, overridesOf, type Environment, type Flags, type Override } from './layers.ts'
import { checkOwnership } from './ownership.ts'
import { formatPath, readYaml, type Path, type Written } from './position.ts'
import { Findings, type ConfigProblems, type Origin } from './problem.ts'
import { checkReferences, unique } from './references.ts'
import { settings as schema, type Settings } from './schema.ts'
import { readServer } from './server.ts'
import { suggest } from './suggestion.ts'
import { readTenant } from './tenant.ts'
import type { Config, TenantConfig } from './types.ts'

const form = schema as unknown as Form

export type LoadOptions = {
  /** The YAML file; left out: the demo beside this module. */
  readonly file?: string
  /** The file's text, where the caller has it already. */
  readonly text?: string
  readonly env: Environment
  readonly flags?: Flags
}

/**
 * Reads the configuration: defaults, then the file, the environment and the flags (`layers.ts`), checked whole. The
 * result is one frozen object, or every problem at once. Never throws.
 */
export function loadConfig({ file, text, env, flags = {} }: LoadOptions): Config | ConfigProblems {
  const source = file ?? relative('', fileURLToPath(new URL('ringtrail.yaml', import.meta.url)))
  const read = text ?? readSource(source)
  if (typeof read !== 'string') return failure(source, [{ line: null, column: null, says: read.says }])
  const written = readYaml(read)
  if (written.faults.length > 0) return failure(source, written.faults)

  const overrides = overridesOf(form, env, flags)
  const findings = new Findings(
    originIn(source, written, overrides),
    path => written.isWritten(path) || overrides.some(one => isAround(one.path, path)),
  )
  const settings = readSettings(written, overrides, findings)
  const config = readConfig(settings, source, env, findings)
  warnOfStrangers(settings, env, findings)
  const { problems, warnings } = findings
  return problems.length > 0
    ? { kind: 'config-problems', problems, warnings }
    : freeze({ ...config, warnings })
}

function readSource(file: string): string | { says: string } {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    return { says: `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'no reason given'})` }
  }
}

type Fault = { readonly line: number | null; readonly column: number | null; readonly says: string }

function failure(source: string, faults: readonly Fault[]): ConfigProblems {
  const problems = faults.map(({ line, column, says }) => ({ path: '', source, line, column, says }))
  return { kind: 'config-problems', problems, warnings: [] }
}

/** Where the value at a path was written: by the last override of it or of something around it, or in the file. */
function originIn(source: string, written: Written, overrides: readonly Override[]) {
  return (path: Path, part: 'key' | 'value'): Origin => {
    const over = overrides.findLast(one => isAround(one.path, path))
    if (over) return { source: over.source, place: null }
    return { source, place: part === 'key' ? written.placeOfKey(path) : written.placeOf(path) }
  }
}

function isAround(outer: Path, path: Path): boolean {
  return formatPath(path.slice(0, outer.length)) === formatPath(outer)
}

function readSettings(written: Written, overrides: readonly Override[], findings: Findings): Settings {
  const root = { value: written.value ?? {} }
  for (const override of overrides) {
    const says = lay(root, form, override)
    if (says !== null) findings.report(override.path, says)
  }
  const overridden = (path: Path) => overrides.some(one => formatPath(one.path) === formatPath(path))
  const writtenAs = (path: Path) => (overridden(path) ? null : written.writtenAs(path))
  return complete(form, root.value, [], { findings, writtenAs }) as Settings
}

function readConfig(
  settings: Settings,
  file: string,
  env: Environment,
  findings: Findings,
): Omit<Config, 'warnings'> {
  const server = readServer(settings, env, findings)
  const tenants = settings.tenants.map((one, index) => {
    const path = ['tenants', index]
    const tenant = readTenant(one, path, env, findings)
    checkReferences(one, tenant, path, findings)
    checkCarriers(tenant.carriers, [...path, 'carriers'], server.publicUrl, findings)
    return { ...withOwnOrigins(tenant, server), latenessMs: server.latenessMs }
  })
  checkNames(tenants, findings)
  checkOwnership(tenants, findings)
  return { kind: 'config', file, ...server, tenants }
}

/** The demo's pages come from the public listener, wherever that was moved to: its address is an origin of the demo's sites. */
function withOwnOrigins(
  tenant: Omit<TenantConfig, 'latenessMs'>,
  { demo, listen, tls }: Pick<Config, 'demo' | 'listen' | 'tls'>,
): Omit<TenantConfig, 'latenessMs'> {
  if (!demo) return tenant
  const scheme = tls === null ? 'http' : 'https'
  const own = ['localhost', '127.0.0.1'].map(host => `${scheme}://${host}:${listen.public.port}`)
  const sites = tenant.sites.map(site => ({ ...site, origins: [...new Set([...site.origins, ...own])] }))
  return { ...tenant, sites }
}

/** Tenants are told apart by id, and a site key alone says whose page it is. */
function checkNames(tenants: readonly TenantConfig[], findings: Findings): void {
  unique(
    tenants,
    tenant => tenant.id,
    index => ['tenants', index, 'id'],
    findings,
  )
  const sites = tenants.flatMap((tenant, index) =>
    tenant.sites.map((site, position) => ({
      key: site.key,
      path: ['tenants', index, 'sites', position, 'key'],
    })),
  )
  unique(
    sites,
    site => site.key,
    index => sites[index]?.path ?? [],
    findings,
  )
}

/** A misspelt variable is worse than none: somebody believes that it has an effect. */
function warnOfStrangers({ tenants }: Settings, env: Environment, findings: Findings): void {
  const ours = [
    'RINGTRAIL_CONFIG',
    'RINGTRAIL_KEY',
    'RINGTRAIL_ROOT_KEY',
    'RINGTRAIL_PEPPER',
    'RINGTRAIL_MONITOR_KEY',
    ...Object.keys(environment),
  ]
  const known = new Set([...ours, ...tenants.flatMap(secretVariables)])
  for (const name of Object.keys(env)) {
    if (!name.startsWith('RINGTRAIL_') || known.has(name)) continue
    const near = suggest(name, [...known])
    const hint = near === null ? '' : `; did you mean ${near}?`
    findings.warnings.push({ path: '', source: name, line: null, column: null, says: `has no effect${hint}` })
  }
}

function freeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const part of Object.values(value)) freeze(part)
  }
  return value
}
