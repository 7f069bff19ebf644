import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CannotAsk } from './record.ts'

/** Puts files into a folder, which is made where it is not there, in the place of those of an earlier run. */
export function putFiles(folder: string, files: Readonly<Record<string, string>>): readonly string[] {
  try {
    mkdirSync(folder, { recursive: true })
    return Object.entries(files).map(([name, text]) => {
      const path = join(folder, name)
      writeFileSync(path, text)
      return path
    })
  } catch (error) {
    const { code = 'no reason given' } = error as NodeJS.ErrnoException
    throw new CannotAsk(`Nothing can be written to ${folder} (${code}).`)
  }
}
