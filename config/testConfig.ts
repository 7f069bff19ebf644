import { formatProblems, loadConfig, type Config, type LoadOptions } from './config.ts'

/** For tests: a configuration that must be right. That it names no keys of its own is not told: `load.test.ts` looks at that. */
export function loaded(text: string, options: Partial<LoadOptions> = {}): Config {
  const config = loadConfig({ file: 'test.yaml', text, env: {}, ...options })
  if (config.kind === 'config-problems') throw new Error(formatProblems(config))
  const warnings = config.warnings.filter(({ path }) => path !== 'dataDir')
  return Object.freeze({ ...config, warnings: Object.freeze(warnings) })
}

/** For tests: every problem of a configuration, one a line, as people read it. */
export function problemsOf(text: string, options: Partial<LoadOptions> = {}): readonly string[] {
  const config = loadConfig({ file: 'test.yaml', text, env: {}, ...options })
  return config.kind === 'config-problems' ? formatProblems(config).split('\n') : []
}

/** For tests: one tenant as it is usually written. `more` goes below it, indented by four. */
export function tenantText(more = '', id = 'acme'): string {
  return `
tenants:
  - id: ${id}
${more.replace(/^(?=.)/gm, '    ')}`
}
