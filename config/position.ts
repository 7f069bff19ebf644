import {
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
} from 'yaml'

/** The one door to the YAML library: a text becomes a value whose every part knows its line and column. */

/** A way into a value: keys of maps and indexes of lists. */
export type Path = readonly (string | number)[]

/** Counted from 1, as editors do. */
export type Place = { readonly line: number; readonly column: number }

export type Written = {
  readonly value: unknown
  /** Where a value stands; if it is not there, where the nearest thing around it does. */
  readonly placeOf: (path: Path) => Place | null
  /** Where the last key of the path stands. */
  readonly placeOfKey: (path: Path) => Place | null
  /** Whether anything is written there. */
  readonly isWritten: (path: Path) => boolean
  /** A plain value exactly as it was written, such as `+4570000001`, which YAML reads as a number. */
  readonly writtenAs: (path: Path) => string | null
  readonly faults: readonly (Place & { readonly says: string })[]
}

/** Reads YAML 1.2 (and so JSON). Faults never quote the text, because a secret may stand in it. Never throws. */
export function readYaml(source: string): Written {
  const lines = new LineCounter()
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false })
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  const faults = document.errors.map(error => ({ ...place(error.pos[0]), says: error.message }))
  const { value, says } = unfold(document, faults.length > 0)
  if (says !== null) faults.push({ line: 1, column: 1, says })
  const at = (node: Node | null) => (node?.range ? place(node.range[0]) : null)
  return {
    value,
    faults,
    placeOf: path => at(nearest(document, path)),
    placeOfKey: path => at(keyOf(document, path) ?? nearest(document, path)),
    isWritten: path => found(document, path) !== null,
    writtenAs: path => {
      const node = found(document, path)
      return isScalar(node) ? (node.source ?? null) : null
    },
  }
}

/** Turns a path into text: `tenants[0].pools[0].tail`. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`
    return text === '' ? key : `${text}.${key}`
  }, '')
}

/** Reads what `formatPath` writes. */
export function parsePath(text: string): Path {
  return (text.match(/[^.[\]]+/g) ?? []).map(key => (/^\d+$/.test(key) ? Number(key) : key))
}

/** Aliases that unfold without end, or to nothing, throw in the library; here that is a fault like others. */
function unfold(document: Document, faulty: boolean): { value: unknown; says: string | null } {
  if (faulty) return { value: null, says: null }
  try {
    return { value: document.toJS(), says: null }
  } catch {
    return { value: null, says: 'has an alias (*name) that leads nowhere or unfolds without end' }
  }
}

function found(document: Document, path: Path): Node | null {
  let node: unknown = document.contents
  for (const key of path) {
    const map = isAlias(node) ? node.resolve(document) : node
    if (!isCollection(map)) return null
    node = map.get(key, true)
  }
  return isNode(node) ? node : null
}

function nearest(document: Document, path: Path): Node | null {
  for (let length = path.length; length > 0; length -= 1) {
    const node = found(document, path.slice(0, length))
    if (node !== null) return node
  }
  return found(document, [])
}

function keyOf(document: Document, path: Path): Node | null {
  const around = found(document, path.slice(0, -1))
  const map = isAlias(around) ? around.resolve(document) : around
  if (!isMap(map)) return null
  const key = map.items.find(pair => isScalar(pair.key) && pair.key.value === path.at(-1))?.key
  return isNode(key) ? key : null
}
