/** Durations as people write them: a whole number and a unit, `500ms`, `90s`, `20m`, `24h`, `60d`. */

const unitsMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
type Unit = keyof typeof unitsMs

/** Ten years: longer is a slip of the finger. */
const durationMsMax = 3_650 * unitsMs.d

/** The form of a duration, for the schema and for editors. */
export const durationPattern = '^[0-9]{1,12}(ms|s|m|h|d)$'

/** Milliseconds that a text such as `20m` means, or null if it is no duration or longer than ten years. */
export function parseDuration(text: string): number | null {
  const [, digits, unit] = /^([0-9]{1,12})(ms|s|m|h|d)$/.exec(text) ?? []
  if (digits === undefined || unit === undefined) return null
  const durationMs = Number(digits) * unitsMs[unit as Unit]
  return durationMs <= durationMsMax ? durationMs : null
}

/** A duration in the largest unit that writes it as a whole number; the inverse of `parseDuration`. */
export function formatDuration(durationMs: number): string {
  const unit =
    (['d', 'h', 'm', 's'] as const).find(name => durationMs > 0 && durationMs % unitsMs[name] === 0) ?? 'ms'
  return `${durationMs / unitsMs[unit]}${unit}`
}
