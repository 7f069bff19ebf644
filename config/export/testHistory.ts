import type { SubjectSet } from '../../core/belongs.ts'
import type { Input } from '../../core/input.ts'
import type { CallRecord, Match } from '../../core/outcome.ts'
import type { History, OpenedEvent, SessionFacts } from './assemble.ts'
import { chanceOf } from './testHead.ts'

/**
 * Small random histories whose truth is written down while they are made: every text in them holds a mark of its own,
 * `KN000123Z`, and each subject has the marks that its export must show, all of them and no other.
 */

export type Truth = { readonly ids: Set<string>; readonly marks: Set<string> }

export type World = {
  readonly history: History
  readonly subjects: SubjectSet
  readonly truth: Truth
}

export const marksIn = (bytes: Uint8Array): Set<string> =>
  new Set(
    Buffer.from(bytes)
      .toString('latin1')
      .match(/KN\d{6}Z/g) ?? [],
  )

type Visitor = { readonly id: string; readonly isMine: boolean; readonly sessions: Session[] }
type Session = { readonly id: string; readonly isMine: boolean; readonly visitor: Visitor }
/** A person's phone number, and its pseudonym wherever it is met. */
type Phone = { readonly number: string; readonly pseudonym: string; readonly isMine: boolean }

export function randomWorld(seed: number): World {
  return new Maker(seed).make()
}

class Maker {
  readonly #chance: (below: number) => number
  readonly #events: OpenedEvent[] = []
  readonly #calls: CallRecord[] = []
  readonly #facts: SessionFacts[] = []
  readonly #truth: Truth = { ids: new Set(), marks: new Set() }
  #marks = 0
  #sequence = 0
  readonly #began = Date.UTC(2026, 9, 1)

  constructor(seed: number) {
    this.#chance = chanceOf(seed)
  }

  make(): World {
    const phones = this.#times(1 + this.#chance(3), () => this.#phone())
    const visitors = this.#times(2 + this.#chance(3), () => this.#visitor())
    for (const visitor of visitors) for (const session of visitor.sessions) this.#visit(session, phones)
    const sessions = visitors.flatMap(visitor => visitor.sessions)
    for (let count = this.#chance(4); count > 0; count--) this.#call(phones, sessions)
    if (this.#chance(3) === 0) this.#repeat()
    this.#shuffle()
    return {
      history: { events: this.#events, calls: this.#calls, sessions: this.#facts },
      subjects: this.#subjects(visitors, sessions, phones),
      truth: this.#truth,
    }
  }

  #subjects(
    visitors: readonly Visitor[],
    sessions: readonly Session[],
    phones: readonly Phone[],
  ): SubjectSet {
    const single = sessions.filter(session => session.isMine && !session.visitor.isMine)
    const named = phones.filter(phone => phone.isMine).map(phone => phone.pseudonym)
    return {
      visitors: new Set(visitors.filter(visitor => visitor.isMine).map(visitor => visitor.id)),
      sessions: new Set(single.map(session => session.id)),
      callers: new Set(named),
      // Whoever else entered one of them must not come along.
      entered: new Set(phones.map(phone => phone.pseudonym)),
    }
  }

  #times<Made>(count: number, make: () => Made): Made[] {
    return Array.from({ length: count }, make)
  }

  /** A new mark; with `isShown`, one that the export has to hold. */
  #mark(isShown = false): string {
    this.#marks++
    const mark = `KN${String(this.#marks).padStart(6, '0')}Z`
    return this.#shown(mark, isShown)
  }

  #shown(mark: string, isShown = true): string {
    if (isShown) this.#truth.marks.add(mark)
    return mark
  }

  #phone(): Phone {
    return { number: `+45${this.#mark()}`, pseudonym: this.#mark(), isMine: this.#chance(4) === 0 }
  }

  #visitor(): Visitor {
    const visitor: Visitor = { id: this.#mark(), isMine: this.#chance(3) === 0, sessions: [] }
    for (let count = 1 + this.#chance(2); count > 0; count--) {
      const isMine = visitor.isMine || this.#chance(8) === 0
      visitor.sessions.push({ id: this.#mark(), isMine, visitor })
    }
    return visitor
  }

  #push(clear: Record<string, unknown>, personal: Record<string, unknown> | null, session: string | null) {
    this.#sequence++
    const event = { clear: clear as unknown as Input, personal, session, index: 0 }
    this.#events.push({ ...event, atMs: this.#began + this.#sequence * 1_000, sequence: this.#sequence })
  }

  #visit(session: Session, phones: readonly Phone[]): void {
    const { isMine, visitor } = session
    const tab = this.#mark()
    const common = {
      tenant: 'acme',
      site: 'shop',
      visitor: visitor.id,
      freshSession: 'unused',
      tab,
      targets: null,
    }
    const isGone = this.#chance(6) === 0
    const shown = isMine && !isGone
    const sealed = (make: () => Record<string, unknown>) => (isGone ? null : make())
    this.#told(isMine, `session:${session.id}`, [session.id, visitor.id])
    const views = 1 + this.#chance(3)
    for (let id = 1; id <= views; id++) {
      const source = {
        source: this.#mark(isMine),
        medium: 'cpc',
        campaign: null,
        content: null,
        keyword: null,
      }
      this.#told(isMine, `page-view:${session.id}/${tab}/${id}`, [tab])
      const page = () => ({ url: `https://a.example/${this.#mark(shown)}?a=<b>`, title: this.#mark(shown) })
      const device = () => ({
        ipAddress: this.#mark(shown),
        userAgent: `"${this.#mark(shown)}"`,
        ids: { ga: this.#mark(shown) },
        consent: 'granted',
        tcf: this.#mark(shown),
      })
      const kind = id === 1 ? 'hello' : 'page'
      const clear = { ...common, kind, session: session.id, page: { id, source } }
      this.#push(clear, sealed(id === 1 ? () => ({ ...page(), ...device() }) : page), session.id)
    }
    if (this.#chance(2) === 0) this.#form(session, common, phones, isGone)
    if (this.#chance(2) === 0) {
      const [startedAt, lastBeatAt] = [this.#began, this.#began + 86_400_000]
      this.#facts.push({ session: session.id, visitor: visitor.id, site: 'shop', startedAt, lastBeatAt })
    }
  }

  #form(session: Session, common: { tab: string }, phones: readonly Phone[], isGone: boolean): void {
    const { isMine } = session
    const phone = phones[this.#chance(phones.length)] as Phone
    this.#told(isMine, `engagement:${session.id}/${common.tab}/9`, [phone.pseudonym])
    if (!isGone) this.#told(isMine, null, [phone.number.slice(3)])
    const fields = isGone ? null : { name: `=${this.#mark(isMine)}`, phone: phone.number }
    const clear = {
      ...common,
      kind: 'engagement',
      session: session.id,
      id: 9,
      action: 'submit',
      number: null,
    }
    const personal = fields === null ? null : { element: 'form', fields }
    this.#push({ ...clear, contacts: [phone.pseudonym] }, personal, session.id)
  }

  #told(isMine: boolean, id: string | null, marks: readonly string[]): void {
    if (!isMine) return
    if (id !== null) this.#truth.ids.add(id)
    for (const mark of marks) this.#truth.marks.add(mark)
  }

  #call(phones: readonly Phone[], sessions: readonly Session[]): void {
    const caller = this.#chance(4) === 0 ? null : (phones[this.#chance(phones.length)] as Phone)
    const holder = this.#chance(3) === 0 ? null : (sessions[this.#chance(sessions.length)] as Session)
    const rival = holder === null || this.#chance(2) === 0 ? null : sessions[this.#chance(sessions.length)]
    const isCallers = caller?.isMine === true
    const visits = [holder, rival].filter(one => one !== null && one !== undefined)
    const mine = visits.filter(session => session.isMine)
    const call = this.#mark(isCallers || mine.length > 0)
    const c = { number: `+46${this.#mark(isCallers)}`, pseudonym: this.#mark(isCallers) }
    const showsSource = isCallers ? holder === null || holder.isMine : holder?.isMine === true
    const source = {
      source: this.#mark(showsSource),
      medium: 'cpc',
      campaign: null,
      content: null,
      keyword: null,
    }
    if (isCallers) this.#told(true, null, [caller.number.slice(3), caller.pseudonym])
    for (const session of mine) this.#told(true, null, [session.id, session.visitor.id])
    if (isCallers || mine.length > 0) this.#truth.ids.add(`call:generic/${call}`)
    const a = caller?.pseudonym ?? null
    const signal = {
      kind: 'signal',
      tenant: 'acme',
      carrier: 'generic',
      call,
      a,
      b: '+4570000000',
      c: c.pseudonym,
    }
    for (const state of ['ring', 'end'])
      this.#push(
        { ...signal, state, statedAt: null, takenAt: 0, spooled: false, reason: null },
        { a: caller?.number ?? null, c: c.number },
        null,
      )
    this.#calls.push(recordOf(call, a, c.pseudonym, this.#began, matchOf(holder, rival ?? null, source)))
  }

  /** The log gives what was sent twice, or read twice. */
  #repeat(): void {
    const event = this.#events[this.#chance(this.#events.length)] as OpenedEvent
    this.#events.push(event, { ...event, sequence: this.#sequence + 1, atMs: event.atMs + 1 })
    const record = this.#calls[0]
    if (record !== undefined) this.#calls.push(record)
  }

  #shuffle(): void {
    for (let last = this.#events.length - 1; last > 0; last--) {
      const other = this.#chance(last + 1)
      const kept = this.#events[last] as OpenedEvent
      this.#events[last] = this.#events[other] as OpenedEvent
      this.#events[other] = kept
    }
  }
}

function matchOf(holder: Session | null, rival: Session | null, source: unknown): Match {
  const candidates = [holder, rival].filter(one => one !== null)
  return {
    kind: holder === null ? 'static' : rival === null ? 'exact' : 'shared',
    confidence: 600,
    session: holder?.id ?? null,
    visitor: holder?.visitor.id ?? null,
    source,
    candidates: candidates.map(one => ({ session: one.id, visitor: one.visitor.id, confidence: 400 })),
    reasons: ['exact:no-holder', 'returning:known-caller'],
  } as unknown as Match
}

function recordOf(call: string, a: string | null, c: string, rangAt: number, match: Match): CallRecord {
  const heard = {
    state: 'ring',
    at: rangAt,
    statedAt: null,
    ahead: false,
    a,
    b: '+4570000000',
    c,
    reason: null,
  }
  return {
    ...{
      carrier: 'generic',
      call,
      a,
      b: '+4570000000',
      c,
      rangAt,
      answeredAt: rangAt + 4_000,
      endedAt: null,
    },
    ...{
      ringMs: 4_000,
      talkMs: null,
      outcome: 'in-progress',
      reason: null,
      qualified: false,
      firstTime: true,
    },
    ...{ match, forward: '+4533000000', heard: [heard] },
  } as unknown as CallRecord
}
