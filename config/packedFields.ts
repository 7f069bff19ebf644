/**
 * Single values out of what `pack` wrote, without making the others: whoever reads millions of rows for a few short texts
 * of each would spend most of the time on values that nobody looks at, and on clearing them away.
 */
export type PackedFields<Path extends string> = {
  /** Looks into a packed map. Throws where the bytes are not one whole map. */
  read(bytes: Buffer): void
  /** What the map that was read last has there; null: no text. */
  text(path: Path): string | null
  /** Whether there is anything but nil. */
  has(path: Path): boolean
}

/** What is wanted of one name of a map: its value, or what is inside that. */
type Name = { readonly bytes: Buffer; readonly field: Field | null; readonly inside: Names }
type Names = Name[]
/** Where a value stands in the bytes that were read last; `from` 0: nowhere, because a map has a head. */
type Field = { from: number }

/** Reads the values under these paths: a name of the map, or `outer.inner` for one of a map in it. */
export function packedFields<const Path extends string>(paths: readonly Path[]): PackedFields<Path> {
  const names: Names = []
  const fields = new Map<Path, Field>(paths.map(path => [path, addPath(names, path.split('.'))]))
  const all = [...fields.values()]
  const fromOf = (path: Path) => fields.get(path)?.from ?? 0
  let last: Buffer = Buffer.alloc(0)
  return {
    read: bytes => {
      for (const field of all) field.from = 0
      last = bytes
      if (!isMap(bytes[0]) || readMap(bytes, 0, names) !== bytes.length) throw notWhole()
    },
    text: path => textAt(last, fromOf(path)),
    has: path => fromOf(path) > 0 && last[fromOf(path)] !== nil,
  }
}

function addPath(names: Names, [first = '', ...rest]: readonly string[]): Field {
  const bytes = Buffer.from(first)
  if (rest.length === 0) {
    const field = { from: 0 }
    names.push({ bytes, field, inside: [] })
    return field
  }
  const known = names.find(name => name.bytes.equals(bytes))
  const name = known ?? { bytes, field: null, inside: [] }
  if (known === undefined) names.push(name)
  return addPath(name.inside, rest)
}

const nil = 0xc0
const notWhole = () => new Error('The bytes are not one whole packed value.')

function readMap(bytes: Buffer, start: number, names: Names): number {
  let at = start + headBytes(bytes, start)
  for (let count = countAt(bytes, start); count > 0; count--) {
    const name = nameAt(bytes, at, names)
    at = skip(bytes, at)
    if (name !== null && name.field !== null) name.field.from = at
    const isWanted = name !== null && name.inside.length > 0 && isMap(bytes[at])
    at = isWanted ? readMap(bytes, at, name.inside) : skip(bytes, at)
  }
  return at
}

function nameAt(bytes: Buffer, at: number, names: Names): Name | null {
  const from = at + headBytes(bytes, at)
  const length = countAt(bytes, at)
  for (const name of names) if (name.bytes.length === length && isAt(bytes, from, name.bytes)) return name
  return null
}

function isAt(bytes: Buffer, from: number, wanted: Buffer): boolean {
  for (let index = 0; index < wanted.length; index++) if (bytes[from + index] !== wanted[index]) return false
  return true
}

function textAt(bytes: Buffer, at: number): string | null {
  if (at === 0 || !isText(bytes[at] ?? nil)) return null
  const from = at + headBytes(bytes, at)
  return bytes.toString('utf8', from, from + countAt(bytes, at))
}

/** By a value's first byte: what it is, how long its head is, and how many bytes of that say how much follows. */
const [scalar, bytesOf, list, map] = [1, 2, 3, 4] as const
const shapes = new Uint8Array(256)
const heads = new Uint8Array(256)
const widths = new Uint8Array(256)

function form(shape: number, first: number, last: number, head = 1, width = 0): void {
  shapes.fill(shape, first, last + 1)
  heads.fill(head, first, last + 1)
  widths.fill(width, first, last + 1)
}

form(scalar, 0x00, 0x7f)
form(map, 0x80, 0x8f)
form(list, 0x90, 0x9f)
form(bytesOf, 0xa0, 0xbf)
form(scalar, 0xc0, 0xc0)
form(scalar, 0xc2, 0xc3)
form(scalar, 0xe0, 0xff)
for (const [index, width] of [1, 2, 4].entries()) {
  form(bytesOf, 0xc4 + index, 0xc4 + index, 1 + width, width)
  form(bytesOf, 0xc7 + index, 0xc7 + index, 2 + width, width)
  form(bytesOf, 0xd9 + index, 0xd9 + index, 1 + width, width)
}
for (const [index, width] of [2, 4].entries()) {
  form(list, 0xdc + index, 0xdc + index, 1 + width, width)
  form(map, 0xde + index, 0xde + index, 1 + width, width)
}
/** Numbers from 0xca on, and extensions of a fixed length behind them. */
for (const [index, whole] of [5, 9, 2, 3, 5, 9, 2, 3, 5, 9, 3, 4, 6, 10, 18].entries())
  form(scalar, 0xca + index, 0xca + index, whole)

function isMap(first: number | undefined): boolean {
  return shapes[first ?? nil] === map
}

function isText(first: number): boolean {
  return (first >= 0xa0 && first <= 0xbf) || (first >= 0xd9 && first <= 0xdb)
}

function headBytes(bytes: Buffer, at: number): number {
  const first = bytes[at]
  const shape = first === undefined ? 0 : shapes[first]
  if (!shape) throw notWhole()
  return heads[first as number] as number
}

/** How many bytes, values or pairs follow the head. */
function countAt(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? nil
  const width = widths[first]
  if (width === 0) return first & (shapes[first] === bytesOf ? 0x1f : 0x0f)
  let count = 0
  for (let index = 1; index <= (width ?? 0); index++) count = count * 256 + (bytes[at + index] ?? 0)
  return count
}

/** The place after a value. */
function skip(bytes: Buffer, at: number): number {
  const shape = shapes[bytes[at] ?? nil]
  let next = at + headBytes(bytes, at)
  if (shape === scalar) return next
  const count = countAt(bytes, at)
  if (shape === bytesOf) return next + count
  for (let left = shape === map ? 2 * count : count; left > 0; left--) next = skip(bytes, next)
  return next
}
