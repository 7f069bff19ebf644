import { broken } from './invariantsQueue.ts'
import { createNames, nameAll, type TenantNames } from './names.ts'
import { callerName, visitorName } from './subjectNames.ts'
import { type State, type TenantIndex, visitorKey } from './state.ts'

/** People are found wherever they are named, and of whom nothing may be used nothing is. */
export function checkSubjects({ bounds, tables }: State, index: TenantIndex): void {
  const names = createNames()
  nameAll({ ...index, names })
  for (const what of ['sessions', 'matched', 'calls', 'linked'] as const)
    if (spelled(names, what) !== spelled(index.names, what)) broken(`everybody named is found in ${what}`)
  if (rung(names) !== rung(index.names)) broken('every ring of a number is counted')
  if (index.restricted.size > bounds.restrictedPerTenantMax) broken('restrictions are bounded')
  for (const [, session] of index.sessions.entries()) {
    const { site, visitor, withdrawnAt } = session
    if (!index.restricted.has(visitorName(visitor))) continue
    if (withdrawnAt === null || index.visitors.has(visitorKey(site, visitor)))
      broken('nothing of a restricted visitor is used')
  }
  for (const [name] of index.restricted.entries())
    if (!name.startsWith(visitorName('')) && !name.startsWith(callerName(''))) broken('a subject has a kind')
  if (tables.ended.has(index.id)) broken('a tenant that is there has not ended')
}

function spelled(names: TenantNames, what: Exclude<keyof TenantNames, 'rings'>): string {
  return JSON.stringify([...names[what].entries()].sort())
}

function rung({ rings }: TenantNames): string {
  return JSON.stringify([...rings.entries()].sort())
}
