import type { Approximate } from '../../core/breach.ts'
import type { BreachPack } from './pack.ts'

/** The pack as a document that is edited and sent: every place that a person has to fill says so. */
export function packText(pack: BreachPack): string {
  const { phase, controller, processor, madeAt, clock, breach, reference, nature, scope } = pack
  return [
    `# Personal data breach ${breach}: phase ${phase} of 3`,
    '',
    `To: ${orFill(controller.name, 'controller')} (${controller.tenant}), ${orFill(controller.contact, 'contact')}`,
    `From: ${orFill(processor.name, 'processor')}, ${orFill(processor.contact, 'contact')}`,
    `Data protection officer: ${orFill(processor.dataProtectionOfficer, 'name and contact')}`,
    `Reference: ${reference ?? 'none'}`,
    `Figures made: ${madeAt}`,
    '',
    '## Clock',
    '',
    `Known since ${clock.awareAt}; the first document is due ${clock.dueAt} (${leftWords(clock.leftMinutes)}).`,
    ...(clock.told.length === 0
      ? ['The controller has not been told yet.']
      : clock.told.map(one => `Phase ${one.phase} was given ${one.at}.`)),
    '',
    '## Nature',
    '',
    nature,
    `Scope: records of ${scope.from} to ${scope.to}${scopeWords(pack)}.`,
    '',
    ...figuresText(pack),
    '',
    '## Likely consequences (template: edit)',
    '',
    ...(pack.categories.length === 0 ? ['None: no records lie in the scope.'] : []),
    ...pack.categories.map(({ title, consequences }) => `- ${title}: ${consequences}`),
    '',
    '## Measures taken, from the audit chain',
    '',
    ...(pack.measures.length === 0 ? ['None is recorded since it is known.'] : []),
    ...pack.measures.map(({ action, says, count }) => `- ${says} (${action}, recorded ${timesWords(count)})`),
    '',
    '## Not known yet',
    '',
    ...pack.open.map(one => `- ${one}`),
    '',
  ].join('\n')
}

function figuresText({ categories, subjects, acted }: BreachPack): string[] {
  const rows = categories.map(({ title, records, fields }) => {
    const names = fields.map(({ field, where }) => `${field} (${where})`).join(', ')
    return `| ${title} | ${approximate(records)} | ${names} |`
  })
  const doings = acted === null ? [] : actedText(acted)
  return [
    '## Data and people',
    '',
    `Approximate number of subjects: ${counted(subjects.visitors, 'visitor')}, ${counted(subjects.callers, 'caller')}. A visitor who called counts as both; a person with two browsers as two.`,
    '',
    '| category | records | fields |',
    '| --- | --- | --- |',
    ...(rows.length === 0 ? ['| none in the scope | 0 | |'] : rows),
    ...doings,
  ]
}

function actedText({ actions, records, subjects, uncounted }: NonNullable<BreachPack['acted']>): string[] {
  const done = Object.entries(actions).map(([action, count]) => `${count} × ${action}`)
  const least = uncounted === 0 ? '' : 'at least '
  return [
    '',
    `The named access keys, by the audit chain: ${done.join(', ') || 'nothing recorded'}; handed to them: ${least}${counted(exactly(records), 'record')} of ${least}${counted(subjects, 'subject')}.`,
    ...(uncounted === 0 ? [] : [`How much it was is not recorded of ${uncounted} of these actions.`]),
  ]
}

function scopeWords({ scope }: BreachPack): string {
  const parts = [
    ...(scope.partitions === null ? [] : [`partitions ${scope.partitions.join(', ')}`]),
    ...(scope.actors === null ? [] : [`what the access keys ${scope.actors.join(', ')} did`]),
  ]
  return parts.length === 0 ? '' : `; ${parts.join('; ')}`
}

function approximate({ count, plusMinus }: Approximate): string {
  return plusMinus === 0 ? String(count) : `${count} ± ${plusMinus}`
}

function timesWords(count: number): string {
  return count === 1 ? 'once' : `${count} times`
}

const exactly = (count: number): Approximate => ({ count, plusMinus: 0 })

function counted(figure: Approximate, noun: string): string {
  return `${approximate(figure)} ${noun}${figure.count === 1 && figure.plusMinus === 0 ? '' : 's'}`
}

function leftWords(minutes: number): string {
  if (minutes === 0) return 'overdue'
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min left`
}

function orFill(text: string | null, what: string): string {
  return text ?? `(${what}: fill in)`
}
