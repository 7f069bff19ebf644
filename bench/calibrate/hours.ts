import type { Shape } from './shape.ts'

/** When visits begin: by the hour of the day, and by the day of the week. */

const curves: Readonly<Record<Shape['load'], readonly number[]>> = {
  office: [1, 1, 1, 1, 1, 2, 6, 20, 55, 85, 95, 90, 75, 85, 90, 85, 70, 45, 25, 18, 15, 12, 6, 2],
  evening: [6, 3, 2, 1, 1, 2, 6, 15, 25, 30, 35, 40, 45, 40, 38, 40, 48, 60, 80, 95, 100, 80, 45, 18],
  flat: [30, 24, 20, 18, 18, 22, 30, 42, 52, 58, 60, 62, 62, 60, 60, 60, 60, 60, 58, 56, 54, 50, 44, 36],
}

const weekends: Readonly<Record<Shape['load'], number>> = { office: 0.25, evening: 1.4, flat: 0.9 }

const hourMs = 3_600_000
export const dayMs = 24 * hourMs

/** Visits expected in the hour that begins at `at`, which counts from the first Monday at midnight. */
export function visitsInHour({ load, visitsPerDay }: Shape, at: number): number {
  const curve = curves[load]
  const hour = Math.floor(at / hourMs) % 24
  const isWeekend = Math.floor(at / dayMs) % 7 >= 5
  const share = (curve[hour] as number) / curve.reduce((sum, one) => sum + one, 0)
  return visitsPerDay * share * (isWeekend ? weekends[load] : 1)
}

/** The next moment at which people call at all: at night hardly anybody does. */
export function awakeAt({ load }: Shape, at: number): number {
  const curve = curves[load]
  const most = Math.max(...curve)
  const hour = Math.floor(at / hourMs) % 24
  return (curve[hour] as number) >= most / 6 ? at : awakeAt({ load } as Shape, at + hourMs)
}
