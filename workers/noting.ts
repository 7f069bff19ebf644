import { pack } from '../config/pack.ts'
import { limits } from '../core/limits.ts'
import { type LogMessage, logVersion, messageId } from '../core/wire/log.ts'
import type { Note } from '../core/wire/note.ts'
import { subjects } from '../core/wire/subjects.ts'
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
  let counter = 0
  return (tenant, facts, once) => {
    if (once === undefined) counter += 1
    const note: Note = { actor: 'system', role: 'system', subjects: [], purpose: null, ...facts }
    const message: LogMessage = {
      version: logVersion,
      producer: once ?? `${producer}|note|${partition.number}`,
      counter: once === undefined ? counter : 1,
      lane: 'control',
      replyTo: '',
      events: [{ clear: { kind: 'noted', tenant }, personal: null, note }],
    }
    partition.link
      .store(subjects.log(partition.number), pack(message), messageId(message), limits.publishTimeoutMs)
      .catch(() => partition.counts.add('ringtrail_notes_failed_total', []))
  }
}
