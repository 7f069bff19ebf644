import type { TenantPolicy } from './policy.ts'

/** For how long data of a tenant is kept: all of it, and sealed fields that go earlier. */
export type Terms = Pick<TenantPolicy, 'retentionMs' | 'fieldRetentionMs'>

/** What is sealed for as long as the tenant's data is kept, with every field in it. */
const whole = 'retention'
const without = `${whole} without `

/**
 * What the key of a stretch of time is kept for stands in its name: a field that goes earlier, or the rest. The rest says
 * which fields it is without, so that an owner knows what it still holds, whatever the gateway knew that sealed it.
 */
export function restWithout(fields: readonly string[]): string {
  return fields.length === 0 ? whole : without + [...fields].sort().join(' ')
}

/** Which fields the rest of that name is without; null: it is the name of a field. */
export function fieldsMissing(name: string): readonly string[] | null {
  if (name === whole) return []
  return name.startsWith(without) ? name.slice(without.length).split(' ') : null
}

/** For how long what is sealed under a name is kept. */
export function keptForMs({ retentionMs, fieldRetentionMs = {} }: Terms, name: string): number {
  return Math.min(retentionMs, fieldRetentionMs[name] ?? retentionMs)
}
