import type { Config } from '../config/config.ts'
import type { Keys } from './access/keys.ts'
import type { Applying } from './applying.ts'
import type { EndedTenants } from './contract/endedTenants.ts'
import type { Issuing } from './issuing.ts'
import type { Entering, Noting } from './noting.ts'
import type { Owners } from './owners.ts'
import type { Streams } from './questions/callList.ts'
import type { Pseudonyms } from './pseudonyms.ts'
import type { Sealer } from './seal.ts'
import type { Tenants } from './tenants.ts'
import type { TermsInForce } from './terms.ts'
import type { Answer } from './uws.ts'

/** What handlers of the admin API work with. A part that routes need besides is one more line here, filled in by `open.ts`. */
export type AdminDesk = {
  readonly config: Config
  readonly owners: Owners
  readonly tenants: Tenants
  readonly ended: EndedTenants
  readonly keys: Keys
  readonly noting: Noting
  readonly entering: Entering
  readonly issuing: Issuing
  readonly streams: Streams
  readonly pseudonyms: Pseudonyms
  readonly sealer: Sealer
  readonly terms: Pick<TermsInForce, 'of'>
  /** null: not this process puts a file in force. */
  readonly applying: Applying | null
  readonly clock: () => number
}

/** An answer in JSON. Nobody between us and who asked keeps it. */
export function jsonAnswer(status: number, value: unknown): Answer {
  return {
    status,
    headers: [
      ['content-type', 'application/json'],
      ['cache-control', 'no-store'],
    ],
    body: JSON.stringify(value),
  }
}
