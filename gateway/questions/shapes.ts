import { Type } from 'typebox'
import { callShown } from '../../core/shownCall.ts'
import { creditModels } from '../../core/credit.ts'
import { sourceShape } from '../../core/wire/signal.ts'
import { heldShown } from './holder.ts'

/** The shapes of what is answered about calls and visits. */

export const pageShown = Type.Object({
  calls: Type.Array(callShown),
  /** null: that was the last page. */
  next: Type.Union([Type.String(), Type.Null()]),
})

const number = Type.Union([Type.String(), Type.Null()])
const numbers = { a: number, c: number }
const share = Type.Number({ minimum: 0, maximum: 1 })
const credit = Type.Array(
  Type.Object({
    at: Type.String({ format: 'date-time' }),
    session: Type.Union([Type.String(), Type.Null()]),
    source: sourceShape,
    shares: Type.Object(Object.fromEntries(creditModels.map(model => [model, share]))),
  }),
)
export const inFullShown = Type.Object({ ...callShown.properties, credit })
const timeline = Type.Array(Type.Unknown({ description: 'A record as in an export, oldest first.' }))
export const openedPageShown = Type.Object({
  calls: Type.Array(Type.Object({ ...callShown.properties, ...numbers })),
  next: pageShown.properties.next,
})
export const openedCallShown = Type.Object({ ...callShown.properties, credit, ...numbers, timeline })
const time = Type.String({ format: 'date-time' })
export const visitShown = Type.Object({
  ...{ session: Type.String(), visitor: Type.String(), site: Type.String() },
  source: Type.Union([sourceShape, Type.Null()]),
  startedAt: time,
  endedAt: Type.Union([time, Type.Null()]),
  spans: Type.Array(Type.Object({ from: time, last: time })),
  numbers: Type.Array(heldShown),
  timeline,
})
