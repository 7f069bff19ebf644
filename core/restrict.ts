import type { TenantIndex } from './state.ts'
import { callerName, visitorName } from './subjectNames.ts'

/** Of whom nothing is used (rules P5, P6). */

export function isVisitorRestricted({ restricted }: TenantIndex, visitor: string): boolean {
  return restricted.size > 0 && restricted.has(visitorName(visitor))
}

export function isCallerRestricted({ restricted }: TenantIndex, a: string | null): boolean {
  return a !== null && restricted.size > 0 && restricted.has(callerName(a))
}
