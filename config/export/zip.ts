import { unzipSync, zipSync } from 'fflate'

/** The one door to fflate. */

/** What is packed or unpacked in memory: a person's package, never a tenant's, which is written as a directory. */
export const zipBytesMax = 64 * 1024 * 1024
const zipFilesMax = 64

/** One ZIP of files, the same bytes for the same files: a fixed time, and names in order. */
export function zipFiles(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const bytes = [...files.values()].reduce((sum, one) => sum + one.length, 0)
  if (bytes > zipBytesMax)
    throw new Error(`A ZIP holds at most ${zipBytesMax} bytes here: write the package as a directory.`)
  // ZIP keeps local time; this moment is written the same wherever it is.
  const mtime = new Date(1980, 0, 1)
  return zipSync(Object.fromEntries([...files].sort(([one], [other]) => (one < other ? -1 : 1))), {
    level: 6,
    mtime,
  })
}

/** The files of a ZIP. Throws a sentence where it is none, is too large, or names a file twice. */
export function unzipFiles(zip: Uint8Array): Map<string, Uint8Array> {
  const names = new Set<string>()
  let bytes = 0
  const check = ({ name, originalSize }: { name: string; originalSize: number }) => {
    bytes += originalSize
    if (names.has(name)) throw new Error(`The ZIP names ${JSON.stringify(name)} twice.`)
    names.add(name)
    if (bytes > zipBytesMax || names.size > zipFilesMax) throw new Error('The ZIP is larger than a package.')
    return true
  }
  try {
    return new Map(Object.entries(unzipSync(zip, { filter: check })))
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('The ZIP ')) throw error
    throw new Error('This is no ZIP that can be read.')
  }
}
