import { csvTable } from '../../config/csv.ts'
import type { Match } from '../../core/outcome.ts'
import { rulesVersion } from '../../core/state.ts'
import type { Recorded } from './record.ts'
import { type Compared, type Replayed, sourceText, type VisitChange, visitChanges } from './replay.ts'
import { counted, momentText, percent, textTable } from './textTable.ts'

/** What a replay came to, as people read it, and as files. Ids are in it, and no personal value. */

const kindOrder = ['exact', 'tail', 'cooldown', 'shared', 'static', 'returning', 'none'] as const
const sourcesShown = 10

export function replayText(recorded: Recorded, replayed: Replayed): string {
  const { calls, differing } = replayed
  const changed = `${counted(differing.length)} of ${counted(calls)} calls come out differently`
  return [
    `${sayRecord(recorded)}: ${counted(calls)} calls.`,
    ...sayDoubts(recorded, replayed),
    '',
    `${changed}${calls === 0 ? '' : ` (${percent(differing.length / calls)})`}.`,
    '',
    'Calls by kind, before (lines) and after (columns):',
    kindTable(replayed),
    '',
    'Whom they went to before, and go to after:',
    visitTable(replayed),
    ...sourceLines(replayed),
    '',
  ].join('\n')
}

/** What was looked at. */
export function sayRecord({ tenant, events, fromMs, toMs }: Recorded): string {
  return `Tenant ${tenant}, ${momentText(fromMs)} to ${momentText(toMs)}, ${counted(events.length)} events on record`
}

/** What was not known, and how much of it there was. */
export function sayRecordDoubts({ rules, policyChanges, leftOut }: Recorded): string[] {
  const lines: string[] = []
  if (leftOut.events + leftOut.calls > 0)
    lines.push(
      `Left out: ${counted(leftOut.events)} events and ${counted(leftOut.calls)} calls of people whose data is erased or restricted.`,
    )
  if (policyChanges.length > 0)
    lines.push(
      `The policy was changed ${timesText(policyChanges.length)} in this time, last at ${new Date(policyChanges.at(-1) ?? 0).toISOString()}. The one in force now is taken for all of it.`,
    )
  if (rules !== rulesVersion)
    lines.push(
      `The record was made by version ${rules} of the rules; here version ${rulesVersion} is applied.`,
    )
  return lines
}

const timesText = (count: number) => (count === 1 ? 'once' : `${count} times`)

function sayDoubts(recorded: Recorded, replayed: Replayed): string[] {
  const { otherConfidence, untold, refused } = replayed
  const lines = [...sayRecordDoubts(recorded), ...sayAsRecorded(replayed)]
  if (otherConfidence.calls > 0)
    lines.push(
      `Of ${counted(otherConfidence.calls)} the confidence is another one, by at most ${otherConfidence.mostOff / 1_000}: it is not on record when each page beat last before the ring.`,
    )
  if (untold > 0) lines.push(`${counted(untold)} calls are in no figure: their signals are not kept.`)
  if (refused > 0)
    lines.push(
      `${counted(refused)} events of visitors are refused under the other policy, which has not their site.`,
    )
  return lines
}

/** How well the replay tells what was answered: of calls since the policy is in force it has to, of those before it cannot. */
function sayAsRecorded({ notAsRecorded, earlier, calls }: Replayed): string[] {
  const others = [...notAsRecorded.values()].reduce((sum, count) => sum + count, 0)
  const kinds = [...notAsRecorded].map(([key, count]) => `${counted(count)} ${key.replace(' ', ' → ')}`)
  const them = earlier.calls === 0 ? 'them' : `the calls since then (${counted(calls - earlier.calls)})`
  const lines = [
    others === 0
      ? `Under the policy in force the replay gives each of ${them} the kind, visit and source that were recorded.`
      : `Under the policy in force the replay gives ${counted(calls - earlier.calls - others)} of ${them} the kind, visit and source that were recorded. The others (${kinds.join(', ')}) are compared with what it gives for them.`,
  ]
  if (earlier.calls > 0)
    lines.push(
      `Before then another policy answered: otherwise than the one in force would in ${counted(earlier.others)} of ${counted(earlier.calls)} calls. What was answered stands beside them in the files.`,
    )
  return lines
}

function kindTable({ kinds }: Replayed): string {
  const used = kindOrder.filter(kind => [...kinds.keys()].some(key => key.split(' ').includes(kind)))
  const rows = used.map(before => [
    before,
    ...used.map(after => counted(kinds.get(`${before} ${after}`) ?? 0)),
  ])
  return textTable(['', ...used], rows)
}

function visitTable({ visits, calls }: Replayed): string {
  const rows = Object.entries(visitChanges).map(([change, says]) => {
    const count = visits.get(change as VisitChange) ?? 0
    return [says, counted(count), calls === 0 ? '' : percent(count / calls)]
  })
  return textTable(['', 'calls', 'share'], rows)
}

function sourceLines({ sources }: Replayed): string[] {
  if (sources.length === 0) return []
  const rows = sources
    .slice(0, sourcesShown)
    .map(({ before, after, calls }) => [before, after, counted(calls)])
  const rest = sources.slice(sourcesShown).reduce((sum, { calls }) => sum + calls, 0)
  return [
    '',
    'Calls whose source is another one:',
    textTable(['before', 'after', 'calls'], rows, [0, 1]),
    ...(rest > 0 ? [`and ${counted(rest)} more of ${sources.length - sourcesShown} other pairs`] : []),
  ]
}

/** One line for each call that comes out differently. */
export function replayLines({ differing }: Replayed): string {
  return differing.map(one => `${JSON.stringify(lineOf(one))}\n`).join('')
}

const columns = [
  ...['carrier', 'call', 'rangAt', 'visit', 'asRecorded', 'beforeKind', 'afterKind'],
  ...['beforeConfidence', 'afterConfidence', 'beforeSession', 'afterSession', 'beforeSource', 'afterSource'],
  ...['recordedKind', 'recordedConfidence', 'recordedSession', 'recordedSource'],
]

export function replayCsv({ differing }: Replayed): string {
  const rows = differing.map(({ carrier, call, rangAt, visit, isAsRecorded, recorded, before, after }) => ({
    ...{ carrier, call, rangAt: new Date(rangAt).toISOString(), visit, asRecorded: isAsRecorded },
    ...{ beforeKind: before.kind, afterKind: after.kind },
    ...{ beforeConfidence: before.confidence / 1_000, afterConfidence: after.confidence / 1_000 },
    ...{ beforeSession: before.session, afterSession: after.session },
    ...{ beforeSource: sourceText(before), afterSource: sourceText(after) },
    ...{ recordedKind: recorded.kind, recordedConfidence: recorded.confidence / 1_000 },
    ...{ recordedSession: recorded.session, recordedSource: sourceText(recorded) },
  }))
  return csvTable(columns, rows)
}

function lineOf({ carrier, call, rangAt, visit, isAsRecorded, recorded, before, after }: Compared): object {
  const at = new Date(rangAt).toISOString()
  const matches = { before: matchOf(before), after: matchOf(after), recorded: matchOf(recorded) }
  return { carrier, call, rangAt: at, visit, asRecorded: isAsRecorded, ...matches }
}

function matchOf({ kind, confidence, session, visitor, source, reasons }: Match): object {
  return { kind, confidence: confidence / 1_000, session, visitor, source, reasons }
}
