import type { CountedKind } from './breach.ts'
import { personalFields } from './privacy.ts'

/** What a breach pack says of each category of data: which fields, and what may follow for the people, to be edited. */
export type CategoryWords = {
  readonly title: string
  readonly fields: readonly { readonly field: string; readonly where: 'sealed' | 'clear' }[]
  readonly consequences: string
}

const words: Readonly<Record<CountedKind, Pick<CategoryWords, 'title' | 'consequences'>>> = {
  session: {
    title: 'Visits to the website: device, network address, ids of analytics accounts',
    consequences:
      'Visits may be tied to a device or household by its network address and recognised on other sites; the interests that a visit shows may become known.',
  },
  'page-view': {
    title: 'Pages that were read: addresses, referrers, titles',
    consequences:
      'What somebody read, and the words they searched for, may become known; where pages are about health, finances or similar, that may embarrass or disadvantage them.',
  },
  engagement: {
    title: 'What visitors entered in forms: names, phone numbers, e-mail addresses, whatever the form asks',
    consequences:
      'Unwanted calls and messages, phishing that mentions the contact with the company, and misuse of identity where forms ask for more than a name and a number.',
  },
  call: {
    title: 'Phone calls: numbers of callers, when and how long they talked, which visit they came from',
    consequences:
      'Unwanted calls, attempts at fraud that mention the call, and knowledge of who called whom and when.',
  },
}

export function categoryWords(kind: CountedKind): CategoryWords {
  const fields = personalFields
    .filter(({ field }) => field.startsWith(`${kind}.`))
    .map(({ field, where }) => ({ field, where }))
  return { ...words[kind], fields }
}
