import { type Static, Type } from 'typebox'
import { limits } from '../core/limits.ts'
import { callDefaults, type CallPolicy } from '../core/policy.ts'
import type { Path } from './position.ts'
import type { Findings } from './problem.ts'
import { durationMs, positive } from './readDuration.ts'
import { duration, optional, shape } from './schemaParts.ts'

/** How a tenant judges its calls: as it stands in the file, as it is read, and as it travels in the policy. */

const lookBack = shape('How far the path of a call’s visitor reaches back.', {
  duration: duration('How old a touch may be when it rings.', '30d'),
  touches: Type.Integer({
    minimum: 1,
    maximum: limits.touchesPerCallMax,
    default: callDefaults.lookBackTouches,
    description: 'How many touches it has at most: the latest.',
    errorMessage: `a number from 1 to ${limits.touchesPerCallMax}`,
  }),
})

export const callSettings = shape('How calls are judged.', {
  qualifiedAfter: duration('Talk time from which a call counts as qualified.', '30s'),
  returningLookBack: duration('How long a caller is recognised by an earlier attributed call.', '30d'),
  shortUnder: duration('A call that ended unanswered after less than this is short, and not missed.', '5s'),
  duplicateWithin: duration(
    'A call after an earlier one of the same caller is its duplicate; 0s: none.',
    '30m',
  ),
  lookBack: optional(lookBack, {}),
  halfLife: duration('In time decay a touch weighs half as much after this.', '7d'),
})

export function readCalls(
  settings: Static<typeof callSettings>,
  path: Path,
  findings: Findings,
): Required<CallPolicy> {
  const read = (name: 'qualifiedAfter' | 'returningLookBack' | 'shortUnder' | 'duplicateWithin') =>
    durationMs(settings[name], [...path, name], findings)
  const { halfLife } = settings
  return {
    qualifiedAfterMs: read('qualifiedAfter'),
    returningLookBackMs: read('returningLookBack'),
    shortUnderMs: read('shortUnder'),
    duplicateWithinMs: read('duplicateWithin'),
    lookBackMs: positive(settings.lookBack.duration, [...path, 'lookBack', 'duration'], findings),
    lookBackTouches: settings.lookBack.touches,
    halfLifeMs: positive(halfLife, [...path, 'halfLife'], findings),
  }
}

/** Without what is as it always was, so that the version of such a policy stays what it was. */
export function callPolicy(calls: CallPolicy): CallPolicy {
  const defaults: Partial<CallPolicy> = callDefaults
  const isOwn = ([name, value]: [string, number]) => defaults[name as keyof CallPolicy] !== value
  return Object.fromEntries(Object.entries(calls).filter(isOwn)) as CallPolicy
}
