import { Type, type TSchema } from 'typebox'
import { durationPattern } from './durations.ts'
import { sizePattern } from './sizes.ts'

/**
 * The few forms of which the configuration is made. Beside JSON Schema's own words two annotations are used:
 * `errorMessage` finishes the sentence "has to be …" (editors know it too), and `writeOnly` marks what is never
 * repeated in a message, because it is or may hold a secret.
 */

const idPattern = '^[A-Za-z0-9_.-]{1,64}$'

export const text = (errorMessage: string, description: string, more: Record<string, unknown> = {}) =>
  Type.String({ minLength: 1, description, errorMessage, ...more })

export const id = (description: string) =>
  text('an id of letters, digits, “-”, “_” or “.”, at most 64', description, { pattern: idPattern })

export const path = (description: string) =>
  text('the path of a file', `${description} Relative paths start at the working directory.`)

export const phoneNumber = (description: string) =>
  text('a phone number in international form, such as "+45 70 00 00 01"', description, { maxLength: 64 })

export const lasting = (description: string, more: Record<string, unknown> = {}) =>
  text('a duration such as 20m', description, { pattern: durationPattern, ...more })

export const duration = (description: string, fallback: string) => lasting(description, { default: fallback })

export const size = (description: string, fallback: string) =>
  text('a size such as 4GiB', description, { pattern: sizePattern, default: fallback })

export const words = <const Words extends string[]>(list: readonly [...Words], description: string) =>
  Type.Enum<Words>([...list], { description, errorMessage: `one of ${list.join(', ')}` })

/** A map of settings; unknown keys are refused. */
export const shape = <Properties extends Record<string, TSchema>>(
  description: string,
  properties: Properties,
) => Type.Object(properties, { additionalProperties: false, description })

/** The same form, and what is used where the key is left out. */
export const optional = <Schema extends TSchema>(schema: Schema, fallback: unknown): Schema => ({
  ...schema,
  default: fallback,
})

/** May be left out, and is null then. */
export const nullable = <Schema extends TSchema>(schema: Schema) =>
  Type.Union([Type.Null(), schema], { default: null })
