import { randomBytes, randomInt } from 'node:crypto'
import { personalFields } from '../../core/privacy.ts'

/** A random value that one person brings in one personal field on one occasion, and that nothing else can contain. */
export type Marker = {
  readonly person: string
  readonly field: string
  readonly occasion: string
  readonly text: string
}

const word = () => `canary-${randomBytes(9).toString('hex')}`
const address = () =>
  `2001:db8:${Array.from({ length: 6 }, () => randomInt(0x1000, 0xffff).toString(16)).join(':')}`
/** Danish mobile numbers that begin as those of a test. */
const phone = () => `+4520${randomInt(100_000, 999_999)}`

/** How a value of each sealed field looks. What `core/privacy.ts` lists and this does not know has no test: it fails. */
const forms: Readonly<Record<string, () => string>> = {
  'session.userAgent': word,
  'session.ipAddress': address,
  'session.ids.*': word,
  'session.tcf': word,
  'session.gpp': word,
  'page-view.url': word,
  'page-view.referrer': word,
  'page-view.searchPhrase': word,
  'page-view.title': word,
  'page-view.name': word,
  'engagement.element': word,
  'engagement.fields.*': word,
  'call.a': phone,
  'call.c': phone,
}

const others = { phone, mail: () => `${word()}@canary.example` }

/** A yes or a no can hold no marker. */
const yesOrNo = ['session.gpc']

/** The sealed fields, as the list of personal fields has them. */
export const sealedFields = personalFields
  .filter(one => one.where === 'sealed' && !yesOrNo.includes(one.field))
  .map(one => one.field)

/** Fields that have no form here, or forms of no field. */
export function unmatchedFields(): string[] {
  const known = Object.keys(forms)
  return [
    ...sealedFields.filter(one => !known.includes(one)),
    ...known.filter(one => !sealedFields.includes(one)),
  ]
}

/** Makes the values of one person on one occasion, and remembers them. */
export type Mark = (field: string, form?: 'phone' | 'mail') => string

export function createMarkers() {
  const all: Marker[] = []
  return {
    all: all as readonly Marker[],
    of: (person: string): readonly Marker[] => all.filter(one => one.person === person),
    on:
      (person: string, occasion: string): Mark =>
      (field, form) => {
        const make = form === undefined ? forms[field] : others[form]
        if (make === undefined) throw new Error(`no marker for ${field}`)
        const text = make()
        all.push({ person, field, occasion, text })
        return text
      },
  }
}
