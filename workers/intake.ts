import { pack } from '../config/pack.ts'
import type { IntakeSaid } from '../core/wire/control.ts'
import { subjects } from '../core/wire/subjects.ts'
import type { Partition } from './partition.ts'

const sayEveryMs = 30_000

type Owner = Pick<Partition, 'keys' | 'number' | 'link' | 'owner'>

/** Which half of ours gateways wrap new keys for. */
export function intakeOf({ keys, number, owner }: Owner): IntakeSaid {
  return { partition: number, owner, ...keys.intake() }
}

/** Says it to every gateway: when it changes, and again and again for those that missed it. */
export function sayIntake(owner: Owner): void {
  if (owner.link.isConnected()) owner.link.publish(subjects.intake(owner.number), pack(intakeOf(owner)))
}

export function startSayingIntake(owner: Owner): () => void {
  sayIntake(owner)
  const timer = setInterval(() => sayIntake(owner), sayEveryMs)
  return () => clearInterval(timer)
}
