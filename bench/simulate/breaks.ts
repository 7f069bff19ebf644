import { breaksOfCalls } from './breaksOfCalls.ts'
import { breaksOfRequests } from './breaksOfRequests.ts'
import { type Break, one } from './oneBreak.ts'

const breaksOfTraffic: readonly Break[] = [
  one(
    'a session is alive a millisecond too long',
    'life.ts',
    "if (at < aliveUntil(claim, last)) return 'alive'",
    "if (at <= aliveUntil(claim, last)) return 'alive'",
  ),
  one(
    'a claim ends a millisecond too late',
    'life.ts',
    'return at < tailUntil(claim, at - quietMs) + claim.coolDownMs ?',
    'return at <= tailUntil(claim, at - quietMs) + claim.coolDownMs ?',
  ),
  one(
    'a number is kept at the end of its tail',
    'assign.ts',
    'now < heldUntil(held, lastLife(known)))',
    'now <= heldUntil(held, lastLife(known)))',
  ),
  one(
    'the cool-down is forgotten',
    'life.ts',
    'return tailUntil(claim, lastLife(session as Session)) + claim.coolDownMs',
    'return tailUntil(claim, lastLife(session as Session))',
  ),
  one(
    'a number is lent a minute before its cool-down ends',
    'assign.ts',
    'if (longest.at <= now)',
    'if (longest.at <= now + 60_000)',
  ),
  one(
    'sticky takes a number that somebody else holds',
    'assign.ts',
    'if (!isOwn && endOf(claim, session) > now) return null',
    '',
  ),
  one('sticky knows no end', 'assign.ts', 'now - lastLife(lentTo) >= pool.policy.stickyMs ||', ''),
  one('the clock runs back', 'machine.ts', 'if (entry.at > state.now) {', 'if (entry.at !== state.now) {'),
  one('the clock is lost in a restart', 'machine.ts', "state.tables.clock.set('now', entry.at)", ''),
  one(
    'the tail is measured from the start of the session',
    'life.ts',
    'return at < span[1] ? 0 : at - span[1]',
    'return at < span[1] ? 0 : at - span[0]',
  ),
  one('a minimum hold is forgotten', 'life.ts', 'Math.max(until, claim.from + claim.minHoldMs)', 'until'),
  one(
    'a session is over before its minimum hold is',
    'life.ts',
    'Math.max(last + session.reachMs, session.keptUntil ?? 0)',
    'last + session.reachMs',
  ),
  one('a number is held longer than it may be', 'life.ts', 'Math.min(until, maxUntil)', 'until'),
  one(
    'signs of life after a maximum hold count for it',
    'life.ts',
    'return heardAt === undefined || at < heardAt || quietMs === noClaim ? quietMs : at - heardAt',
    'return quietMs',
  ),
  one(
    'a session gets the number back that it held for as long as it may',
    'assign.ts',
    'isHoldOver(claim, now) &&',
    '!isHoldOver(claim, now) &&',
  ),
  one(
    'a session is of the segments of its last page',
    'arrive.ts',
    'const of = latest.segments === undefined ? {} : { segments: latest.segments }',
    'const of = input.segments === undefined ? {} : { segments: input.segments }',
  ),
  one(
    'a segment’s pool serves whoever names it',
    'state.ts',
    'return pool?.target?.id === target.id ? pool : null',
    'return pool ?? null',
  ),
  one(
    'a sign of life revives a claim after its tail',
    'claims.ts',
    'if (isHeld && claim.over === null && claim.cut === null) settle(claim, last)',
    '',
  ),
  one(
    'a gap is one only for the most patient pool',
    'evolve.ts',
    'now - span[1] < session.gapMs)',
    'now - span[1] < session.idleMs)',
  ),
  one(
    'confidence goes over 1,000',
    'weigh.ts',
    'Math.trunc((1_000 * weight) / all)',
    'Math.trunc((1_920 * weight) / all)',
  ),
  one('a click after the ring counts', 'weigh.ts', ' && click.at <= at)', ')'),
  one(
    'a number is busy by what is lent later',
    'weigh.ts',
    'if (from <= at && (from > oldest',
    'if ((from > oldest',
  ),
  one(
    'what rings within lateness makes a number ring often',
    'weigh.ts',
    'const until = dayOf(at - latenessMs)',
    'const until = dayOf(at) + 1',
  ),
  one(
    'a call that moved rang twice',
    'rings.ts',
    'if (before !== undefined) this.#count(before, -1)',
    'if (before === null) this.#count(before, -1)',
  ),
  one(
    'a visitor who had the number before is somebody else',
    'holders.ts',
    'if (isTheirs(before, session, claim.visitor)) continue',
    '',
  ),
  one(
    'whoever had the number last had it, whoever had it since',
    'holders.ts',
    'record.freeSince > endsAt || ',
    '',
  ),
  one(
    'who called before is nobody beside a holder',
    'match.ts',
    'if (link !== null && link.to.visitor !== session.visitor)',
    'if (link === null && calls.length > 99)',
  ),
  one('what was dialled before is not looked at', 'weigh.ts', 'call.rangAt < lentAt', 'call.rangAt < 0'),
  one(
    'a telephone of many is one of one',
    'weigh.ts',
    'if (first !== null && visitor !== first) return 1',
    '',
  ),
  one(
    'a repeated message counts twice',
    'producers.ts',
    'if (counter === known.highest) return sequence === known.sequence',
    'if (counter === known.highest) return true',
  ),
  one('a message that filled a gap counts twice', 'producers.ts', 'producer.gaps.splice(gap, 1)', ''),
  {
    name: 'a withheld caller is linked',
    edits: [
      {
        file: 'core/caller.ts',
        find: 'return a === null ? none : (index.callers.get(a)?.calls ?? none)',
        replace: "return index.callers.get(a ?? 'withheld')?.calls ?? none",
      },
      {
        file: 'core/evolveCall.ts',
        find: 'if (a !== null) remember(index, a, record)',
        replace: "remember(index, a ?? ('withheld' as Pseudonym), record)",
      },
    ],
  },
  one('a later call makes an earlier one returning', 'caller.ts', 'rangAt >= at || ', ''),
  one(
    'look-back reaches a millisecond too far',
    'caller.ts',
    'at - rangAt >= calls.returningLookBackMs',
    'at - rangAt > calls.returningLookBackMs',
  ),
  one(
    'a call is remembered a millisecond too long',
    'due.ts',
    'return latest + policy.retentionMs',
    'return latest + policy.retentionMs + 1',
  ),
  one(
    'a late signal is matched as of now',
    'conclude.ts',
    'a: caller, b, at: rang.at,',
    'a: caller, b, at: state.now,',
  ),
  one(
    'a call is matched again at every signal',
    'call.ts',
    'const stands = known !== undefined &&',
    'const stands = false && known !== undefined &&',
  ),
  one('another dialled number is the same signal again', 'call.ts', '    before.b === heard.b &&\n', ''),
  one(
    'a signal from five minutes ahead is taken',
    'call.ts',
    'stated - own >= limits.futureToleranceMs',
    'stated - own > limits.futureToleranceMs',
  ),
  one(
    'a policy alters the past',
    'state.ts',
    'for (const pool of policy.pools) layPool(index, pool, pools, poolOfNumber)\n',
    `for (const pool of policy.pools) layPool(index, pool, pools, poolOfNumber)
  for (const [number, { claims }] of numbers.entries()) {
    const { coolDownMs } = poolOfNumber.get(number as PhoneNumber)?.policy ?? {}
    if (coolDownMs !== undefined) for (const claim of claims) Object.assign(claim, { coolDownMs })
  }\n`,
  ),
  one(
    'withdrawn consent leaves the name',
    'evolveSubjects.ts',
    'session.withdrawnAt = now\n',
    'session.withdrawnAt = null\n',
  ),
  one('a withdrawn number is free at once', 'evolveSubjects.ts', 'claim.nameless = true\n', ''),
  one(
    'a number forgets when its last claim ended',
    'claims.ts',
    'record.freeSince = Math.max(record.freeSince, endsAt)',
    'record.freeSince = 0',
  ),
  one('what a producer said is not stored', 'producers.ts', 'producers.touch(name)\n', ''),
  one(
    'a session is announced as over when it was noticed',
    'arrive.ts',
    'const endedAt = (lastLife(session) + idleMs) as LogTime',
    'const endedAt = (lastLife(session) + session.reachMs) as LogTime',
  ),
  {
    name: 'results of one message share an id',
    edits: [
      {
        file: 'workers/results.ts',
        find: 'result: { sequence, index, at, outcome }',
        replace: 'result: { sequence, index: 0, at, outcome }',
      },
    ],
  },
  {
    name: 'what is deleted stays in the store',
    edits: [
      {
        file: 'workers/rows.ts',
        find: 'rows.push({',
        replace: 'if (value !== undefined) rows.push({',
      },
    ],
  },
]

/**
 * Deliberate breaks of the core, as edits of its text. Each has to be caught by a simulation of a few seeds
 * (`breaks.test.ts`): what the simulator would not notice, it does not prove. Where a line changes, its break changes
 * with it: an edit that finds its text not exactly once fails the test.
 */
export const breaks: readonly Break[] = [...breaksOfTraffic, ...breaksOfCalls, ...breaksOfRequests]
