/**
 * The types that travel everywhere. They are made at the edge by a parser and cannot be faked by accident:
 * a `PhoneNumber` exists only because somebody parsed it.
 */

declare const brand: unique symbol
type Branded<Base, Name extends string> = Base & { readonly [brand]: Name }

/** Milliseconds since 1970 as the log stamped the entry, clamped so that it never runs back. */
export type LogTime = Branded<number, 'LogTime'>

/** A number in E.164 form: `+` and 7 to 15 digits (ITU-T E.164). */
export type PhoneNumber = Branded<string, 'PhoneNumber'>

/** 16 random bytes, base64url (22 characters). Made by the browser, or by the gateway where missing. */
export type VisitorId = Branded<string, 'VisitorId'>

/** 16 random bytes, base64url (22 characters). Made by the gateway, used by the core only when a session opens. */
export type SessionId = Branded<string, 'SessionId'>

/** A keyed hash of a phone number under the tenant's pepper. Pseudonymous, never anonymous. */
export type Pseudonym = Branded<string, 'Pseudonym'>

/** A share in thousandths, 0 to 1000: the core has no floating-point. */
export type PerMille = Branded<number, 'PerMille'>

/** For the end of a switch over a closed list: the compiler proves that it is never reached. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`)
}
