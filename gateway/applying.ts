import { realpathSync } from 'node:fs'
import type { Config, ConfigProblems } from '../config/config.ts'
import type { ProblemCode } from '../core/problems.ts'
import { type By, type Configured, configureTenants, type Desk } from './configure.ts'
import { createTenants } from './tenants.ts'

/** What became of one tenant of the file. `isKnown`: this gateway takes its visits and calls; else from its next start on. */
export type TenantApplied = {
  readonly tenant: string
  readonly became: Configured
  readonly isKnown: boolean
}

/**
 * Puts the file that a process was started with in force again, while it runs: in the partitions first, then in what the
 * gateway beside them knows. One at a time, so that the file that was read last is the one that stays.
 */
export type Applying = (file: string, by: By) => Promise<readonly TenantApplied[] | ProblemCode>

export type ApplyingSetup = Desk & {
  readonly config: Config
  readonly reread: () => Config | ConfigProblems
}

export function createApplying(setup: ApplyingSetup): Applying {
  const file = realPath(setup.config.file)
  let last: Promise<unknown> = Promise.resolve()
  return async (asked, by) => {
    if (file === null || realPath(asked) !== file) return 'other-file'
    const applied = last.then(() => apply(setup, by))
    last = applied.catch(() => undefined)
    return applied
  }
}

async function apply(
  { config, reread, tenants, owners, intake }: ApplyingSetup,
  by: By,
): Promise<readonly TenantApplied[] | ProblemCode> {
  const newer = reread()
  if (newer.kind !== 'config') return 'file-has-problems'
  // How many partitions there are cannot change while they run.
  const inFile = createTenants({ ...newer, partitions: config.partitions })
  const configured = await configureTenants({ tenants: inFile, owners, intake }, by).catch(() => null)
  if (configured === null) return 'not-now'
  tenants.adopt(newer)
  return [...configured].map(([tenant, became]) => ({
    tenant,
    became,
    isKnown: tenants.tenant(tenant) !== undefined,
  }))
}

/** null: it is not there. */
function realPath(file: string): string | null {
  try {
    return realpathSync(file)
  } catch {
    return null
  }
}
