/** Reasons of a match that say what was asked for about a person (rules P3, P6). */

/** Nothing of the caller was used. */
export const callerRestricted = 'caller-restricted'

/** Somebody whom the record named was erased. */
export const erased = 'erased'
