import type { KeyObject } from 'node:crypto'
import { makeSeal, type Seal } from '../config/sealing.ts'
import { limits } from '../core/limits.ts'
import type { BareKey, PeriodKey, RecordKey, SubjectKey } from './keyMaking.ts'
import type { SpareTime } from './spareTime.ts'

/** Of the subjects seen last, what seals the next event of each: made when nobody waits for it. */
export type ReadySeals = {
  /** What seals the next part of a subject in a period. */
  take(subject: SubjectKey, period: PeriodKey): Seal
  /** The subject's key is not used any more. */
  drop(subject: SubjectKey): void
  /** What was derived for a period that is over is not kept. */
  dropOver(subject: SubjectKey): void
}

export function createReadySeals(later: SpareTime['later'], nonce: () => Uint8Array): ReadySeals {
  const seen = new Set<SubjectKey>()
  const prepare = (subject: SubjectKey, period: PeriodKey) => {
    if (!subject.isHeld || !period.isHeld || subject.ready?.period === period) return
    subject.ready = { period, seal: sealOf(subject, period, recordKey(subject, period), nonce()) }
    seen.delete(subject)
    seen.add(subject)
    const [oldest] = seen.size > limits.sealsReadyMax ? seen : []
    if (oldest !== undefined) forgetSeal(seen, oldest)
  }
  return {
    take: (subject, period) => {
      if (period.isRest) later(() => prepare(subject, period))
      return readyIn(subject, period) ?? sealOf(subject, period, recordKey(subject, period), nonce())
    },
    drop: subject => {
      subject.record = null
      forgetSeal(seen, subject)
    },
    dropOver: subject => {
      if (subject.record?.period.isHeld === false) subject.record = null
      if (subject.ready?.period.isHeld === false) forgetSeal(seen, subject)
    },
  }
}

function forgetSeal(seen: Set<SubjectKey>, subject: SubjectKey): void {
  subject.ready = null
  seen.delete(subject)
}

function readyIn(subject: SubjectKey, period: PeriodKey): Seal | null {
  const { ready } = subject
  if (ready === null || ready.period !== period) return null
  subject.ready = null
  return ready.seal
}

function recordKey(subject: SubjectKey, period: PeriodKey): KeyObject {
  if (subject.record?.period === period) return subject.record.key
  const record = recordOf(subject, period)
  if (period.isRest) subject.record = record
  return record.key
}

export function recordOf({ secret }: BareKey, period: PeriodKey): RecordKey {
  return { period, key: period.recordKeys(secret) }
}

export function sealOf(subject: BareKey, period: PeriodKey, key: KeyObject, nonce: Uint8Array): Seal {
  return makeSeal({ key, subjectKeyId: subject.id, periodKeyId: period.id, nonce })
}
