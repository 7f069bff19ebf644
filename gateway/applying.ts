import { realpathSync } from 'node:fs'
import type { Config, ConfigProblems } from '../config/config.ts'
import type { Logger } from '../config/logger.ts'
import { limits } from '../core/limits.ts'
import type { ProblemCode } from '../core/problems.ts'
import { applyTenants, type By, type Configured, type Desk, isInForce } from './configure.ts'
import { createTenants } from './tenants.ts'

/** What became of one tenant of the file. `isKnown`: this gateway takes its visits and calls; else from its next start on. */
export type TenantApplied = {
  readonly tenant: string
  readonly became: Configured
  readonly isKnown: boolean
}

/**
 * Puts the file that a process was started with in force again, while it runs: in the partitions first, then in what the
 * gateway beside them knows: of each tenant whose partition has it in force. One at a time, so that the file that was read
 * last is the one that stays; and only so many wait.
 */
export type Applying = (file: string, how: How) => Promise<readonly TenantApplied[] | ProblemCode>

/** Who asks, and which tenants are introduced anew although their contract ended. */
type How = { readonly by: By; readonly again: readonly string[] }

export type ApplyingSetup = Desk & {
  readonly config: Config
  readonly reread: () => Config | ConfigProblems
  readonly logger: Logger
}

export function createApplying(setup: ApplyingSetup): Applying {
  const file = realPath(setup.config.file)
  let last: Promise<unknown> = Promise.resolve()
  let underWay = 0
  return async (asked, how) => {
    if (file === null || realPath(asked) !== file) return 'other-file'
    if (underWay >= limits.appliesUnderWayMax) return 'too-many-applies'
    underWay += 1
    const applied = last
      .then(() => apply(setup, how))
      .finally(() => {
        underWay -= 1
      })
    last = applied.catch(() => undefined)
    return applied
  }
}

async function apply(
  { config, reread, tenants, owners, intake, logger }: ApplyingSetup,
  how: How,
): Promise<readonly TenantApplied[] | ProblemCode> {
  const newer = reread()
  if (newer.kind !== 'config') return 'file-has-problems'
  // How many partitions there are cannot change while they run.
  const inFile = createTenants({ ...newer, partitions: config.partitions })
  const became = await applyTenants({ tenants: inFile, owners, intake }, how)
  tenants.adopt({ ...newer, tenants: newer.tenants.filter(({ id }) => isInForce(became.get(id))) })
  return [...became].map(([tenant, what]) => {
    if (!isInForce(what)) logger.warn({ tenant, became: what }, 'configuration_not_applied')
    return { tenant, became: what, isKnown: tenants.tenant(tenant) !== undefined }
  })
}

/** null: it is not there. */
function realPath(file: string): string | null {
  try {
    return realpathSync(file)
  } catch {
    return null
  }
}
