import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { OpenedEvent } from '../config/export/assemble.ts'
import { type PackageHead, writePackage } from '../config/export/makePackage.ts'
import { signManifest } from '../config/export/signature.ts'
import { manifestName } from '../config/export/manifest.ts'
import { type HistorySource, recordsInPasses } from '../config/export/passes.ts'
import type { OpenedRecord } from '../config/export/records.ts'
import type { KeptEvent } from '../core/belongs.ts'
import { lastLife } from '../core/life.ts'
import type { AccountRequest, ReturnState } from '../core/wire/account.ts'
import type { HistoryRow } from './history.ts'
import { openEvent } from './opener.ts'
import { caughtUp, type Partition } from './partition.ts'

/**
 * Return packages: all that is held of a tenant, opened, as files of the worker's own disk, which only its user can read.
 * They are written in pages and passes, so that other tenants of the partition are served meanwhile.
 */
type Job = { records: number; failed: boolean; done: ReturnState['done'] }

const jobsMax = 16

export function createReturns(partition: Held) {
  const jobs = new Map<string, Job>()
  return ({
    tenant,
    request,
    head,
  }: Extract<AccountRequest, { kind: 'tenant-return' }>): ReturnState | null => {
    const known = jobs.get(`${tenant}/${request}`)
    if (known !== undefined || head === null) return known ?? null
    const job: Job = { records: 0, failed: false, done: null }
    for (const name of jobs.keys()) if (jobs.size >= jobsMax) jobs.delete(name)
    jobs.set(`${tenant}/${request}`, job)
    writeReturn(partition, head as PackageHead, () => {
      job.records += 1
    }).then(
      done => {
        job.done = done
      },
      () => {
        job.failed = true
      },
    )
    return job
  }
}

type Held = Pick<
  Partition,
  'audit' | 'store' | 'keys' | 'state' | 'returnsDir' | 'applied' | 'committed' | 'stopped'
>

async function writeReturn(
  partition: Held,
  head: PackageHead,
  said: () => void,
): Promise<NonNullable<ReturnState['done']>> {
  await caughtUp(partition)
  const directory = join(partition.returnsDir, `${head.tenant}-${head.request}`)
  const records = returnRecords(partition, head.tenant, said)
  const { counts } = await writePackage(directory, head, records, facts =>
    signManifest(partition.audit.signer, facts),
  )
  const manifestSha256 = createHash('sha256')
    .update(readFileSync(join(directory, manifestName)))
    .digest('hex')
  const count = Object.values(counts).reduce((sum, one) => sum + one, 0)
  return { atMs: Date.now(), directory, manifestSha256, records: count }
}

const eventsPerPass = 50_000

async function* returnRecords(
  partition: Held,
  tenant: string,
  said: () => void,
): AsyncGenerator<OpenedRecord> {
  let events = 0
  for await (const rows of pagesOf(partition, tenant)) events += rows.length
  const passes = Math.max(1, Math.ceil(events / eventsPerPass))
  for await (const record of recordsInPasses(historyOf(partition, tenant), passes)) {
    said()
    yield record
  }
}

const rowsPerPage = 200

/** A page at a time; others have their turn between two. */
async function* pagesOf(
  { store }: Pick<Partition, 'store'>,
  tenant: string,
): AsyncGenerator<readonly HistoryRow[]> {
  for (let after: HistoryRow | null = null; ; ) {
    const asked = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, after }
    const page: HistoryRow[] = store.historyPage(tenant, asked, rowsPerPage)
    yield page
    after = page.at(-1) ?? null
    if (page.length < rowsPerPage) return
    await new Promise(resolve => setImmediate(resolve))
  }
}

function historyOf(partition: Held, tenant: string): HistorySource {
  const index = () => partition.state.tenants.get(tenant)
  return {
    async *events(isWanted: (event: KeptEvent) => boolean): AsyncGenerator<OpenedEvent> {
      for await (const page of pagesOf(partition, tenant))
        for (const row of page) {
          if (!isWanted(row.event)) continue
          const { clear, session } = row.event
          const { personal } = openEvent(partition.keys, tenant, row.event)
          const { atMs, sequence, index: place } = row
          yield { clear, session, personal, atMs, sequence, index: place }
        }
    },
    async *calls() {
      for (const [, record] of [...(index()?.calls.entries() ?? [])]) yield record
    },
    async *sessions() {
      for (const [, one] of [...(index()?.sessions.entries() ?? [])]) {
        const { session, visitor, site, startedAt } = one
        yield { session, visitor, site, startedAt, lastBeatAt: lastLife(one) }
      }
    },
  }
}
