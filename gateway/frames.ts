import { Compile } from 'typebox/compile'
import type { ProblemCode } from '../core/problems.ts'
import { type ClientFrame, clientFrames } from '../core/wire/visitor.ts'

const checks = new Map(
  Object.entries(clientFrames).map(([type, schema]) => [
    type,
    { check: Compile(schema), known: new Set(Object.keys(schema.properties)) },
  ]),
)

/** Parses one client frame. What is not exactly of the documented shape is refused with the code that says why. */
export function parseFrame(text: string): ClientFrame | ProblemCode {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return 'not-json'
  }
  return checkFrame(value)
}

/** The same for a value that is parsed already, as in the beacon's array. */
export function checkFrame(value: unknown): ClientFrame | ProblemCode {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'not-valid'
  const known = checks.get(String((value as { type?: unknown }).type))
  if (known === undefined) return 'not-valid'
  if (known.check.Check(value)) return value as ClientFrame
  return Object.keys(value).some(key => !known.known.has(key)) ? 'unknown-field' : 'not-valid'
}
