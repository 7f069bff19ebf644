import type { Changes } from '../config/lmdb.ts'

/** What was asked for a person or a tenant, and how far it has come. */
export type RequestRow = { readonly tenant: string; readonly request: string; readonly bytes: Buffer }

/** For a transaction that also does what the row says. */
export function putRequest(
  changes: Changes<(string | number)[]>,
  kind: 'erasure' | 'rectify',
  { tenant, request, bytes }: RequestRow,
): void {
  changes.put([kind, tenant, request], bytes)
}
