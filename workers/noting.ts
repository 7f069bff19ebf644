import { type Note, noteForm } from '../core/wire/note.ts'
import { createAppending } from './append.ts'
import type { Partition } from './partition.ts'

/** What an owner did by itself, for the audit chain: an entry like everything that has to be the same everywhere. */
export type Noting = (
  tenant: string,
  note: Pick<Note, 'action' | 'request' | 'counts' | 'detail'>,
  /** A name that only this note has: it counts once, whoever says it and how often. */
  once?: string,
) => void

export function createNoting(
  partition: Pick<Partition, 'link' | 'number' | 'counts'>,
  producer: string,
): Noting {
  const append = createAppending(partition, 'control', `${producer}|note|${partition.number}`)
  return (tenant, facts, once) => {
    const note = { ...byItself, ...facts }
    append({ clear: { kind: 'noted', tenant }, personal: null, note }, once).catch(() =>
      partition.counts.add('ringtrail_notes_failed_total', []),
    )
  }
}

/** Nobody asked for it. */
export const byItself = {
  form: noteForm,
  actor: 'system',
  role: 'system',
  subjects: [],
  purpose: null,
} as const
