import type { Form } from './complete.ts'
import { formatPath, parsePath, type Path } from './position.ts'
import { suggest } from './suggestion.ts'

/**
 * Defaults < file < environment < flags. The environment's names are listed here; a flag names its setting by path,
 * `--set listen.public=127.0.0.1:0`. An empty environment variable counts as unset.
 */
export const environment: Readonly<Record<string, string>> = {
  RINGTRAIL_LISTEN_PUBLIC: 'listen.public',
  RINGTRAIL_LISTEN_ADMIN: 'listen.admin',
  RINGTRAIL_PUBLIC_URL: 'publicUrl',
  /** Several, with commas between. */
  RINGTRAIL_TRUSTED_PROXIES: 'trustedProxies',
  RINGTRAIL_TLS_CERT_FILE: 'tls.certFile',
  RINGTRAIL_TLS_KEY_FILE: 'tls.keyFile',
  RINGTRAIL_NATS_URL: 'nats.url',
  RINGTRAIL_NATS_DURABILITY: 'nats.durability',
  RINGTRAIL_NATS_STORE_DIR: 'nats.storeDir',
  RINGTRAIL_NATS_LOG_SIZE: 'nats.logSize',
  RINGTRAIL_DISK_STOP_AT: 'disk.stopAt',
  RINGTRAIL_DATA_DIR: 'dataDir',
  RINGTRAIL_LATENESS: 'lateness',
  RINGTRAIL_PARTITIONS: 'partitions',
  RINGTRAIL_THREADS: 'threads',
  RINGTRAIL_DEMO: 'demo',
  RINGTRAIL_LOG_LEVEL: 'logLevel',
  RINGTRAIL_ROOT_KEY_FILE: 'rootKeyFile',
  RINGTRAIL_PEPPER_FILE: 'pepperFile',
  RINGTRAIL_MONITOR_KEY_FILE: 'monitorKeyFile',
}

export type Environment = Readonly<Record<string, string | undefined>>

/** Settings by path, from the command line: `{ 'listen.public': '127.0.0.1:0' }`. Text is read as the setting asks. */
export type Flags = Readonly<Record<string, unknown>>

/** One setting laid over the file's. `source` is what a problem names. */
export type Override = { readonly source: string; readonly path: Path; readonly value: unknown }

export function overridesOf(form: Form, env: Environment, flags: Flags): readonly Override[] {
  const variables = Object.entries(environment).flatMap(([name, path]) => {
    const text = env[name]
    return text === undefined || text === '' ? [] : [override(form, name, parsePath(path), text)]
  })
  const given = Object.entries(flags)
    .filter(([, value]) => value !== undefined)
    .map(([path, value]) => override(form, '--set', parsePath(path), value))
  return [...variables, ...given]
}

/** Lays one setting over a value of the file (which is changed), or says why that cannot be done. */
export function lay(root: { value: unknown }, form: Form, { path, value }: Override): string | null {
  const unknown = unknownPart(form, path)
  if (unknown !== null) return unknown
  let holder: Record<string | number, unknown> = root as Record<string, unknown>
  let key: string | number = 'value'
  for (const next of path) {
    const inner = holder[key]
    if (typeof next === 'number' && !(Array.isArray(inner) && next <= inner.length)) {
      return `names item ${next} of a list that has ${Array.isArray(inner) ? inner.length : 0}`
    }
    if (typeof inner !== 'object' || inner === null) holder[key] = {}
    holder = holder[key] as Record<string | number, unknown>
    key = next
  }
  holder[key] = value
  return null
}

function override(form: Form, source: string, path: Path, value: unknown): Override {
  const part = partOf(form, path)
  return { source, path, value: part && typeof value === 'string' ? readText(part, value) : value }
}

/** Text as the form asks for it; what cannot be read so is left as it is, for `complete` to refuse. */
function readText(form: Form, text: string): unknown {
  if (form.anyOf) {
    if (text === 'null' && form.anyOf.some(one => one.type === 'null')) return null
    const readings = form.anyOf.filter(one => one.type !== 'null').map(one => readText(one, text))
    return readings.find(reading => typeof reading !== 'string') ?? text
  }
  if (form.type === 'boolean' && /^(true|false)$/.test(text)) return text === 'true'
  if (form.type === 'integer' && /^-?\d{1,15}$/.test(text)) return Number(text)
  if (form.type === 'number' && /^\d{1,9}(\.\d{1,9})?$/.test(text)) return Number(text)
  if (form.type !== 'array') return text
  return text
    .split(',')
    .map(item => item.trim())
    .filter(item => item !== '')
}

function partOf(form: Form | undefined, path: Path): Form | null {
  if (form === undefined) return null
  const [key, ...rest] = path
  if (key === undefined) return form
  const around = (form.anyOf ?? [form]).find(one => (typeof key === 'number' ? one.items : one.properties))
  if (typeof key === 'number') return partOf(around?.items, rest)
  return Object.hasOwn(around?.properties ?? {}, key) ? partOf(around?.properties?.[key], rest) : null
}

function unknownPart(form: Form, path: Path): string | null {
  if (path.length === 0) return 'names no setting'
  if (partOf(form, path) !== null) return null
  const known = path.findIndex((_, index) => partOf(form, path.slice(0, index + 1)) === null)
  const around = partOf(form, path.slice(0, known))
  const properties = (around?.anyOf ?? [around]).flatMap(one => Object.keys(one?.properties ?? {}))
  const near = suggest(String(path[known]), properties)
  return near === null
    ? 'is not a setting'
    : `is not a setting; did you mean ${formatPath([...path.slice(0, known), near, ...path.slice(known + 1)])}?`
}
