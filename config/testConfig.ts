import { formatProblems, loadConfig, type Config, type LoadOptions } from './config.ts'

/** For tests: a configuration that must be right. */
export function loaded(text: string, options: Partial<LoadOptions> = {}): Config {
  const config = loadConfig({ file: 'test.yaml', text, env: {}, ...options })
  if (config.kind === 'config-problems') throw new Error(formatProblems(config))
  return config
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
