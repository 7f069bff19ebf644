import { pack, unpack } from '../config/pack.ts'
import { type AccessKey, type KeyAndUse, type KeyUse, standingOf } from '../core/access.ts'
import { limits } from '../core/limits.ts'
import type { AccessRequest, ControlReply } from '../core/wire/control.ts'
import type { LogTime } from '../core/words.ts'
import type { Applied } from './group.ts'
import type { Store } from './store.ts'

/**
 * The API keys of a partition's tenants. The log brings them; here they are in memory as soon as their entry is applied,
 * so that a key works when its maker has the answer, and in the store with the commit that holds the entry. When a key
 * was used is no matter of the log: it is told by gateways and kept beside.
 */

/** A row of the store; `bytes` null: the key is gone. */
export type AccessRow = { readonly tenant: string; readonly id: string; readonly bytes: Buffer | null }

export type Access = {
  /** By tenant, then by id. The processor's own keys belong to tenant ''. */
  readonly keys: Map<string, Map<string, AccessKey>>
  readonly uses: Map<string, KeyUse>
  changed: Map<string, AccessRow>
}

/** What the store holds at its position. */
export function loadAccess(store: Pick<Store, 'access' | 'keyUses'>): Access {
  const access: Access = { keys: new Map(), uses: new Map(), changed: new Map() }
  for (const { tenant, id, bytes } of store.access()) {
    keysOf(access, tenant).set(id, unpack(bytes) as AccessKey)
  }
  for (const { tenant, id, bytes } of store.keyUses()) {
    access.uses.set(nameOf(tenant, id), unpack(bytes) as KeyUse)
  }
  return access
}

/** Takes the keys that came with the events of one message. `at`: log time, so that every owner decides alike. */
export function hearAccess(access: Access, applied: readonly Applied[], at: LogTime): void {
  for (const { event, outcomes } of applied) {
    if (event.access === undefined || !outcomes.some(outcome => outcome.kind === 'noted')) continue
    keep(access, event.access, at)
  }
}

/** What changed since this was last asked, for the commit that moves the position past it. */
export function takeAccessRows(access: Access): AccessRow[] {
  const rows = [...access.changed.values()]
  access.changed = new Map()
  return rows
}

/** A key that was revoked stays so, whatever an entry says that was on its way at the same moment. */
function keep(access: Access, heard: AccessKey, at: LogTime): void {
  const tenant = heard.tenant ?? ''
  const keys = keysOf(access, tenant)
  const revokedAt = keys.get(heard.id)?.revokedAt ?? heard.revokedAt
  const key = { ...heard, revokedAt }
  keys.set(key.id, key)
  change(access, { tenant, id: key.id, bytes: pack(key) })
  if (keys.size <= limits.accessKeysKeptPerTenantMax) return
  const ended = [...keys.values()].filter(one => standingOf(one, at) !== 'active')
  const oldest = ended.sort((a, b) => a.madeAt - b.madeAt)[0]
  if (oldest === undefined) return
  keys.delete(oldest.id)
  change(access, { tenant, id: oldest.id, bytes: null })
}

function change(access: Access, row: AccessRow): void {
  access.changed.set(nameOf(row.tenant, row.id), row)
}

function keysOf(access: Access, tenant: string): Map<string, AccessKey> {
  const known = access.keys.get(tenant)
  if (known !== undefined) return known
  const made = new Map<string, AccessKey>()
  access.keys.set(tenant, made)
  return made
}

function nameOf(tenant: string, id: string): string {
  return `${tenant}/${id}`
}

/** Whether this partition holds any key, used or ended: from the first one on nothing is open any more. */
export function hasKeys({ keys }: Access): boolean {
  for (const ofTenant of keys.values()) if (ofTenant.size > 0) return true
  return false
}

/** Answers what gateways ask about keys. `about`: how far this owner can be believed. */
export function answerAccess(
  access: Access,
  store: Pick<Store, 'noteKeyUse'>,
  request: AccessRequest,
  about: { readonly current: boolean; readonly whole: boolean },
): ControlReply {
  const { tenant } = request
  const keys = access.keys.get(tenant)
  switch (request.kind) {
    case 'access-key':
      return { kind: 'access-key', ...about, key: keys?.get(request.id) ?? null }
    case 'access-keys': {
      const withUse = (key: AccessKey): KeyAndUse => ({
        key,
        use: access.uses.get(nameOf(tenant, key.id)) ?? null,
      })
      return { kind: 'access-keys', ...about, keys: [...(keys?.values() ?? [])].map(withUse) }
    }
    case 'access-used': {
      const { id, lastAt, scopes } = request
      if (keys?.has(id) === true) {
        const known = access.uses.get(nameOf(tenant, id))
        const use: KeyUse = {
          lastAt: Math.max(lastAt, known?.lastAt ?? 0),
          scopes: [...new Set([...(known?.scopes ?? []), ...scopes])].sort(),
        }
        access.uses.set(nameOf(tenant, id), use)
        // A disk that takes it not now takes the next one: it is a hint for the review, and no promise.
        store.noteKeyUse({ tenant, id, bytes: pack(use) }).catch(() => undefined)
      }
      return { kind: 'done', current: about.current }
    }
  }
}
