/**
 * The entry to the configuration: `loadConfig` reads, layers and checks it, and gives one frozen object or every
 * problem at once. What it may hold stands in `schema.ts`, the environment's names in `layers.ts`.
 */
export { loadConfig, type LoadOptions } from './load.ts'
export { describeConfig } from './describe.ts'
export { policyVersion, tenantPolicy } from './policy.ts'
export { type ConfigProblems, formatProblems } from './problem.ts'
export { configJsonSchema } from './schema.ts'
export type { CarrierSecrets, Config, SiteConfig, TenantConfig } from './types.ts'
