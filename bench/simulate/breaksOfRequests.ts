import { type Break, one } from './oneBreak.ts'

/** Of what a person asks for (rules P). */
export const breaksOfRequests: readonly Break[] = [
  one(
    'a number of somebody who was erased is free at once',
    'claims.ts',
    'now + claim.coolDownMs : endsAt',
    'now : endsAt',
  ),
  one(
    'somebody who was erased never held a number',
    'life.ts',
    'if (session === null) return at < endOf(claim, null) ? nameless : noClaim',
    'if (session === null) return noClaim',
  ),
  one(
    'all who were erased are one holder',
    'holders.ts',
    'else if (session === null || !holders.some(',
    'else if (!holders.some(',
  ),
  one(
    'a claim keeps a name that was erased',
    'claims.ts',
    'before = bare(claim, until',
    'before = bare({ ...claim, target: session.visitor }, until',
  ),
  one(
    'an erased visitor stays a candidate',
    'evolveSubjects.ts',
    'candidates: match.candidates.filter(one => !gone.visitors.has(one.visitor)),',
    'candidates: match.candidates,',
  ),
  one(
    'a caller remembers whom an erased visitor was',
    'evolveSubjects.ts',
    'for (const a of index.names.linked.of(visitor)) unlink(index, a, gone)',
    '{}',
  ),
  one(
    'the next signal brings an erased caller back',
    'call.ts',
    'if (known?.settled === undefined) return heard',
    'return heard',
  ),
  one(
    'an erasure undoes an objection',
    'evolveSubjects.ts',
    "if (index.restricted.get(name)?.mode === 'restricted')",
    'if (index.restricted.has(name))',
  ),
  one(
    'a restricted visitor is let in',
    'arrive.ts',
    "if (isVisitorRestricted(index, visitor)) return refused(tenant, 'restricted')",
    '',
  ),
  one(
    'a restriction leaves the session as it is',
    'evolveSubjects.ts',
    'if (session.withdrawnAt === null) withdraw(',
    'if (session.withdrawnAt === 0) withdraw(',
  ),
  one(
    'a restricted caller is linked',
    'conclude.ts',
    'const caller = restricted ? null : a',
    'const caller = a',
  ),
  one(
    'a restricted caller remembers the call',
    'caller.ts',
    'return match.reasons.includes(callerRestricted) ? null : a',
    'return a',
  ),
  one(
    'restrictions know no bound',
    'subjects.ts',
    'index.restricted.size + more > state.bounds.restrictedPerTenantMax',
    'more < 0',
  ),
  one(
    'a rectified call is a conflict when its carrier repeats it',
    'call.ts',
    "(before.a === heard.a || settled.includes('a')) &&",
    'before.a === signal.a &&',
  ),
  one(
    'a rectified call is matched anew however long ago it was',
    'rectify.ts',
    "if (match.kind !== 'static' && rangAt >= state.now - index.policy.latenessMs)",
    "if (match.kind !== 'static')",
  ),
  one(
    'the calls of a contract that ended stay',
    'state.ts',
    'return [sessions, visitors, numbers, calls, callers, restricted]',
    'return [sessions, visitors, numbers, callers, restricted]',
  ),
  one(
    'after a restart a tenant that came anew has what was left of before',
    'evolve.ts',
    'for (const table of tenantTables(state)) table.of(outcome.tenant).leaveAtOnce()',
    '',
  ),
  one(
    'after a restart what was left of a tenant that had ended is there again',
    'state.ts',
    'if (!state.tables.policies.has(tenant)) table.of(tenant).clear()',
    '{}',
  ),
  one(
    'who is named is not found after a restart',
    'state.ts',
    'if (before === undefined) nameAll(index)',
    '',
  ),
]
