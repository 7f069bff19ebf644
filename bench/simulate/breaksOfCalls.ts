import { type Break, one } from './oneBreak.ts'

/** Breaks of what a call's record says beside its match. */
export const breaksOfCalls: readonly Break[] = [
  one('a short call is missed', 'call.ts', 'rangMs < shortUnderMs', 'rangMs < 0'),
  one('duplicates have no end', 'caller.ts', 'sinceMs >= duplicateWithinMs || ', ''),
  one('a call to elsewhere is a duplicate', 'caller.ts', 'one.reached === reached && ', ''),
  one('a path knows what came after the ring', 'touches.ts', ' && at <= until', ''),
  one('a path has no beginning', 'touches.ts', 'at > since && ', ''),
  one('a page that was come to directly is a touch', 'touches.ts', '!isDirect(source) && ', ''),
  one(
    'a path of an erased visitor stays',
    'evolveSubjects.ts',
    '...(isGone(before.match, gone) && { shownMs: null, touches: [] }),',
    '',
  ),
  one(
    'a number was shown since it was lent first',
    'touches.ts',
    'if (isLookedAt && quietAt(claim, session, rangAt) !== noClaim) return claim.from',
    'if (isLookedAt && session !== null) return session.startedAt',
  ),
  one(
    'later calls are not revised',
    'laterCalls.ts',
    'if (before !== undefined && !isOtherwise(before, record)) return alone',
    'if (before !== undefined || record !== undefined) return alone',
  ),
  one(
    'a caller of many calls is taken for a new one',
    'laterCalls.ts',
    'isWhole: known.length < index.bounds.callsPerCallerMax,',
    'isWhole: true,',
  ),
  one(
    'an earlier call is weighed where a number is shared alone',
    'laterCalls.ts',
    "if (match.kind === 'static' || rangAt",
    "if (match.kind !== 'shared' || rangAt",
  ),
  one(
    'a later call is made wholly however long ago it was',
    'laterCalls.ts',
    "match.kind === 'static' || rangAt < state.now - index.policy.latenessMs",
    "match.kind === 'static'",
  ),
  one(
    'what was withdrawn is still known to be theirs',
    'holders.ts',
    'session.withdrawnAt === null && claim.visitor === visitor',
    'claim.visitor === visitor',
  ),
  one('a call that went to make room comes back', 'laterCalls.ts', " || isGone(told.room, 'call', key)", ''),
  one(
    'the history begins anew',
    'history.ts',
    'const history = before?.history ?? []',
    'const history: Revision[] = []',
  ),
]
