import { type PackedFields, packedFields } from '../config/packedFields.ts'
import type { BreachCounts } from '../core/breach.ts'
import { Distinct } from './distinct.ts'

/** What a kept event counts as: a call has several events, and a visit is counted by its first. */
const kindPaths = ['clear.kind', 'clear.page'] as const

type Kinds = PackedFields<(typeof kindPaths)[number]>
const isPageView = (event: Kinds) => event.text('clear.kind') !== 'engagement' && event.has('clear.page')
const isEngagement = (event: Kinds) => event.text('clear.kind') === 'engagement'

/** Counts kept events by their kind, as the store has them. */
export function createKindTally() {
  const event = packedFields(kindPaths)
  const counts = { events: 0, pageViews: 0, engagements: 0 }
  const take = (bytes: Buffer) => {
    event.read(bytes)
    counts.events += 1
    counts.pageViews += Number(isPageView(event))
    counts.engagements += Number(isEngagement(event))
  }
  return { take, counts }
}

/** Counts kept events by what they are about, as the store has them: sealed parts are not even looked at. */
export function createTally() {
  const event = packedFields([
    ...kindPaths,
    ...(['session', 'clear.visitor', 'clear.carrier', 'clear.call', 'clear.a'] as const),
  ])
  const [sessions, calls, visitors, callers] = [
    new Distinct(),
    new Distinct(),
    new Distinct(),
    new Distinct(),
  ]
  let [rows, views, engagements] = [0, 0, 0]
  const add = (to: Distinct, text: string | null) => void (text !== null && to.add(text))
  const take = (bytes: Buffer) => {
    rows += 1
    event.read(bytes)
    views += Number(isPageView(event))
    engagements += Number(isEngagement(event))
    add(visitors, event.text('clear.visitor'))
    if (event.text('clear.kind') === 'hello') add(sessions, event.text('session'))
    if (event.text('clear.kind') !== 'signal') return
    calls.add(`${event.text('clear.carrier')} ${event.text('clear.call')}`)
    add(callers, event.text('clear.a'))
  }
  const exactly = (count: number) => ({ count, plusMinus: 0 })
  const counts = (): Pick<BreachCounts, 'rows' | 'records' | 'visitors' | 'callers'> => ({
    rows,
    records: {
      ...{ session: sessions.count(), 'page-view': exactly(views) },
      ...{ engagement: exactly(engagements), call: calls.count() },
    },
    visitors: visitors.count(),
    callers: callers.count(),
  })
  return { take, counts, rows: () => rows }
}
