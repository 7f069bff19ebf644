import type { RecordKind } from './records.ts'

/** What things are called in a report for people who know nothing of the program. */

export const kindNames: Readonly<Record<RecordKind, string>> = {
  session: 'visits',
  'page-view': 'pages opened',
  engagement: 'clicks and forms',
  call: 'phone calls',
}

/** The same of a single one. */
export const oneOfKind: Readonly<Record<RecordKind, string>> = {
  session: 'visit',
  'page-view': 'page opened',
  engagement: 'click or form',
  call: 'phone call',
}

export const actionNames = { click: 'Clicked', close: 'Closed', submit: 'Sent a form' } as const

export const fieldLabels: Readonly<Record<string, string>> = {
  'session.visitor': 'Id of the browser',
  'session.session': 'Id of the visit',
  'session.startedAt': 'When the visit began',
  'session.lastBeatAt': 'Last sign of the visit',
  'session.consent': 'Consent',
  'session.gpc': 'Global Privacy Control',
  'session.tcf': 'Consent dialogue (TC string)',
  'session.gpp': 'Consent dialogue (GPP string)',
  'session.userAgent': 'Browser and device',
  'session.ipAddress': 'Network address (IP)',
  'session.ids.*': 'Ids of other services',
  'page-view.source': 'Where the visit came from',
  'page-view.at': 'When the page was opened',
  'page-view.url': 'Address of the page',
  'page-view.referrer': 'Page before it',
  'page-view.searchPhrase': 'Typed into a search engine',
  'page-view.title': 'Title of the page',
  'page-view.name': 'Name of the page in analytics',
  'engagement.action': 'What was done',
  'engagement.at': 'When it was done',
  'engagement.contacts': 'Pseudonyms of phone numbers and e-mail addresses entered',
  'engagement.element': 'What was used on the page',
  'engagement.fields.*': 'What was entered',
  'call.aPseudonym': 'Pseudonym of the caller',
  'call.cPseudonym': 'Pseudonym of who was reached',
  'call.times': 'Times of the call',
  'call.match': 'Which visit it was attributed to',
  'call.path': 'What had led to it',
  'call.a': 'Number of the caller',
  'call.c': 'Number that was reached',
}

export const matchNames: Readonly<Record<string, string>> = {
  exact: 'a visit was shown this number when the phone rang',
  tail: 'a visit that had just ended was shown this number',
  cooldown: 'a visit that had ended some time before was shown this number',
  shared: 'several visits were shown this number',
  static: 'the number belongs to an advertisement, not to a visit',
  returning: 'this number had called before',
  none: 'not attributed',
  deferred: 'not attributed yet',
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `24 Nov 2026, 18:41:05 UTC`, of ISO 8601. */
export function timeText(iso: string): string {
  const [day, time] = [iso.slice(0, 10), iso.slice(11, 19)]
  const [year, month, date] = day.split('-').map(Number) as [number, number, number]
  return `${date} ${months[month - 1]} ${year}, ${time} UTC`
}

export function secondsText(ms: number): string {
  const seconds = Math.round(ms / 1_000)
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const unseen = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g

/** Text of a stranger with nothing in it that acts unseen: control characters and marks that turn the reading order. */
export function visibleText(text: string): string {
  return text
    .toWellFormed()
    .replace(/\r\n|\n/g, ' ↵ ')
    .replace(
      unseen,
      found => `[U+${(found.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`,
    )
}
