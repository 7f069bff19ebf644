import { createHash, randomBytes } from 'node:crypto'
import { agreedKey, makeIntakePair } from '../../config/intakeKeys.ts'
import { wrap } from '../../config/keyWrap.ts'
import type { ArrivingKey } from './take.ts'

/** What a gateway does with keys, for the tests of the key store: names say what they are, so that tests can know them. */

export const rootKey = createHash('sha256').update('root').digest()
export const someMs = 1_700_000_000_000

const digest = (text: string) => createHash('sha256').update(text).digest()
/** The id of the key that a tenant's subject or period `name` has; `again` for another of the same. */
export const idFor = (tenant: string, name: string, again = 0) =>
  Uint8Array.from(digest(`id ${tenant} ${name} ${again}`).subarray(0, 12))
export const secretFor = (id: Uint8Array) => digest(`secret ${Buffer.from(id).toString('hex')}`)

export type Wanted = {
  readonly tenant: string
  readonly name: string
  readonly of?: 'subject' | 'period'
  readonly lastsMs?: number
  readonly atMs?: number
  readonly again?: number
}

/** Wraps keys for an intake, as one gateway does during its life. */
export function makeGateway(intake: { readonly id: Uint8Array; readonly publicHalf: Uint8Array }) {
  const pair = makeIntakePair()
  const agreed = agreedKey(pair.privateHalf, intake.publicHalf)
  return (wanted: Wanted): ArrivingKey => {
    const { tenant, name, of = 'subject', lastsMs = 0, atMs = someMs } = wanted
    const id = idFor(tenant, name, wanted.again)
    const bytes = wrap(secretFor(id), agreed, randomBytes(12), id)
    const wraps = [{ intake: intake.id, from: pair.publicHalf, bytes }]
    return { key: { id, of, tenant, name, lastsMs, wraps }, atMs }
  }
}

export const subjects = (tenant: string, from: number, to: number): Wanted[] =>
  Array.from({ length: to - from }, (_, index) => ({ tenant, name: `v:visitor-${from + index}` }))
