import type { Fact, Part, Section, Step } from './report.ts'
import type { CallExport, EngagementRecord, OpenedRecord, PageViewRecord, SessionRecord } from './records.ts'
import { actionNames, fieldLabels, matchNames, secondsText, timeText } from './reportWords.ts'

/** The records as somebody reads them: each visit with what was done in it, then the calls. */
export function dataSections(records: readonly OpenedRecord[]): Section[] {
  const steps = stepsBySession(records)
  const sessions = records.filter(record => record.kind === 'session')
  const calls = records.filter(record => record.kind === 'call')
  const known = new Set(sessions.map(record => record.session))
  const loose = [...steps].flatMap(([session, found]) => (known.has(session) ? [] : found))
  const visits = sessions.map((record): Part => visitCard(record, steps.get(record.session) ?? []))
  if (loose.length > 0)
    visits.push({ type: 'card', title: 'Outside of a known visit', parts: [{ type: 'steps', steps: loose }] })
  return [
    ...(visits.length > 0 ? [{ title: 'Visits', parts: visits }] : []),
    ...(calls.length > 0 ? [{ title: 'Phone calls', parts: calls.map(callCard) }] : []),
  ]
}

function stepsBySession(records: readonly OpenedRecord[]): Map<string | null, Step[]> {
  const moments = records
    .filter(record => record.kind === 'page-view' || record.kind === 'engagement')
    .sort((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0))
  const steps = new Map<string | null, Step[]>()
  for (const record of moments) {
    const step = record.kind === 'page-view' ? pageStep(record) : engagementStep(record)
    const known = steps.get(record.session)
    if (known === undefined) steps.set(record.session, [step])
    else known.push(step)
  }
  return steps
}

function visitCard(record: SessionRecord, steps: readonly Step[]): Part {
  const { clear, personal } = record
  const later = (personal?.later ?? []).flatMap(one => [
    fact('From then on', timeText(one.at)),
    ...deviceFacts(one),
    fact(fieldLabels['session.consent'], one.consent),
  ])
  return {
    type: 'card',
    title: timeText(record.at),
    parts: [
      {
        type: 'facts',
        facts: told([
          fact('Website', clear.site),
          fact(fieldLabels['session.lastBeatAt'], timeText(clear.lastSignAt)),
          fact(fieldLabels['session.consent'], clear.consent),
          ...(personal === null ? [gone] : deviceFacts(personal)),
          ...later,
          ...mapFacts(personal?.other),
          fact(fieldLabels['session.session'], record.session),
          fact(fieldLabels['session.visitor'], record.visitor),
        ]),
      },
      ...(steps.length > 0 ? [{ type: 'steps', steps } as const] : []),
    ],
  }
}

type Device = Pick<
  NonNullable<SessionRecord['personal']>,
  'userAgent' | 'ipAddress' | 'ids' | 'gpc' | 'tcf' | 'gpp'
>

function deviceFacts({ userAgent, ipAddress, ids, gpc, tcf, gpp }: Device): (Fact | null)[] {
  return [
    fact(fieldLabels['session.userAgent'], userAgent),
    fact(fieldLabels['session.ipAddress'], ipAddress),
    ...mapFacts(ids, 'Id'),
    fact(fieldLabels['session.gpc'], gpc),
    fact(fieldLabels['session.tcf'], tcf),
    fact(fieldLabels['session.gpp'], gpp),
  ]
}

function pageStep({ at, clear, personal }: PageViewRecord): Step {
  return {
    at: timeText(at),
    what: 'Opened a page',
    facts: told([
      ...(personal === null
        ? [gone]
        : [
            fact(fieldLabels['page-view.title'], personal.title),
            fact(fieldLabels['page-view.url'], personal.url),
            fact(fieldLabels['page-view.referrer'], personal.referrer),
            fact(fieldLabels['page-view.searchPhrase'], personal.searchPhrase),
            fact(fieldLabels['page-view.name'], personal.name),
            ...mapFacts(personal.other),
          ]),
      fact('Came from', sourceText(clear.source)),
    ]),
  }
}

function engagementStep({ at, clear, personal }: EngagementRecord): Step {
  return {
    at: timeText(at),
    what: actionNames[clear.action],
    facts: told([
      fact('Phone number', clear.number),
      ...(personal === null
        ? [gone]
        : [
            fact(fieldLabels['engagement.element'], personal.element),
            ...mapFacts(personal.fields, 'Entered'),
            ...mapFacts(personal.other),
          ]),
    ]),
  }
}

function callCard(record: CallExport): Part {
  const { clear, personal, session, at } = record
  const { answeredAt, endedAt, ringMs, talkMs, totalMs, shownMs, touches } = clear
  const isVisitors = clear.side === 'visitor'
  return {
    type: 'card',
    title: timeText(at),
    parts: [
      {
        type: 'facts',
        facts: told([
          fact('Number dialled', clear.b),
          isVisitors ? ['Caller', 'not shown: the caller may be another person'] : callerFact(personal),
          fact(fieldLabels['call.c'], personal?.c ?? null),
          fact('Put through to', clear.forward),
          fact('Answered', answeredAt === null ? null : timeText(answeredAt)),
          fact('Ended', endedAt === null ? null : timeText(endedAt)),
          fact('Rang', ringMs === null ? null : secondsText(ringMs)),
          fact('Talked', talkMs === null ? null : secondsText(talkMs)),
          fact('From ring to end', totalMs == null ? null : secondsText(totalMs)),
          fact('Outcome', clear.outcome),
          ...matchFacts(record),
          fact('Number shown before', shownMs == null ? null : secondsText(shownMs)),
          fact(fieldLabels['call.path'], pathText(touches ?? [])),
          fact(fieldLabels['session.session'], session),
          ...mapFacts(personal?.other),
          fact('Carrier', clear.carrier),
          fact('Carrier’s id of the call', clear.call),
          fact(fieldLabels['call.aPseudonym'], clear.aPseudonym),
          fact(fieldLabels['call.cPseudonym'], clear.cPseudonym),
        ]),
      },
    ],
  }
}

function callerFact(personal: CallExport['personal']): Fact {
  if (personal === null) return gone
  return [fieldLabels['call.a'] ?? '', personal.a ?? 'withheld by the caller']
}

function matchFacts({ clear: { match, side } }: CallExport): (Fact | null)[] {
  if (match === null) return []
  const sure = `${Math.round(match.confidence * 100)} % sure`
  const visit = side === 'caller' ? '; the visit is not shown: it may be another person’s' : ''
  return [
    fact('Attributed', `${matchNames[match.kind] ?? match.kind} (${sure})${visit}`),
    fact('Advertising', sourceText(match.source)),
    fact('Rules considered', match.reasons.join(', ')),
  ]
}

/** Said where the sealed part cannot be opened, or there was none. */
const gone: Fact = ['Details', 'none, or erased already']

function pathText(touches: NonNullable<CallExport['clear']['touches']>): string | null {
  const steps = touches.map(({ at, source }) => `${timeText(at)}: ${sourceText(source)}`)
  return steps.length === 0 ? null : steps.join('; ')
}

function sourceText(source: PageViewRecord['clear']['source']): string | null {
  if (source === null) return null
  const { source: from, medium, campaign, content, keyword, channel } = source
  return [from, medium, campaign, content, keyword, channel]
    .filter(part => part !== null && part !== '')
    .join(' · ')
}

function mapFacts(map: Readonly<Record<string, unknown>> | undefined, before = ''): Fact[] {
  return Object.entries(map ?? {}).map(([name, value]) => [
    before === '' ? name : `${before} “${name}”`,
    typeof value === 'string' ? value : JSON.stringify(value),
  ])
}

function fact(label: string | undefined, value: string | null): Fact | null {
  return value === null || value === '' ? null : [label ?? '', value]
}

function told(facts: readonly (Fact | null)[]): Fact[] {
  return facts.filter(one => one !== null)
}
