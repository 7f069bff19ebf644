/**
 * What is personal, in one place: the type that does not print itself, and the list of every personal field with the
 * reason why it is held.
 */

/** A value about a person. However it is printed, joined, logged or packed, it says `(personal)`. */
export class Personal<Value = string> {
  readonly #value: Value

  constructor(value: Value) {
    this.#value = value
  }

  /** The value itself: to be called where it is sealed, or shown to somebody with the right to see it. */
  reveal(): Value {
    return this.#value
  }

  toString(): string {
    return '(personal)'
  }

  toJSON(): string {
    return '(personal)'
  }

  [Symbol.toPrimitive](): string {
    return '(personal)'
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '(personal)'
  }
}

/** Who may see a field: the machines that match, or people with that right at the tenant. */
type Viewer = 'matching' | 'operator' | 'data-protection'

export type PersonalField = {
  readonly field: string
  /** `sealed`: opaque bytes in log, store and outboxes. `clear`: what the core reads; random, keyed or classified. */
  readonly where: 'sealed' | 'clear'
  readonly purpose: string
  /**
   * Counted in log time from the record's own time. `retention` is the tenant's, 60 days unless it says otherwise;
   * what is sealed goes earlier where the tenant's `fieldRetention` names it.
   */
  readonly lifetime: 'retention' | 'retention or less'
  readonly seenBy: readonly Viewer[]
}

const people = ['operator', 'data-protection'] as const
const everyone = ['matching', ...people] as const

function sealed(field: string, purpose: string): PersonalField {
  return { field, where: 'sealed', purpose, lifetime: 'retention or less', seenBy: people }
}

function clear(field: string, purpose: string): PersonalField {
  return { field, where: 'clear', purpose, lifetime: 'retention', seenBy: everyone }
}

/** Every personal field. `*` stands for names that the site or the visitor chooses. */
export const personalFields: readonly PersonalField[] = [
  clear('session.visitor', 'recognises a browser that returns; random'),
  clear('session.session', 'ties page views, numbers and calls to one visit; random'),
  clear('session.startedAt', 'says whose visit held a number at a moment'),
  clear('session.lastBeatAt', 'says whether the visit was alive when the phone rang'),
  clear('session.consent', 'shows that the visit may be processed'),
  sealed('session.gpc', 'shows what the browser said of privacy: Global Privacy Control'),
  sealed('session.tcf', 'shows what was agreed to in the consent dialogue: a TC string'),
  sealed('session.gpp', 'shows what was agreed to in the consent dialogue: a GPP string'),
  sealed('session.userAgent', 'tells devices apart when a match is disputed'),
  sealed('session.ipAddress', 'tells networks apart when a match is disputed; finds abuse'),
  sealed('session.ids.*', 'joins the visit to the tenant’s own analytics and advertising accounts'),

  clear(
    'page-view.source',
    'says which advertising made the phone ring; classified, at most 100 characters a value',
  ),
  clear('page-view.at', 'orders the visit'),
  sealed('page-view.url', 'shows what the caller had read'),
  sealed('page-view.referrer', 'shows where the visit came from, with the search phrase if it has one'),
  sealed('page-view.searchPhrase', 'shows what was typed into a search engine, where that says it'),
  sealed('page-view.title', 'shows what the caller had read'),
  sealed('page-view.name', 'shows what the caller had read, in the words of the tenant’s analytics'),

  clear('engagement.action', 'a click on the number shortly before a ring is evidence'),
  clear('engagement.at', 'orders the visit'),
  clear(
    'engagement.contacts',
    'finds a person by a phone number or an e-mail address that they entered, when they ask for their data; keyed hashes of these',
  ),
  sealed('engagement.element', 'shows what was used'),
  sealed(
    'engagement.fields.*',
    'what the visitor entered: name, phone number, e-mail address, whatever the form asks',
  ),

  clear('call.aPseudonym', 'recognises a caller who calls again; keyed hash of the number'),
  clear('call.cPseudonym', 'tells apart who was called; keyed hash of the number'),
  clear('call.times', 'ring, answer and end say which visit held the number, and how long the call took'),
  clear('call.match', 'the answer: which visit, how sure, and why'),
  clear('call.path', 'which advertising led to the visit and the call, and when: whom to credit it to'),
  sealed('call.a', 'the caller’s number, for the tenant’s own customer records'),
  sealed('call.c', 'the number the call was forwarded to'),
]

/** The names that sealed fields have in a sealed part: each may be kept for less than the rest. */
export const sealedFields: readonly string[] = personalFields.flatMap(one => sealedName(one) ?? [])

/** The name of a field in a sealed part, by which `fieldRetention` names it; null: it is clear. */
export function sealedName({ field, where }: PersonalField): string | null {
  return where === 'sealed' ? (field.split('.')[1] ?? field) : null
}
