import { restWithout } from '../../core/keptFor.ts'
import { sealedFields } from '../../core/privacy.ts'
import type { PeriodEnd } from '../../workers/keys/periods.ts'
import type { Kept } from '../../workers/retention.ts'

/** Ways in which retention could be wrong. A run that does not notice one of them would prove nothing. */

type Break = { readonly breaks: string; readonly caught: RegExp; readonly tamper: (kept: Kept) => Kept }

const half = 30 * 60_000

function withPeriods(seen: (period: PeriodEnd) => PeriodEnd | null) {
  return (kept: Kept): Kept => ({
    ...kept,
    keys: {
      ...kept.keys,
      destroyPeriods: isOver =>
        kept.keys.destroyPeriods(period => {
          const as = seen(period)
          return as !== null && isOver(as)
        }),
    },
  })
}

/** As if nothing that goes earlier were in them. */
function keepInstead({ keys }: Kept) {
  return async (ids: readonly Uint8Array[]) => {
    await keys.renamePeriods(ids, restWithout(sealedFields))
    return ids.length
  }
}

export const breaks: readonly Break[] = [
  {
    breaks: 'no key is ever destroyed',
    caught: /opens an hour after it was due/,
    tamper: withPeriods(() => null),
  },
  {
    breaks: 'one key in fifty is overlooked',
    caught: /opens an hour after it was due/,
    tamper: withPeriods(period => (period.untilMs % 50 === 0 ? null : period)),
  },
  {
    breaks: 'keys are destroyed an hour and more late',
    caught: /opens an hour after it was due/,
    tamper: withPeriods(period => ({ ...period, untilMs: period.untilMs + 3 * half })),
  },
  {
    breaks: 'keys are destroyed one period early',
    caught: /cannot be opened although it was not due/,
    tamper: withPeriods(period => ({ ...period, untilMs: period.untilMs - half })),
  },
  {
    breaks: 'that a field goes earlier is forgotten',
    caught: /opens an hour after it was due/,
    tamper: withPeriods(period => ({ ...period, name: 'retention' })),
  },
  {
    breaks: 'a field is taken out, and the key that opens it in a backup stays',
    caught: /opens an hour after it was due/,
    tamper: kept => ({ ...kept, keys: { ...kept.keys, destroyPeriodsOf: keepInstead(kept) } }),
  },
  {
    breaks: 'with a field goes all that was sealed with it',
    caught: /is not shown although its \w+ was not due/,
    tamper: kept => ({ ...kept, store: { ...kept.store, replace: async () => undefined } }),
  },
  {
    breaks: 'events stay in the history',
    caught: /is in the history an hour after it was due/,
    tamper: kept => ({ ...kept, store: { ...kept.store, forgetHistory: async () => 0 } }),
  },
  {
    breaks: 'events leave the history an hour early',
    caught: /has left the history although it was not due/,
    tamper: kept => ({
      ...kept,
      store: {
        ...kept.store,
        forgetHistory: (tenant, beforeMs, ...more) =>
          kept.store.forgetHistory(tenant, beforeMs + 6 * half, ...more),
      },
    }),
  },
  {
    breaks: 'the names of people stay beside their keys',
    caught: /has a name two days after it was due/,
    tamper: kept => ({ ...kept, keys: { ...kept.keys, destroyAged: async () => new Map() } }),
  },
  {
    breaks: 'what was destroyed is not counted',
    caught: /what the days count of keys/,
    tamper: kept => ({ ...kept, store: { ...kept.store, countKeys: async () => undefined } }),
  },
]
