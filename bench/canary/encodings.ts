/** A text as bytes of a file may hold it. */
export type Pattern = { readonly encoding: string; readonly bytes: Buffer }

/** Every encoding of a text that is looked for; equal bytes are named once, by the plainest. */
export function encodingsOf(needle: string): Pattern[] {
  const utf8 = Buffer.from(needle)
  const utf16 = Buffer.from(needle, 'utf16le')
  const known = new Map<string, Pattern>()
  const add = (encoding: string, bytes: Buffer | string) => {
    const pattern = { encoding, bytes: typeof bytes === 'string' ? Buffer.from(bytes) : bytes }
    const key = pattern.bytes.toString('latin1')
    if (!known.has(key)) known.set(key, pattern)
  }
  add('utf-8', utf8)
  add('utf-16le', utf16)
  add('utf-16be', Buffer.from(utf16).swap16())
  for (const alignment of [0, 1, 2]) {
    add(`base64+${alignment}`, base64At(utf8, alignment, 'base64'))
    add(`base64url+${alignment}`, base64At(utf8, alignment, 'base64url'))
  }
  const hex = utf8.toString('hex')
  add('hex', hex)
  add('HEX', hex.toUpperCase())
  add('percent', encodeURIComponent(needle))
  add(
    'percent-lower',
    encodeURIComponent(needle).replaceAll(/%../g, part => part.toLowerCase()),
  )
  add('percent-all', hex.toUpperCase().replaceAll(/../g, '%$&'))
  add('form', new URLSearchParams({ n: needle }).toString().slice(2))
  const json = JSON.stringify(needle).slice(1, -1)
  add('json', json)
  add('json-ascii', json.replaceAll(/[^\x20-\x7e]/g, unicodeEscape))
  add('json-slashes', json.replaceAll('/', '\\/'))
  for (const [encoding, bytes] of numbersOf(needle)) add(encoding, bytes)
  return [...known.values()]
}

/** As it stands in the base64 of a longer text: without the characters that hold bits of its neighbours. */
function base64At(bytes: Buffer, alignment: number, alphabet: 'base64' | 'base64url'): string {
  const encoded = Buffer.concat([Buffer.alloc(alignment), bytes]).toString(alphabet)
  const whole = Math.floor(((alignment + bytes.length) * 8) / 6)
  return encoded.slice(Math.ceil((alignment * 8) / 6), whole)
}

const unicodeEscape = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`

/** A phone number may be kept as a number: as msgpack and binary tables write them. */
function numbersOf(needle: string): [encoding: string, bytes: Buffer][] {
  const digits = /^\+?(\d{10,15})$/.exec(needle)?.[1]
  if (digits === undefined) return []
  const [unsigned, float] = [Buffer.alloc(8), Buffer.alloc(8)]
  unsigned.writeBigUInt64BE(BigInt(digits))
  float.writeDoubleBE(Number(digits))
  return [
    ['digits', Buffer.from(digits)],
    ['uint64be', unsigned],
    ['uint64le', Buffer.from(unsigned).reverse()],
    ['float64be', float],
    ['float64le', Buffer.from(float).reverse()],
  ]
}
