import type { AccessKey } from '../core/access.ts'
import { limits } from '../core/limits.ts'
import type { ProblemCode } from '../core/problems.ts'
import type { Note } from '../core/wire/note.ts'
import type { Intake } from './intake.ts'
import type { OutgoingEvent } from './seal.ts'

/** Whose entries they are. The processor's own belong to tenant '' in partition 0; no tenant can have that id. */
export type Place = { readonly tenant: string; readonly partition: number }
export const processorsPlace: Place = { tenant: '', partition: 0 }

/** Puts a note into the log, with the access key that it is about, if it is about one. */
export type Noting = (place: Place, note: Note, access?: AccessKey) => Promise<ProblemCode | null>

/**
 * Resolves when the owner has applied the entry: what it says is in force and will be in the audit chain. What is
 * refused, or not answered in time, has a code; the entry may be in the log all the same.
 */
export function createNoting(intake: Pick<Intake, 'submit'>): Noting {
  const enter = createEntering(intake)
  return ({ tenant, partition }, note, access) => {
    const event = { clear: { kind: 'noted', tenant }, personal: null, note } as const
    return enter(partition, access === undefined ? event : { ...event, access })
  }
}

/** Puts an entry of the control lane into the log. Resolves, as `Noting` does, when the owner has applied it. */
export type Entering = (partition: number, event: OutgoingEvent) => Promise<ProblemCode | null>

export function createEntering(intake: Pick<Intake, 'submit'>): Entering {
  return (partition, event) =>
    new Promise(resolve => {
      const timer = setTimeout(() => resolve('not-now'), limits.accessNotedWithinMs)
      const give = (problem: ProblemCode | null) => {
        clearTimeout(timer)
        resolve(problem)
      }
      const problem = intake.submit('control', partition, event, {
        replied: reply => give(reply.kind === 'problem' ? reply.code : null),
      })
      if (problem !== null) give(problem)
    })
}
