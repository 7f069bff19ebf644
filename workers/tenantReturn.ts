import { recordsOf } from '../config/export/assemble.ts'
import { type PackageHead, writePackage } from '../config/export/makePackage.ts'
import { signManifest } from '../config/export/signature.ts'
import type { OpenedRecord } from '../config/export/records.ts'
import { limits } from '../core/limits.ts'
import type { AccountRequest, ReturnState } from '../core/wire/account.ts'
import { caughtUp, type Partition } from './partition.ts'
import { lyingIn, packageOf, placeOf, removePackage } from './returnFolder.ts'
import { historiesOf } from './tenantHistory.ts'

/**
 * Return packages: all that is held of a tenant, opened, as files of the worker's own disk, which only its user can read.
 * They are written a few visits at a time, so that other tenants of the partition are served meanwhile. What was finished is
 * known by its files, so that a restart forgets none.
 */
type Job = { records: number; failed: boolean }

const failuresMax = 16

type Asked = Extract<AccountRequest, { kind: 'tenant-return' }>
type Said = { readonly state: ReturnState | null; readonly lying: number }

export function createReturns(partition: Held): (asked: Asked) => Said {
  const jobs = new Map<string, Job>()
  const begin = (name: string, head: PackageHead) => {
    const failures = [...jobs].filter(([, { failed }]) => failed)
    for (const [old] of failures.slice(0, Math.max(0, failures.length - failuresMax))) jobs.delete(old)
    partition.returnsBegun.begin(head, partition.applied)
    const job: Job = { records: 0, failed: false }
    jobs.set(name, job)
    const said = () => {
      job.records += 1
    }
    writeReturn(partition, head, said).then(
      () => jobs.delete(name),
      () => {
        job.failed = true
      },
    )
  }
  return ({ tenant, request, head }) => {
    const name = `${tenant}/${request}`
    const lie = () => {
      const all = lyingIn(partition.returnsDir).filter(one => one.tenant === tenant)
      const begun = [...jobs].filter(([of, { failed }]) => !failed && of.startsWith(`${tenant}/`))
      return new Set([...all.map(one => `${tenant}/${one.request}`), ...begun.map(([of]) => of)]).size
    }
    // Decided where nobody comes between: several may be asked for at once.
    const mayBegin = head !== null && !jobs.has(name) && lie() < limits.returnsPerTenantMax
    if (mayBegin) begin(name, head as PackageHead)
    const lying = lie()
    const job = jobs.get(name)
    const state = job === undefined ? finished(partition.returnsDir, tenant, request) : { ...job, done: null }
    return { state, lying }
  }
}

function finished(folder: string, tenant: string, request: string): ReturnState | null {
  const done = packageOf(folder, tenant, request)
  return done === null ? null : { records: done.records, failed: false, done }
}

type Held = Pick<
  Partition,
  | 'audit'
  | 'store'
  | 'keys'
  | 'state'
  | 'erasures'
  | 'returnsDir'
  | 'returnsBegun'
  | 'applied'
  | 'committed'
  | 'stopped'
>

async function writeReturn(partition: Held, head: PackageHead, said: () => void): Promise<void> {
  await caughtUp(partition)
  const directory = placeOf(partition.returnsDir, head.tenant, head.request)
  if (directory === null) throw new Error('A return package has the name of a request.')
  const records = returnRecords(partition, head.tenant, said)
  try {
    await writePackage(directory, head, records, facts => signManifest(partition.audit.signer, facts))
  } catch (error) {
    await removePackage(partition.returnsDir, head, Date.now())
    throw error
  }
}

async function* returnRecords(
  partition: Held,
  tenant: string,
  said: () => void,
): AsyncGenerator<OpenedRecord> {
  for await (const history of historiesOf({ ...partition, tenant, through: partition.committed }))
    for (const record of recordsOf(history, 'everyone')) {
      said()
      yield record
    }
}
