import { Refused } from '../config/refused.ts'

/**
 * What data knows of the keys that open it: which key store, and after how many changes of it. Another one beside it, or an
 * older copy, would let it be read less, or more, than it should be.
 */
export type KeysKnown = {
  readonly store: string
  readonly changes: number
  /** Facts of before these changes that it does not have (`facts.ts`), by place. Left out: none. */
  readonly owed?: readonly string[]
}

/** Somebody said that they are lost (`ringtrail keys-lost`); `what`: what was found to be so at the start after it. */
export type KeysLost = { readonly atMs: number; readonly what?: KeysTrouble }

const words = {
  empty: 'is no key store',
  other: 'is the key store of other data',
  older: 'is a key store that is older than the data',
} as const
export type KeysTrouble = keyof typeof words

type Keys = { readonly identity: string; changes(): number }

/** What is wrong with the keys beside data; null: they are the ones that it had. `keys` null: there are none. */
export function keysTrouble(known: KeysKnown | null, keys: Keys | null): KeysTrouble | null {
  if (known === null) return null
  if (keys === null) return 'empty'
  if (known.store !== keys.identity) return 'other'
  return keys.changes() < known.changes ? 'older' : null
}

/** The sentence for it, where nobody said that the keys are lost. */
export function refuseKeys(trouble: KeysTrouble, directory: string): never {
  throw new Refused(
    `In ${directory} ${words[trouble]}: put back the key store that was beside this data last. Where it is lost for good, say so with "ringtrail keys-lost --config FILE", and start again (docs/backup.md).`,
  )
}
