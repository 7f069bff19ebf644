import { limits } from '../core/limits.ts'
import type { NewKey } from '../core/wire/log.ts'
import type { BareKey, PeriodKey, PreparedKey } from './keyMaking.ts'
import { recordOf, sealOf } from './readySeals.ts'
import type { SpareTime } from './spareTime.ts'

/**
 * Keys for subjects that nobody has met yet: made, wrapped for the owners and ready to seal once, so that who meets a
 * subject first does not wait for that. They are in memory alone, and in no message before they are somebody's.
 */
export type KeyStock = {
  /** undefined: none is ready, and one has to be made. */
  take(period: PeriodKey): PreparedKey | undefined
  drop(period: PeriodKey): void
}

/** What a key is wrapped for: null where no owner is known. */
export type WrapAhead = (tenant: string, key: BareKey) => NewKey['wraps'] | null

export type StockSetup = {
  readonly later: SpareTime['later']
  readonly wrap: WrapAhead
  readonly make: () => BareKey
  readonly nonce: () => Uint8Array
  readonly clock: () => number
}

/** From then on a stock that nobody took from serves those better who are met now. */
const idleAfterMs = 60_000

/** How many keys are held, and for whom: when each period's was last taken from, the one unused longest first. */
type Shelf = { held: number; readonly usedAt: Map<PeriodKey, number> }

export function createKeyStock(setup: StockSetup): KeyStock {
  const { later, clock } = setup
  const shelf: Shelf = { held: 0, usedAt: new Map() }
  const fill = (period: PeriodKey) => {
    period.isFilling = later(() => {
      period.isFilling = false
      if (period.isHeld && clock() < period.until && add(setup, shelf, period)) fill(period)
    })
  }
  return {
    take: period => {
      // In the control lane nobody waits who is met for the first time.
      if (period.lane === 'control' || !period.isHeld) return undefined
      shelf.usedAt.delete(period)
      shelf.usedAt.set(period, clock())
      if (!period.isFilling) fill(period)
      const taken = period.stock.shift()
      if (taken !== undefined) shelf.held -= 1
      return taken
    },
    drop: period => {
      shelf.usedAt.delete(period)
      shelf.held -= period.stock.length
      for (const { secret } of period.stock.splice(0)) secret.fill(0)
    },
  }
}

/** Makes a key for the period's stock. Whether there may be more. */
function add(setup: StockSetup, shelf: Shelf, period: PeriodKey): boolean {
  const isFull = shelf.held >= limits.keysPreparedMax
  const giver = isFull ? giverFor(shelf, period, setup.clock()) : null
  if (giver === undefined) return false
  const made = prepare(setup, period)
  if (made === null) return false
  giver?.stock.pop()?.secret.fill(0)
  if (giver === null) shelf.held += 1
  return period.stock.push(made) < limits.keysPreparedPerPeriodMax
}

/**
 * Whose stock is made smaller for a period's: the one unused longest. While it is in use, only if it has no less afterwards:
 * else many that are busy would take from each other what they then have to make again.
 */
function giverFor({ usedAt }: Shelf, period: PeriodKey, now: number): PeriodKey | undefined {
  for (const [idlest, at] of usedAt) {
    const isIdle = now - at >= idleAfterMs
    if (idlest !== period && idlest.stock.length > (isIdle ? 0 : period.stock.length + 1)) return idlest
  }
  return undefined
}

function prepare({ make, wrap, nonce }: StockSetup, period: PeriodKey): PreparedKey | null {
  const key = make()
  const wraps = wrap(period.tenant, key)
  if (wraps === null) return null
  const record = recordOf(key, period)
  return { ...key, wraps, record, ready: { period, seal: sealOf(key, period, record.key, nonce()) } }
}
