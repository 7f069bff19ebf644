import type { QuestionReply, QuestionRequest } from '../../core/wire/questions.ts'
import { choosing } from './choosing.ts'
import { pageOf, textOf } from './pages.ts'
import type { PartitionCalls } from './partitionCalls.ts'
import { poolMoments } from '../poolMoments.ts'
import { reportOn } from './report.ts'
import { reportText } from './reportRow.ts'
import { type Rows, shownRecord, type TenantCalls } from './tenantCalls.ts'

/** What is answered to a question about calls, as of what is committed at this moment. */
export function answerQuestion(
  calls: PartitionCalls,
  request: QuestionRequest,
  current: boolean,
  now: number,
): QuestionReply {
  const rows = calls.keepUp()
  const found = calls.find(request.tenant)
  if (found === 'too-many') return { kind: 'too-many', current: false }
  if (rows === null || found === 'unknown') return { kind: 'loading', current: false, read: 0 }
  if (request.kind === 'utilisation') return { kind: 'utilisation', current, ...poolMoments(rows, request) }
  if (found.readTo !== null) return { kind: 'loading', current: false, read: found.table.size }
  found.table.settle()
  return answerOf(rows, found, request, { current, now })
}

type Asked = Exclude<QuestionRequest, { kind: 'utilisation' }>
type Answered = Extract<QuestionReply, { kind: 'calls' | 'report' }>

function answerOf(
  rows: Rows,
  calls: TenantCalls,
  request: Asked,
  { current, now }: { readonly current: boolean; readonly now: number },
): Answered {
  const { table, retentionMs } = calls
  const { filter } = request
  const { chooses, isExact } = choosing(table, filter, now - retentionMs)
  const from = filter.fromMs === null ? 0 : table.before(filter.fromMs)
  const end = filter.toMs === null ? table.order.length : table.before(filter.toMs)
  if (request.kind === 'report') {
    const reported = reportOn(table, { from, to: end, chooses }, request.report)
    const text = Buffer.from(reportText(reported, request.report, request.as))
    return { kind: 'report', current, text, more: reported.more }
  }
  const { after, most, as } = request
  const to = after === null ? end : Math.min(end, table.beforePlace(after))
  const read = (key: string) => shownRecord(rows, calls, key)
  const { records, next } = pageOf({ table, stretch: { from, to, chooses }, filter, isExact, most, read })
  const text = Buffer.from(textOf(records, as, after === null))
  return { kind: 'calls', current, text, calls: records.length, next }
}
