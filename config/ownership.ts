import type { PhoneNumber } from '../core/words.ts'
import { formatPath, type Path } from './position.ts'
import type { Findings } from './problem.ts'
import type { TenantConfig } from './types.ts'

/**
 * Whether each number that people dial has one meaning: it stands in one pool, or is one static number, of one
 * tenant; and no call is forwarded to a number that would forward it again.
 */
export function checkOwnership(tenants: readonly TenantConfig[], findings: Findings): void {
  const owners = new Map<PhoneNumber, string>()
  for (const { numbers, at } of claims(tenants)) claim(owners, numbers, at, findings)
  for (const { number, at } of forwards(tenants)) {
    const owner = number === null ? undefined : owners.get(number)
    if (owner !== undefined)
      findings.report(at, `is itself a tracking number (${owner}): the call would go round`)
  }
}

type Claim = { readonly numbers: readonly PhoneNumber[]; readonly at: Path }

function claims(tenants: readonly TenantConfig[]): readonly Claim[] {
  return tenants.flatMap((tenant, index) => [
    ...tenant.pools.map((pool, at) => ({
      numbers: pool.numbers,
      at: ['tenants', index, 'pools', at, 'numbers'],
    })),
    ...tenant.statics.map((one, at) => ({
      numbers: [one.number],
      at: ['tenants', index, 'statics', at, 'number'],
    })),
  ])
}

/** One problem for a claim, however many of its numbers are taken. */
function claim(
  owners: Map<PhoneNumber, string>,
  numbers: readonly PhoneNumber[],
  at: Path,
  findings: Findings,
): void {
  const here = formatPath(at)
  const taken = numbers.filter(number => {
    const free = !owners.has(number)
    if (free) owners.set(number, here)
    return !free
  })
  const [first] = taken
  if (first === undefined) return
  const more = taken.length > 1 ? ` and ${taken.length - 1} more` : ''
  const owner = owners.get(first)
  findings.report(
    at,
    `has ${first}${more}, which ${owner === here ? 'it has already' : `${owner} has already`}`,
  )
}

function forwards(tenants: readonly TenantConfig[]): readonly { number: PhoneNumber | null; at: Path }[] {
  return tenants.flatMap((tenant, index) => {
    const at = ['tenants', index]
    return [
      { number: tenant.defaultForward, at: [...at, 'defaultForward'] },
      ...tenant.targets.map((one, position) => ({
        number: one.forward,
        at: [...at, 'targets', position, 'forward'],
      })),
      ...tenant.statics.map((one, position) => ({
        number: one.forward,
        at: [...at, 'statics', position, 'forward'],
      })),
    ]
  })
}
