import { pack, unpack } from '../config/pack.ts'
import { Personal } from '../core/privacy.ts'

/**
 * The one place where the personal part of an event is closed and opened. The first byte says in which form it is, so
 * that forms can follow each other while older bytes are still kept.
 */
export type Sealer = {
  /** Closes the personal part. What was wrapped in `Personal` is revealed only into the sealed bytes. */
  seal(personal: Readonly<Record<string, unknown>>): Uint8Array
  /** Opens what `seal` closed. Throws if the form is unknown or the bytes are damaged; the error quotes none of them. */
  open(bytes: Uint8Array): Record<string, unknown>
}

/** Form 0: packed, not yet encrypted. It keeps the personal part apart from the clear one, and protects it no further. */
const packedForm = 0

export function createSealer(): Sealer {
  return { seal, open }
}

function seal(personal: Readonly<Record<string, unknown>>): Uint8Array {
  const packed = pack(holdsPersonal(personal) ? revealed(personal) : personal)
  const bytes = Buffer.allocUnsafe(packed.length + 1)
  bytes[0] = packedForm
  bytes.set(packed, 1)
  return bytes
}

function open(bytes: Uint8Array): Record<string, unknown> {
  if (bytes[0] !== packedForm) throw new Error('The sealed part has a form that this version does not know.')
  const personal = unpackedOrNull(bytes.subarray(1))
  if (personal === null) throw new Error('The sealed part is damaged.')
  return personal
}

/** The packer's own errors may quote what they met, so they end here. */
function unpackedOrNull(bytes: Uint8Array): Record<string, unknown> | null {
  try {
    const value = unpack(bytes)
    return isRecord(value) ? value : null
  } catch {
    return null
  }
}

function holdsPersonal(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return value instanceof Personal || Object.values(value).some(holdsPersonal)
}

/** Plain data with every `Personal` replaced by what it holds: packed as it is, it would say `(personal)`. */
function revealed(value: unknown): unknown {
  if (value instanceof Personal) return revealed(value.reveal())
  if (Array.isArray(value)) return value.map(revealed)
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, revealed(inner)]))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
