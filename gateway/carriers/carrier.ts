import type { CallState, EndReason } from '../../core/input.ts'
import type { ProblemCode } from '../../core/problems.ts'
import type { SignalAnswer } from '../../core/wire/signal.ts'

/** What arrived, as it arrived: signatures cover bytes. */
export type CarrierRequest = {
  readonly method: string
  /** The full public address as the carrier called it, with its query. */
  readonly url: string
  /** The query alone, without `?`, still escaped. */
  readonly query: string
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: Buffer
  /** By the gateway's clock, in ms. */
  readonly receivedAt: number
}

/** What one tenant shares with one carrier. Several of a kind are valid at once, so that one can follow another. */
export type CarrierSecrets = {
  /** What requests are signed with: `whsec_…` for Standard Webhooks, an auth token for Twilio. */
  readonly secrets: readonly string[]
  /** What stands after `Authorization: Bearer`, for those who do not sign. */
  readonly bearers: readonly string[]
}

/** One thing that happened to a call. Numbers are text as the carrier wrote it; the caller of `translate` parses them. */
export type CarrierSignal = {
  readonly call: string
  readonly state: CallState
  /** null: the carrier says that it is withheld, or names none. */
  readonly a: string | null
  readonly b: string
  readonly c: string | null
  /** The carrier's own time, in ms; null where it gave none. */
  readonly at: number | null
  readonly reason: EndReason | null
  /**
   * Concluded from a later signal (an answer, from the call's duration) in case the signal itself was lost. Where that
   * one was heard it stands: a `call-conflict` about a derived signal is no news to anybody.
   */
  readonly derived: boolean
}

export type Refused = {
  readonly problem: ProblemCode
  /** Where the caller can be put through all the same, from our own table. */
  readonly forward?: string | null
}

export type Translation = {
  /** In the order in which they are to be answered. Empty: nothing new for us, and no reason to complain. */
  readonly signals: readonly (CarrierSignal | Refused)[]
  /** Answered by an array, even if it has one element. */
  readonly array: boolean
  /** Equal keys mean the same request, sent again. */
  readonly idempotencyKey: string | null
}

/** One answer per signal of the translation, in order; or one refusal for the whole request. */
export type CarrierAnswers =
  | Refused
  | { readonly array: boolean; readonly answers: readonly (SignalAnswer | Refused)[] }

export type CarrierResponse = {
  readonly status: number
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
}

/** A carrier's language. Pure: same request, same words. None of the three throws, whatever the request holds. */
export type Carrier = {
  /** As it stands in the address: `/v1/calls/{name}/{tenant}`. */
  readonly name: string
  /** Whether the signature covers the address, so that `publicUrl` has to be configured. */
  readonly signsUrl: boolean
  /** null: the request is from whom it says. Reads the raw body, compares in constant time. */
  verify(request: CarrierRequest, secrets: CarrierSecrets): ProblemCode | null
  /** Reads nothing that `verify` did not cover. */
  translate(request: CarrierRequest): Translation | Refused
  answer(request: CarrierRequest, answers: CarrierAnswers): CarrierResponse
}

export function isRefused(value: object): value is Refused {
  return 'problem' in value
}
