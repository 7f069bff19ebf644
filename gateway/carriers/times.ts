const isoTime =
  /^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/i
const mailTime = /^(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d (?:[+-]\d{4}|GMT|UTC)$/

/** An ISO 8601 time with a zone, in ms; null for anything else, also for a day that the month does not have. */
export function parseIsoTime(text: string): number | null {
  const [, year, month, day] = isoTime.exec(text) ?? []
  if (year === undefined || Number(day) > daysIn(Number(year), Number(month))) return null
  return numberOrNull(Date.parse(text.toUpperCase()))
}

/** A time as in a mail's header (RFC 2822, four-digit year), in ms; null for anything else. */
export function parseMailTime(text: string): number | null {
  return mailTime.test(text) ? numberOrNull(Date.parse(text)) : null
}

/** Day 0 of the next month is the last of this one; `month` counts from 1. */
function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate()
}

function numberOrNull(value: number): number | null {
  return Number.isNaN(value) ? null : value
}
