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

export function createKeyStock(setup: StockSetup): KeyStock {
  const { later, clock } = setup
  let held = 0
  const fill = (period: PeriodKey) => {
    period.isFilling = later(() => {
      period.isFilling = false
      if (!period.isHeld || clock() >= period.until || held >= limits.keysPreparedMax) return
      const made = prepare(setup, period)
      if (made === null) return
      held += 1
      period.stock.push(made)
      if (period.stock.length < limits.keysPreparedPerPeriodMax) fill(period)
    })
  }
  return {
    take: period => {
      // In the control lane nobody waits who is met for the first time.
      if (!period.isFilling && period.lane !== 'control') fill(period)
      const taken = period.stock.shift()
      if (taken !== undefined) held -= 1
      return taken
    },
    drop: ({ stock }) => {
      for (const { secret } of stock) secret.fill(0)
      held -= stock.length
      stock.length = 0
    },
  }
}

function prepare({ make, wrap, nonce }: StockSetup, period: PeriodKey): PreparedKey | null {
  const key = make()
  const wraps = wrap(period.tenant, key)
  if (wraps === null) return null
  const record = recordOf(key, period)
  return { ...key, wraps, record, ready: { period, seal: sealOf(key, period, record.key, nonce()) } }
}
