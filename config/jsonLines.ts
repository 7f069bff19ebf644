import { open } from 'node:fs/promises'

/** Longer is no line of ours; what is read of a file stays within it. */
const lineBytesMax = 1 << 20

/** The lines of a file, which is opened with the first and closed with the last that is asked for. */
export function linesOf(file: string): AsyncGenerator<string> {
  return linesIn(chunksOf(file))
}

/**
 * The lines of a file without holding more than one of them. Only `\n` ends a line, so that no other byte can pass for
 * it. What is not UTF-8 comes as a line that is no JSON; so does what is too long, and it is the last.
 */
export async function* linesIn(chunks: AsyncIterable<Buffer> | Iterable<Buffer>): AsyncGenerator<string> {
  let kept: Buffer = Buffer.alloc(0)
  for await (const chunk of chunks) {
    let rest = kept.length === 0 ? chunk : Buffer.concat([kept, chunk])
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      yield textOf(rest.subarray(0, end))
      rest = rest.subarray(end + 1)
    }
    if (rest.length > lineBytesMax) return yield '(a line that is too long)'
    kept = rest
  }
  if (kept.length > 0) yield textOf(kept)
}

const chunkBytes = 1 << 16

async function* chunksOf(file: string): AsyncGenerator<Buffer> {
  const handle = await open(file)
  try {
    for (;;) {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(chunkBytes))
      if (bytesRead === 0) return
      yield buffer.subarray(0, bytesRead)
    }
  } finally {
    await handle.close()
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function textOf(bytes: Buffer): string {
  try {
    return decoder.decode(bytes)
  } catch {
    return '(a line that is not UTF-8)'
  }
}
