import { type Chance, createChance } from '../load/chance.ts'
import { around, waiting } from './chance.ts'
import { awakeAt, dayMs, visitsInHour } from './hours.ts'
import type { Shape } from './shape.ts'
import type { Dialled, Happening, Person, Traffic, Visit } from './traffic.ts'

/** Makes people, their visits and their calls, from a shape and its seed. */

const second = 1_000
const minute = 60_000
const hour = 60 * minute

/** A town while it is told of. */
type Town = {
  readonly shape: Shape
  readonly chance: Chance
  readonly happenings: Happening[]
  /** Who was here lately. */
  readonly people: Person[]
  readonly visits: Visit[]
  persons: number
  notes: number
  calls: number
}

export function trafficOf(shape: Shape): Traffic {
  const chance = createChance(shape.seed)
  const town: Town = { shape, chance, happenings: [], people: [], visits: [], persons: 0, notes: 0, calls: 0 }
  const endsAt = shape.days * dayMs
  for (let from = 0; from < endsAt; from += hour) {
    const visits = visitsInHour(shape, from)
    for (let at = from + waiting(chance, hour / visits); at < from + hour; ) {
      arrive(town, at)
      at += waiting(chance, hour / visits)
    }
    strangers(town, from, visits * shape.calls)
  }
  const happenings = town.happenings.filter(({ at }) => at < endsAt).sort((one, other) => one.at - other.at)
  const calls = happenings.filter(({ kind }) => kind === 'ring').length
  return { happenings, visits: town.visits.length, calls }
}

/** Somebody comes to the site, and perhaps calls. */
function arrive(town: Town, at: number): void {
  const { shape, chance } = town
  const person = chance.happens(shape.comesBack) ? again(town) : newcomer(town)
  const stay = look(town, person, at)
  const isCaller = chance.happens(shape.calls)
  if (isCaller) callFrom(town, stay)
  else if (chance.happens(shape.tapsInVain)) town.happenings.push(click(stay.visit, between(town, stay)))
}

function newcomer(town: Town): Person {
  const { shape, chance } = town
  town.persons += 1
  const id = town.persons
  const boards = 1 + Math.floor(shape.visitsPerDay / 100)
  const phone = chance.happens(shape.switchboard) ? `board-${chance.whole(boards)}` : `phone-${id}`
  const isWithheld = chance.happens(shape.withheld)
  const person: Person = {
    id,
    browsers: [`browser-${id}`],
    phone: isWithheld ? null : phone,
    onPhone: chance.happens(shape.mobile),
  }
  town.people.push(person)
  return person
}

/** Somebody of the last days, the latest more likely than the first. */
function again(town: Town): Person {
  const { shape, chance, people } = town
  const back = Math.min(people.length, waiting(chance, shape.visitsPerDay))
  const person = people[people.length - back]
  return person === undefined ? newcomer(town) : inSomeBrowser(town, person)
}

function inSomeBrowser({ shape, chance }: Town, person: Person): Person {
  if (chance.happens(shape.cookieLost))
    person.browsers.push(`browser-${person.id}-${person.browsers.length + 1}`)
  return person
}

/** From when to when somebody reads. */
type Stay = { readonly visit: Visit; readonly from: number; readonly until: number }

function look(town: Town, person: Person, from: number, visitor = person.browsers.at(-1) as string): Stay {
  const { shape, chance, happenings, visits } = town
  const visit: Visit = { id: visits.length, person, visitor }
  visits.push(visit)
  const until = from + Math.max(8 * second, around(chance, shape.visitMinutes * minute, 0.8))
  happenings.push({ kind: 'open', at: from, visit })
  for (let at = from; ; ) {
    at += 5 * second + waiting(chance, 50 * second)
    if (at >= until) break
    happenings.push({ kind: 'page', at, visit })
  }
  leave(town, visit, until)
  return { visit, from, until }
}

/** The page is closed, or stays open, or the laptop is. */
function leave({ shape, chance, happenings }: Town, visit: Visit, until: number): void {
  const isAtDesk = !visit.person.onPhone
  if (isAtDesk && chance.happens(shape.leftOpen)) {
    happenings.push({ kind: 'close', at: until + around(chance, 2 * hour, 0.8), visit })
    return
  }
  happenings.push({ kind: 'close', at: until + chance.whole(20 * second), visit })
  if (!isAtDesk || !chance.happens(shape.laptopClosed)) return
  const wokenAt = until + around(chance, 90 * minute, 1.2)
  happenings.push({ kind: 'wake', at: wokenAt, visit })
  happenings.push({ kind: 'close', at: wokenAt + around(chance, 2 * minute, 0.8), visit })
}

/** Some moment of a visit, rather late than early. */
function between({ chance }: Town, { from, until }: Stay): number {
  const share = 1 - chance.fraction() * chance.fraction()
  return from + 3 * second + Math.floor(share * Math.max(0, until - from - 3 * second))
}

const click = (visit: Visit, at: number): Happening => ({ kind: 'click', at, visit })

function callFrom(town: Town, stay: Stay): void {
  const { shape, chance } = town
  const { person } = stay.visit
  const isPassedOn = chance.happens(shape.passedOn)
  const phone = isPassedOn && person.phone !== null ? `phone-of-${person.id}` : person.phone
  const isAway = isPassedOn || chance.happens(shape.fromNote + shape.late)
  const at = isAway ? ringAway(town, stay) : ringAtOnce(town, stay)
  const dials = at.dials
  if (chance.happens(shape.secondDevice)) look(town, person, at.read + minute, `second-${person.id}`)
  ring(town, person, phone, dials, at.rang)
  callAgain(town, person, phone, dials, at.rang)
}

type Rung = { readonly dials: Dialled; readonly read: number; readonly rang: number }

/** What the page showed, to this visitor or out of a cache to an earlier one. */
function noted(town: Town, visit: Visit, at: number): Dialled {
  const { shape, chance, visits } = town
  const isCached = visits.length > 50 && chance.happens(shape.cached)
  const shownTo = isCached ? (visits[visits.length - 2 - chance.whole(40)] as Visit) : visit
  town.notes += 1
  const note = town.notes
  town.happenings.push({ kind: 'note', at, visit: shownTo, note })
  return { note }
}

/** While the page is open: a tap, or dialled by hand. */
function ringAtOnce(town: Town, stay: Stay): Rung {
  const { shape, chance } = town
  const { visit } = stay
  const read = between(town, stay)
  const dials = noted(town, visit, read)
  const isTap = visit.person.onPhone ? chance.happens(shape.taps) : chance.happens(shape.taps / 12)
  if (isTap) town.happenings.push(click(visit, read))
  const waits =
    isTap && visit.person.onPhone ? around(chance, 7 * second, 0.5) : around(chance, 28 * second, 0.6)
  return { dials, read, rang: read + waits }
}

/** After the page was closed: soon, or on one of the next days. */
function ringAway(town: Town, stay: Stay): Rung {
  const { shape, chance } = town
  const read = between(town, stay)
  const dials = noted(town, stay.visit, read)
  const isLater = chance.happens(shape.fromNote / (shape.fromNote + shape.late))
  const rang = isLater
    ? awakeAt(shape, stay.until + around(chance, 26 * hour, 0.7))
    : stay.until + around(chance, shape.lateMinutes * minute, shape.lateSpread)
  return { dials, read, rang }
}

function ring(town: Town, person: Person | null, phone: string | null, dials: Dialled, at: number): void {
  town.calls += 1
  const id = town.calls
  town.happenings.push({ kind: 'ring', at, call: { id, person, phone, dials } })
}

/** Once more: out of the list of calls, or after another visit. */
function callAgain(
  town: Town,
  person: Person | null,
  phone: string | null,
  dials: Dialled,
  before: number,
): void {
  const { shape, chance } = town
  if (!chance.happens(shape.callsAgain / (1 + shape.callsAgain))) return
  const at = awakeAt(shape, before + 2 * minute + around(chance, shape.againHours * hour, 1.3))
  if (person === null || !chance.happens(shape.againAfterVisit)) {
    ring(town, person, phone, dials, at)
    return callAgain(town, person, phone, dials, at)
  }
  const next = ringAtOnce(town, look(town, inSomeBrowser(town, person), at))
  ring(town, person, phone, next.dials, next.rang)
  callAgain(town, person, phone, next.dials, next.rang)
}

/** Calls that no visit led to, in an hour in which so many others begin. */
function strangers(town: Town, from: number, calls: number): void {
  const { shape, chance } = town
  const within = (perHour: number, each: (at: number) => void) => {
    if (perHour <= 0) return
    for (
      let at = from + waiting(chance, hour / perHour);
      at < from + hour;
      at += waiting(chance, hour / perHour)
    )
      each(at)
  }
  within(calls * shape.copied, at => {
    town.persons += 1
    const phone = chance.happens(shape.withheld) ? null : `phone-${town.persons}`
    // Which numbers were copied says the seed, as the pool's places do not.
    const place = (shape.seed * 7 + 11 * chance.whole(shape.numbersCopied)) % shape.pool.size
    ring(town, null, phone, { place }, at)
    callAgain(town, null, phone, { place }, at)
  })
  within(calls * shape.misdials, at => {
    town.persons += 1
    // Those who sell something call many; others are wrong once.
    const phone = chance.happens(0.3) ? `seller-${chance.whole(12)}` : `phone-${town.persons}`
    const isWithheld = chance.happens(0.25)
    ring(town, null, isWithheld ? null : phone, { place: chance.whole(shape.pool.size) }, at)
  })
}
