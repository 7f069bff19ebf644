import { formatPath, type Path, type Place } from './position.ts'

/** One thing that is wrong (or doubtful) in the configuration, with where it was written. */
export type ConfigProblem = {
  /** `tenants[0].pools[0].tail`; empty for the whole. */
  readonly path: string
  /** The file, the environment variable or the flag. */
  readonly source: string
  /** null outside of a file. */
  readonly line: number | null
  readonly column: number | null
  /** A sentence about the path, without secrets: `has to be …`. */
  readonly says: string
}

/** What `loadConfig` gives in place of a configuration: everything that has to be put right. */
export type ConfigProblems = {
  readonly kind: 'config-problems'
  readonly problems: readonly ConfigProblem[]
  readonly warnings: readonly ConfigProblem[]
}

/** One problem a line, in the order of the file: `config/ringtrail.yaml:12:7 tenants[0].pools[0].tail: has to be …`. */
export function formatProblems(found: ConfigProblems | readonly ConfigProblem[]): string {
  const list = 'kind' in found ? found.problems : found
  const order = (one: ConfigProblem) => (one.line ?? 0) * 10_000 + (one.column ?? 0)
  return [...list]
    .sort((one, other) => order(one) - order(other))
    .map(formatProblem)
    .join('\n')
}

function formatProblem({ source, line, column, path, says }: ConfigProblem): string {
  const place = line === null ? source : `${source}:${line}:${column ?? 1}`
  return path === '' ? `${place}: ${says}` : `${place} ${path}: ${says}`
}

/** Where a value came from: the file with its place, or whatever overrode it. */
export type Origin = { readonly source: string; readonly place: Place | null }

/** Collects problems while the configuration is read; the first about a path is the one that is told. */
export class Findings {
  readonly problems: ConfigProblem[] = []
  readonly warnings: ConfigProblem[] = []
  readonly #told = new Set<string>()
  readonly #originOf: (path: Path, part: 'key' | 'value') => Origin
  /** Whether somebody wrote the value at a path: a default is nobody's mistake. */
  readonly isWritten: (path: Path) => boolean

  constructor(
    originOf: (path: Path, part: 'key' | 'value') => Origin,
    isWritten: (path: Path) => boolean = () => true,
  ) {
    this.#originOf = originOf
    this.isWritten = isWritten
  }

  report(path: Path, says: string, part: 'key' | 'value' = 'value'): void {
    if (this.about(path)) return
    this.#told.add(formatPath(path))
    this.problems.push(this.#problem(path, says, part))
  }

  warn(path: Path, says: string): void {
    this.warnings.push(this.#problem(path, says, 'value'))
  }

  /** Whether something is wrong with the value at exactly this path. */
  about(path: Path): boolean {
    return this.#told.has(formatPath(path))
  }

  #problem(path: Path, says: string, part: 'key' | 'value'): ConfigProblem {
    const { source, place } = this.#originOf(path, part)
    return { path: formatPath(path), source, line: place?.line ?? null, column: place?.column ?? null, says }
  }
}
