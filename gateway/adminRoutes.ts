import { keyRoutes } from './access/keyRoutes.ts'
import type { AdminRoute } from './adminRoute.ts'
import { applyRoutes } from './applyRoutes.ts'
import { auditRoutes } from './auditRoutes.ts'
import { contractRoutes } from './contract/contractRoutes.ts'
import { breachRoutes } from './breach/breachRoutes.ts'
import { callRoutes } from './callRoutes.ts'
import { questionRoutes } from './questions/questionRoutes.ts'
import { subjectRoutes } from './subjects/subjectRoutes.ts'
import { evidenceRoutes } from './evidence/evidenceRoutes.ts'

/**
 * Every route of the admin API. To add one: a row made by `tenantRoute` or `processorRoute` in a file beside its handler,
 * and that file's rows here. The guard stands before it by itself, `node gateway/adminDocument.ts` puts it into
 * config/openapi-admin.json, and bench/e2e/isolation.test.ts tries it with every wrong key: where its path has a place
 * other than `{tenant}`, or its body names something of a tenant, it needs a line in bench/e2e/isolationCases.ts.
 * Its scope is one of `core/access.ts`, and the scope's `sees` has to agree with `personal`.
 */
export const adminRoutes: readonly AdminRoute[] = [
  ...callRoutes,
  ...questionRoutes,
  ...keyRoutes,
  ...subjectRoutes,
  ...auditRoutes,
  ...evidenceRoutes,
  ...breachRoutes,
  ...contractRoutes,
  ...applyRoutes,
]
