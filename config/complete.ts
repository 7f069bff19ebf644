import type { Path } from './position.ts'
import type { Findings } from './problem.ts'
import { suggest } from './suggestion.ts'

/** The part of JSON Schema that the configuration is made of (`schemaParts.ts`). */
export type Form = {
  readonly type?: string
  readonly properties?: Readonly<Record<string, Form>>
  readonly items?: Form
  readonly anyOf?: readonly Form[]
  readonly const?: unknown
  readonly enum?: readonly string[]
  readonly default?: unknown
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly errorMessage?: string
  readonly writeOnly?: boolean
}

export type Reading = {
  readonly findings: Findings
  /** How a plain value was written, where that is known. */
  readonly writtenAs: (path: Path) => string | null
}

/**
 * The value with every default filled in. Each way in which it departs from the form is reported, and something of
 * the right type stands in its place, so that the checks that follow can go on and all problems come at once.
 */
export function complete(form: Form, value: unknown, path: Path, reading: Reading): unknown {
  if (form.anyOf) return completeUnion(form, form.anyOf, value, path, reading)
  if (form.type === 'object') return completeObject(form, value, path, reading)
  if (form.type === 'array') return completeList(form, value, path, reading)
  if (!fits(form, value)) reading.findings.report(path, expectation(form, value, path, reading))
  return fits(form, value) || (form.type === 'string' && typeof value === 'string') ? value : stand(form)
}

/** Whether a value without parts (or the type of one with parts) is as the form says. */
function fits(form: Form, value: unknown): boolean {
  if ('const' in form) return value === form.const
  if (form.enum) return form.enum.includes(value as string)
  if (typeOf(value) !== form.type && !(form.type === 'number' && Number.isInteger(value))) return false
  if (typeof value === 'string') {
    const { minLength = 0, maxLength = Number.POSITIVE_INFINITY, pattern = '' } = form
    return [...value].length >= minLength && [...value].length <= maxLength && new RegExp(pattern).test(value)
  }
  if (typeof value === 'number') {
    return (
      value >= (form.minimum ?? Number.NEGATIVE_INFINITY) &&
      value <= (form.maximum ?? Number.POSITIVE_INFINITY)
    )
  }
  return true
}

function completeObject(form: Form, value: unknown, path: Path, reading: Reading): unknown {
  if (typeOf(value) !== 'object') reading.findings.report(path, expectation(form, value, path, reading))
  const given = (typeOf(value) === 'object' ? value : {}) as Record<string, unknown>
  const properties = form.properties ?? {}
  for (const key of Object.keys(given)) {
    if (!Object.hasOwn(properties, key)) refuseKey(key, Object.keys(properties), path, reading)
  }
  const whole = typeOf(value) === 'object'
  return Object.fromEntries(
    Object.entries(properties).map(([key, part]) => [
      key,
      completePart(given, key, part, path, whole ? reading : quiet),
    ]),
  )
}

function completePart(
  given: Record<string, unknown>,
  key: string,
  form: Form,
  path: Path,
  reading: Reading,
): unknown {
  if (Object.hasOwn(given, key)) return complete(form, given[key], [...path, key], reading)
  if ('default' in form) return complete(form, form.default, [...path, key], reading)
  reading.findings.report([...path, key], `is missing: it has to be ${wanted(form)}`)
  return stand(form)
}

function refuseKey(key: string, known: readonly string[], path: Path, { findings }: Reading): void {
  const near = suggest(key, known)
  const hint = near === null ? `known here: ${known.join(', ')}` : `did you mean ${near}?`
  findings.report([...path, key], `is not a setting; ${hint}`, 'key')
}

function completeList(form: Form, value: unknown, path: Path, reading: Reading): unknown {
  const items = form.items ?? {}
  if (!Array.isArray(value)) {
    reading.findings.report(path, expectation(form, value, path, reading))
    return []
  }
  if (value.length < (form.minItems ?? 0))
    reading.findings.report(path, 'is empty: it needs at least one item')
  if (value.length > (form.maxItems ?? Number.POSITIVE_INFINITY)) {
    reading.findings.report(path, `has more than ${form.maxItems} items`)
  }
  return value.map((item, index) => complete(items, item, [...path, index], reading))
}

/** Takes the branch whose type the value has; between words, the word itself. */
function completeUnion(
  form: Form,
  branches: readonly Form[],
  value: unknown,
  path: Path,
  reading: Reading,
): unknown {
  const branch =
    branches.find(one => fits(one, value)) ??
    branches.find(one => !('const' in one) && typeOf(value) === typeOfForm(one, value))
  if (branch && !('const' in branch)) return complete(branch, value, path, reading)
  if (!branch) reading.findings.report(path, expectation(form, value, path, reading))
  return branch ? value : stand(form)
}

/** A union within a union has whichever type of its branches the value has. */
function typeOfForm(form: Form, value: unknown): string | undefined {
  if (!form.anyOf) return form.type
  return form.anyOf.some(one => typeOfForm(one, value) === typeOf(value)) ? typeOf(value) : undefined
}

function typeOf(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return 'array'
  return Number.isInteger(value) ? 'integer' : typeof value
}

/** Something of the right type, in place of what was refused. */
function stand(form: Form): unknown {
  if ('default' in form && form.type !== 'object') return form.default
  if (form.enum) return form.enum[0]
  if (form.anyOf) return stand(form.anyOf[0] ?? {})
  if (form.type === 'object') return complete(form, {}, [], quiet)
  return (
    { string: '', array: [], integer: form.minimum ?? 0, number: form.minimum ?? 0, boolean: false }[
      form.type ?? ''
    ] ?? null
  )
}

/** For what stands in: it is not what somebody wrote, so nothing is said about it. */
const quiet = { findings: { report() {} }, writtenAs: () => null } as unknown as Reading

function expectation(form: Form, value: unknown, path: Path, reading: Reading): string {
  const says = `has to be ${wanted(form)}, not ${isSecret(form) ? 'this' : shown(value)}`
  const written = reading.writtenAs(path)
  const unquoted = form.type === 'string' && typeof value === 'number' && written !== null && !isSecret(form)
  return unquoted && /^\+/.test(written)
    ? `has to be text: put it in quotes, "${written}"`
    : withHint(says, form, value)
}

/** Whether the value is, or may hold, a secret, which no message repeats. */
function isSecret(form: Form): boolean {
  return (
    form.writeOnly === true ||
    (form.anyOf ?? []).some(isSecret) ||
    (form.items !== undefined && isSecret(form.items))
  )
}

function withHint(says: string, form: Form, value: unknown): string {
  const near = typeof value === 'string' ? suggest(value, form.enum ?? []) : null
  return near === null ? says : `${says}; did you mean ${near}?`
}

function wanted(form: Form): string {
  if (form.errorMessage !== undefined) return form.errorMessage
  const named = { object: 'a map of settings', array: 'a list', boolean: 'true or false', null: 'null' }
  const branch = form.anyOf?.find(one => one.type !== 'null')
  return branch
    ? `${wanted(branch)}, or null`
    : (named[(form.type ?? '') as keyof typeof named] ?? 'something else')
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (typeof value === 'object') return Array.isArray(value) ? 'a list' : 'a map'
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
