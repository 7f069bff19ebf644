import { parseDuration } from './durations.ts'
import type { Path } from './position.ts'
import type { Findings } from './problem.ts'

export function durationMs(text: string, path: Path, findings: Findings): number {
  const parsed = parseDuration(text)
  if (parsed === null) findings.report(path, `has to be at most 3650d, not ${JSON.stringify(text)}`)
  return parsed ?? 0
}

export function positive(text: string, path: Path, findings: Findings): number {
  const parsed = durationMs(text, path, findings)
  if (parsed === 0) findings.report(path, 'has to be longer than nothing')
  return parsed
}
