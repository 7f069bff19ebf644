import { readFileSync } from 'node:fs'
import type { Environment } from './layers.ts'
import type { Path } from './position.ts'
import type { Findings } from './problem.ts'

/**
 * A value that does not print itself. It also does not travel: a structured clone of it is empty, so a thread that
 * needs one is told on purpose, through `reveal`.
 */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  reveal(): string {
    return this.#value
  }

  toString(): string {
    return '(secret)'
  }

  toJSON(): string {
    return '(secret)'
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '(secret)'
  }
}

/** One secret setting: written in the file, or named by a file of its own, or in the environment, which wins. */
export type SecretSetting = {
  readonly path: Path
  readonly written: string | readonly string[] | null
  readonly filePath: Path
  readonly file: string | null
  readonly variable: string
}

/** The secrets of a setting, in order; several while one is being replaced. None where nothing is given. */
export function secretsOf(setting: SecretSetting, env: Environment, findings: Findings): readonly Secret[] {
  const { written, file, filePath, path, variable } = setting
  const texts = typeof written === 'string' ? [written] : (written ?? [])
  if (texts.length > 0 && file !== null)
    findings.report(filePath, `is given twice: ${path.at(-1)} stands beside it`)
  const fromFile = file === null ? null : readLines(file, filePath, findings)
  const fromEnvironment = env[variable] ? env[variable].split(',') : null
  return (fromEnvironment ?? fromFile ?? texts)
    .map(text => text.trim())
    .filter(text => text !== '')
    .map(text => new Secret(text))
}

/** The lines of a secret's file; a problem names the setting and the system's reason, never what was read. */
function readLines(file: string, path: Path, findings: Findings): readonly string[] {
  const text = readableText(file, path, findings)
  if (text === null) return []
  const lines = text.split(/\r?\n/).filter(line => line.trim() !== '')
  if (lines.length === 0) findings.report(path, 'names an empty file')
  return lines
}

/** The text of a file that the configuration names, or null after a problem. */
export function readableText(file: string, path: Path, findings: Findings): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    findings.report(
      path,
      `names a file that cannot be read (${(error as NodeJS.ErrnoException).code ?? 'no reason given'})`,
    )
    return null
  }
}
