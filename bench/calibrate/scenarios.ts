import { calibrationShapes } from './shapes.ts'
import type { Shape } from './shape.ts'

const [middling] = calibrationShapes as readonly [Shape, ...Shape[]]

/** The four in which policies are compared. Their seeds are no shape's. */
export const scenarios: readonly Shape[] = [
  { ...middling, name: 'large pool', seed: 301, pool: { ...middling.pool, size: 900 } },
  { ...middling, name: 'pool at 75 %', seed: 302, pool: { ...middling.pool, size: 216 } },
  { ...middling, name: 'exhausted pool', seed: 303, pool: { ...middling.pool, size: 40 } },
  {
    ...middling,
    name: 'long tail of late callers',
    seed: 304,
    late: 0.45,
    lateMinutes: 40,
    lateSpread: 1.5,
    fromNote: 0.15,
    pool: { ...middling.pool, size: 250 },
  },
]
