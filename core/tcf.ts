/**
 * What a TC string says (IAB Europe, Transparency and Consent Framework, version 2 of the string; TCF 2.0 to 2.3): only
 * its core segment, which is always the first, and of it only consents. Legitimate interests are not looked at: here a
 * visit is followed because somebody agreed, or not by this string.
 */
export type TcConsents = { hasPurpose(purpose: number): boolean; hasVendor(vendor: number): boolean }

/** Where fields of the core segment begin, in bits, and how long they are. */
const core = {
  version: [0, 6],
  // Created 36, LastUpdated 36, CmpId 12, CmpVersion 12, ConsentScreen 6, ConsentLanguage 12, VendorListVersion 12,
  // TcfPolicyVersion 6, IsServiceSpecific 1, UseNonStandardTexts 1, SpecialFeatureOptIns 12
  purposesConsent: [152, 24],
  // PurposesLITransparency 24, PurposeOneTreatment 1, PublisherCC 12
  maxVendorId: [213, 16],
  isRangeEncoding: [229, 1],
  vendors: 230,
} as const

const knownVersion = 2
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const rangeEntriesMax = 4_096

/** null: it is no TC string of this version, or it is cut off. Then nobody has agreed to anything by it. */
export function readTcString(text: string): TcConsents | null {
  const segment = text.split('.', 1)[0] ?? ''
  const bits = bitsOf(segment)
  if (bits === null || bits(...core.version) !== knownVersion) return null
  const purposes = bits(...core.purposesConsent)
  const maxVendor = bits(...core.maxVendorId)
  const isRange = bits(...core.isRangeEncoding)
  if (purposes === null || maxVendor === null || isRange === null) return null
  const hasVendor = isRange === 1 ? readRanges(bits) : readField(bits, maxVendor)
  if (hasVendor === null) return null
  return {
    // The leftmost bit is purpose 1.
    hasPurpose: purpose => purpose >= 1 && purpose <= 24 && ((purposes >> (24 - purpose)) & 1) === 1,
    hasVendor,
  }
}

/** So many bits from a place on, as a number; null past the end. */
type Bits = (at: number, length: number) => number | null

/** Base64url without padding: each character is six bits. */
function bitsOf(segment: string): Bits | null {
  const sextets = [...segment].map(character => alphabet.indexOf(character))
  if (sextets.length === 0 || sextets.includes(-1)) return null
  return (at, length) => {
    if (at + length > sextets.length * 6) return null
    let value = 0
    for (let bit = at; bit < at + length; bit++) {
      const sextet = sextets[Math.floor(bit / 6)] ?? 0
      value = value * 2 + ((sextet >> (5 - (bit % 6))) & 1)
    }
    return value
  }
}

/** One bit a vendor. */
function readField(bits: Bits, maxVendor: number): TcConsents['hasVendor'] | null {
  if (maxVendor > 0 && bits(core.vendors + maxVendor - 1, 1) === null) return null
  return vendor => vendor >= 1 && vendor <= maxVendor && bits(core.vendors + vendor - 1, 1) === 1
}

/** NumEntries 12; each entry IsARange 1, a vendor 16, and with a range its last vendor 16. */
function readRanges(bits: Bits): TcConsents['hasVendor'] | null {
  const count = bits(core.vendors, 12)
  if (count === null || count > rangeEntriesMax) return null
  const ranges: (readonly [first: number, last: number])[] = []
  let at = core.vendors + 12
  for (let entry = 0; entry < count; entry++) {
    const isRange = bits(at, 1)
    const first = bits(at + 1, 16)
    const last = isRange === 1 ? bits(at + 17, 16) : first
    if (isRange === null || first === null || last === null) return null
    ranges.push([first, last])
    at += isRange === 1 ? 33 : 17
  }
  return vendor => ranges.some(([first, last]) => vendor >= first && vendor <= last)
}
