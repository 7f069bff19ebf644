import { type TSchema, Type } from 'typebox'
import { Check } from 'typebox/value'
import { handleForm, idForm } from '../core/subjectNames.ts'

/**
 * What is not as documented in a body of the admin API, in a sentence that names the field and the form that it has to
 * have: the schema's `errorMessage` finishes "has to be …", as in the configuration. A sentence never repeats what was
 * sent, values and names of fields alike, because it may be about a person.
 */
export type Fault = { readonly code: 'not-valid' | 'unknown-field' | 'not-a-handle'; readonly detail: string }

type Form = {
  readonly properties?: Readonly<Record<string, Form>>
  readonly required?: readonly string[]
  readonly items?: Form
  readonly anyOf?: readonly Form[]
  readonly errorMessage?: string
  readonly pattern?: string
}
type Naming = (path: readonly (string | number)[]) => string

/** How the API refuses: `detail` is there where a code alone does not say what has to be changed. */
export const adminProblem = Type.Object(
  {
    error: Type.Object(
      { code: Type.String(), message: Type.String(), detail: Type.Optional(Type.String()) },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
)

/** The first thing that is wrong, or null. */
export function faultIn(schema: TSchema, value: unknown, naming: Naming = asFields): Fault | null {
  return Check(schema, value) ? null : (faults(schema as Form, value, [], naming)[0] ?? notThisForm(schema))
}

/** For a command that sends this body. Throws the same sentence about the options that it was made of. */
export function checkOptions(
  schema: TSchema,
  body: object,
  options: Readonly<Record<string, string>> = {},
): void {
  const naming: Naming = ([field = '']) => options[field] ?? asOption(String(field))
  const fault = faultIn(schema, body, naming)
  if (fault !== null) throw new Error(fault.detail)
}

/** A body that has every field right, and is wrong as a whole. */
function notThisForm({ errorMessage = 'as documented' }: Form): Fault {
  return { code: 'not-valid', detail: `The body has to be ${errorMessage}.` }
}

function faults(form: Form, value: unknown, path: readonly (string | number)[], naming: Naming): Fault[] {
  if (Check(form as TSchema, value)) return []
  if (form.errorMessage === undefined && form.anyOf !== undefined) {
    const branches = form.anyOf.map(one => faults(one, value, path, naming))
    return branches.reduce((best, one) => (one.length < best.length ? one : best))
  }
  if (form.properties !== undefined) return ofFields(form, value, path, naming)
  const items = Array.isArray(value) && form.items !== undefined ? value : []
  const inside = items.flatMap((one, index) => faults(form.items ?? {}, one, [...path, index], naming))
  return inside.length > 0 ? inside : [wrong(`${naming(path)} has`, form)]
}

/** What is not known comes first: it may be what is missing, misspelt. */
function ofFields(form: Form, value: unknown, path: readonly (string | number)[], naming: Naming): Fault[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return [{ code: 'not-valid', detail: 'The body has to be an object in JSON.' }]
  const { properties = {}, required = [] } = form
  const given = value as Readonly<Record<string, unknown>>
  const known = Object.keys(properties)
  const strange = Object.keys(given).filter(name => !Object.hasOwn(properties, name))
  const says = `A field is not documented; known here: ${known.join(', ')}.`
  return [
    ...strange.map((): Fault => ({ code: 'unknown-field', detail: says })),
    ...Object.entries(properties).flatMap(([name, part]) => {
      if (Object.hasOwn(given, name)) return faults(part, given[name], [...path, name], naming)
      return required.includes(name) ? [wrong(`${naming([...path, name])} is missing: it has`, part)] : []
    }),
  ]
}

/** A handle that lacks a character is told apart: who sent it would take it for somebody of whom nothing is held. */
function wrong(begins: string, { errorMessage = 'as documented', pattern }: Form): Fault {
  const code = pattern === handleForm || pattern === idForm ? 'not-a-handle' : 'not-valid'
  return { code, detail: `${begins} to be ${errorMessage}.` }
}

function asFields(path: readonly (string | number)[]): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : index > 0 ? `.${part}` : part))
    .join('')
}

/** `expiresIn` comes from `--expires-in`. */
function asOption(field: string): string {
  return `--${field.replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`
}
