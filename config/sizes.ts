/** Sizes of files as people write them: a whole number and a unit, `64MiB`, `4GiB`. */

const units = { KiB: 1_024, MiB: 1_024 ** 2, GiB: 1_024 ** 3, TiB: 1_024 ** 4 } as const
type Unit = keyof typeof units

/** The form of a size, for the schema and for editors. */
export const sizePattern = '^[0-9]{1,9}(KiB|MiB|GiB|TiB)$'

/** Bytes that a text such as `4GiB` means, or null if it is no size, nothing, or more than a disk can hold. */
export function parseSize(text: string): number | null {
  const [, digits, unit] = /^([0-9]{1,9})(KiB|MiB|GiB|TiB)$/.exec(text) ?? []
  if (digits === undefined || unit === undefined) return null
  const bytes = Number(digits) * units[unit as Unit]
  return bytes > 0 && Number.isSafeInteger(bytes) ? bytes : null
}
