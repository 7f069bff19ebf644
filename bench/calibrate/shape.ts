import type { PoolPolicy } from '../../core/policy.ts'

/**
 * How people of one kind of site visit and call, as shares and times. Nothing here says anything of a tracking system: the same
 * people are told of to every policy that is measured.
 */
export type Shape = {
  readonly name: string
  readonly seed: number
  readonly days: number
  /** How many visits begin on a working day. */
  readonly visitsPerDay: number
  /** When: `office` by day on working days, `evening` after work and at weekends, `flat` at any hour. */
  readonly load: 'office' | 'evening' | 'flat'

  /** The share of visits on a phone. */
  readonly mobile: number
  /** The median of a visit, in minutes; half of the visits are a third shorter to a half longer. */
  readonly visitMinutes: number
  /** Of visits at a desk: the tab stays open for hours, unread. */
  readonly leftOpen: number
  /** Of visits at a desk: the laptop is closed in the middle, and perhaps opened again hours later. */
  readonly laptopClosed: number
  /** Of visitors: has been here before, and comes back. */
  readonly comesBack: number
  /** Of those: with cookies cleared, so that the browser is another one for the site. */
  readonly cookieLost: number

  /** The share of visits after which somebody calls, and how. */
  readonly calls: number
  /** Of callers on a phone: taps the number. */
  readonly taps: number
  /** Of other visits on a phone, and of those at a desk: a tap or click on the number, and no call. */
  readonly tapsInVain: number
  /** Of callers: dials after the page was closed, this many minutes later (median, and how wide it spreads). */
  readonly late: number
  readonly lateMinutes: number
  readonly lateSpread: number
  /** Of callers: from a note, on one of the next days. */
  readonly fromNote: number
  /** Of callers: somebody else calls for them, or they do from another phone at work. */
  readonly passedOn: number
  /** Of callers: looks at the site on a second device before dialling what the first one shows. */
  readonly secondDevice: number
  /** Calls that follow a first one, on the average; of them: after another visit. Hours until then, in the median. */
  readonly callsAgain: number
  readonly againAfterVisit: number
  readonly againHours: number
  /** Of callers: the number is withheld; calls through a switchboard that others share. */
  readonly withheld: number
  readonly switchboard: number

  /** Calls without any visit, as a share of those with one: to a number copied into an advertisement or a page. */
  readonly copied: number
  /** How many numbers of the pool were copied. */
  readonly numbersCopied: number
  /** As such a share: misdials, sales calls, and people who look for a number's owner of before. */
  readonly misdials: number
  /** Of visits: the page came from a cache, with the number of another visitor in it. */
  readonly cached: number

  readonly pool: Pick<PoolPolicy, 'overflow'> & {
    readonly size: number
    readonly idleMinutes: number
    readonly tailMinutes: number
    readonly coolDownMinutes: number
    readonly stickyHours: number
  }
}
