import type { History, OpenedEvent } from '../../config/export/assemble.ts'
import { agreedKey, makeIntakePair } from '../../config/intakeKeys.ts'
import { unwrap } from '../../config/keyWrap.ts'
import { unpack } from '../../config/pack.ts'
import type { RecordsPage } from '../../core/wire/rights.ts'
import { NoAnswer, type Owners } from '../owners.ts'

const bound = Buffer.from('ringtrail records v1')
/** 12.8 million events: far more than a person leaves. */
const pagesMax = 100_000

/**
 * All that is held about some people of a tenant, opened by the owner, page by page. Each page travels sealed for this
 * request alone. Throws `NoAnswer` where no owner answers.
 */
export async function readRecords(
  owners: Pick<Owners, 'ask'>,
  partition: number,
  tenant: string,
  subjects: readonly string[],
): Promise<History> {
  const history = {
    events: [] as OpenedEvent[],
    calls: [] as RecordsPage['calls'],
    sessions: [] as RecordsPage['sessions'],
  }
  let from: number | null = 0
  for (let page = 0; from !== null && page < pagesMax; page++) {
    const read: RecordsPage = await readPage(owners, partition, tenant, subjects, from)
    history.events.push(...(read.events as OpenedEvent[]))
    if (from === 0) Object.assign(history, { calls: read.calls, sessions: read.sessions })
    from = read.next
  }
  return history
}

async function readPage(
  owners: Pick<Owners, 'ask'>,
  partition: number,
  tenant: string,
  subjects: readonly string[],
  from: number,
): Promise<RecordsPage> {
  const { publicHalf, privateHalf } = makeIntakePair()
  const reply = await owners.ask(partition, { kind: 'records', tenant, subjects, from, for: publicHalf })
  if (reply.kind !== 'records' || !reply.current) throw new NoAnswer('no owner that can be believed answers')
  const bytes = unwrap(reply.bytes, agreedKey(privateHalf, reply.from), bound)
  if (bytes === null) throw new Error('an owner answered somebody else')
  return unpack(bytes) as RecordsPage
}
