import { type TSchema, Type } from 'typebox'

/** The few forms of which the shapes of exported records are made. */

export const strict = { additionalProperties: false } as const

/** Time as ISO 8601 in UTC, with milliseconds. */
const timePattern = '^[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]\\.[0-9]{3}Z$'

type Notes = { readonly description: string; readonly personal?: string }
export const text = (description: string, personal?: string) => Type.String(notes(description, personal))
export const time = (description: string, personal?: string) =>
  Type.String({ format: 'date-time', pattern: timePattern, ...notes(description, personal) })
export const ms = (description: string, personal?: string) =>
  Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], notes(description, personal))
export const orNull = <Shape extends TSchema>(shape: Shape, more: Notes) =>
  Type.Union([shape, Type.Null()], more)
export const textOrNull = (description: string, personal?: string) =>
  orNull(Type.String(), notes(description, personal))
export const share = (description: string) => Type.Number({ minimum: 0, maximum: 1, description })

export function notes(description: string, personal?: string): Notes {
  return personal === undefined ? { description } : { description, personal }
}

/** Sealed values under names that this version does not know: kept as they are, so that an export leaves nothing out. */
export const other = Type.Record(Type.String(), Type.Unknown(), {
  description: 'Anything else that was sealed with it, by name.',
})

export const named = (description: string, personal: string) =>
  Type.Record(Type.String(), Type.String(), { description, personal })
