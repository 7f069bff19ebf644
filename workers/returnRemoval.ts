import type { Link } from '../config/nats.ts'
import type { Note } from '../core/wire/note.ts'
import { createAppending } from './append.ts'
import { byItself } from './noting.ts'
import type { Partition } from './partition.ts'
import { lyingIn, packageOf, removePackage, type StoredPackage } from './returnFolder.ts'

export type Removing = {
  readonly link: Pick<Link, 'store'>
  readonly folder: string
  /** The partition of the tenant. */
  readonly number: number
}

/** `erasure`: somebody who may be in it was erased after it was begun. */
type Because = 'time' | 'unfinished' | 'erasure'

/** Takes a package away after the record of it: where the log does not take that, the package stays. */
export async function removeRecorded(
  removing: Removing,
  one: StoredPackage,
  because: Because,
  now: number,
): Promise<void> {
  await record(removing, one, because)
  await removePackage(removing.folder, one, now)
}

/** Says in the tenant's chain that a package is removed: once, however many owners have one, and however often it is said. */
async function record(
  { link, folder, number }: Removing,
  { tenant, request }: StoredPackage,
  because: Because,
): Promise<void> {
  const known = packageOf(folder, tenant, request)
  const note: Note = {
    ...{ ...byItself, action: 'return-removed', request },
    counts: known === null ? {} : { records: known.records },
    detail: { because, manifest: known?.manifestSha256 ?? null },
  }
  const append = createAppending({ link, number }, 'control', 'return-removed')
  const event = { clear: { kind: 'noted', tenant } as const, personal: null, note }
  await append(event, `return-removed|${tenant}|${request}`)
}

/**
 * Takes away what lies there of a tenant and was begun before an erasure, whole or being written: the person is in it in
 * clear text. Whoever is writing one fails by it. One that was begun later has nothing of the person.
 */
export async function removeBegunBefore(
  {
    link,
    number,
    returnsDir,
    returnsBegun,
  }: Pick<Partition, 'link' | 'number' | 'returnsDir' | 'returnsBegun'>,
  tenant: string,
  erasedAt: number,
): Promise<void> {
  // As they were begun: the order of the records follows from what happened, not from names of chance.
  const begun = (one: StoredPackage) => returnsBegun.knownAt(one)
  const lying = lyingIn(returnsDir).sort(
    (one, other) => begun(one) - begun(other) || one.sinceMs - other.sinceMs,
  )
  for (const one of lying) {
    if (one.tenant !== tenant || returnsBegun.knownAt(one) >= erasedAt) continue
    await removeRecorded({ link, number, folder: returnsDir }, one, 'erasure', Date.now())
  }
}

type Named = { readonly tenant: string; readonly request: string }

/** Up to which entry of the log erasures were heard when a package was begun. Of one that is not known any more: none. */
export type ReturnsBegun = { begin(one: Named, sequence: number): void; knownAt(one: Named): number }

const knownMost = 1_024

export function createReturnsBegun(): ReturnsBegun {
  const begun = new Map<string, number>()
  const nameOf = ({ tenant, request }: Named) => `${tenant}/${request}`
  return {
    begin: (one, sequence) => {
      for (const oldest of begun.keys()) {
        if (begun.size < knownMost) break
        begun.delete(oldest)
      }
      begun.set(nameOf(one), sequence)
    },
    knownAt: one => begun.get(nameOf(one)) ?? 0,
  }
}
