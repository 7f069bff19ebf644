/** What the server says of a stored message. */
export type StoreAck = { readonly sequence: number; readonly duplicate: boolean }

/**
 * Reads a server's acknowledgement of a stored message: null where it says nothing, and `refused` where the stream does not
 * take the message, because it is full or the disk is.
 */
export function readAck(data: Uint8Array): StoreAck | 'refused' | null {
  if (data.length === 0) return null
  const ack = JSON.parse(new TextDecoder().decode(data)) as {
    seq?: number
    duplicate?: boolean
    error?: unknown
  }
  if (ack.error !== undefined) return 'refused'
  if (ack.seq === undefined) return null
  return { sequence: ack.seq, duplicate: ack.duplicate === true }
}
