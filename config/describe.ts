import { counted } from './counted.ts'
import { formatDuration } from './durations.ts'
import { kindsOf } from './numberKinds.ts'
import type { Config, TenantConfig } from './types.ts'

/** What a configuration amounts to, in a few lines without secrets, for `ringtrail check`. */
export function describeConfig(config: Config): string {
  const { listen, nats, partitions, threads, dataDir } = config
  const log = nats.url === null ? `a local nats-server in ${nats.storeDir}` : 'the configured nats servers'
  return [
    `${config.file}${config.demo ? ' (demo)' : ''}`,
    `  public    ${formatAddress(listen.public)}${config.publicUrl === null ? '' : `, called ${config.publicUrl}`}`,
    `  admin     ${formatAddress(listen.admin)}`,
    `  log       ${log}, ${nats.durability}`,
    `  data      ${dataDir}, ${counted(partitions, 'partition')} on ${counted(threads, 'thread')}`,
    ...config.tenants.flatMap(describeTenant),
  ].join('\n')
}

function describeTenant(tenant: TenantConfig): readonly string[] {
  const { sites, targets, pools, statics, carriers } = tenant
  const used = Object.entries(carriers).flatMap(([name, secrets]) => (secrets === null ? [] : [name]))
  return [
    `tenant ${tenant.id}: consent ${tenant.consent}, data kept ${formatDuration(tenant.retentionMs)}${fieldsKept(tenant)}`,
    `  ${counted(sites.length, 'site')}: ${listed(sites.map(site => site.key))}`,
    `  ${counted(targets.length, 'target')}, ${counted(statics.length, 'static number')}`,
    ...pools.map(pool => {
      const [idle, tail, rest] = [pool.idleTimeoutMs, pool.tailMs, pool.coolDownMs].map(formatDuration)
      const { countries, types } = kindsOf(pool.numbers)
      const kinds = [countries, types.filter(type => type !== 'unknown')]
        .flatMap(words => (words.length === 0 ? [] : [words.join(' and ')]))
        .join(', ')
      return `  pool ${pool.id}: ${counted(pool.numbers.length, 'number')} (${kinds}), idle ${idle}, tail ${tail}, cool-down ${rest}${held(pool)}`
    }),
    `  carriers: ${listed(used)}`,
  ]
}

function held({ minHoldMs, maxHoldMs }: TenantConfig['pools'][number]): string {
  const least = minHoldMs === undefined ? '' : `, held at least ${formatDuration(minHoldMs)}`
  return maxHoldMs === undefined ? least : `${least}, held at most ${formatDuration(maxHoldMs)}`
}

function fieldsKept({ fieldRetentionMs }: TenantConfig): string {
  const kept = Object.entries(fieldRetentionMs).map(([field, ms]) => `${field} ${formatDuration(ms)}`)
  return kept.length === 0 ? '' : ` (${kept.join(', ')})`
}

function formatAddress({ host, port }: Config['listen']['public']): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

const listed = (names: readonly string[]) => names.join(', ') || 'none'
