import type { SegmentRule, Segments, Source, TargetPolicy } from '../core/policy.ts'

/** A page as segments ask about it. `country`: whose numbers it asks for, empty if it does not say. */
type AskedPage = { readonly source: Source; readonly url: string; readonly country: string }

/** For each target the first of its segments that fits the page; a target of which none does is left out. */
export function segmentsOf(targets: readonly TargetPolicy[], page: AskedPage): Segments {
  const found: Record<string, string> = {}
  for (const { id, segments } of targets) {
    const segment = segments?.find(one => fits(one.when, page))
    if (segment !== undefined) found[id] = segment.id
  }
  return found
}

function fits({ landingPath, country, ...classes }: SegmentRule, page: AskedPage): boolean {
  const source: Readonly<Record<string, unknown>> = page.source
  const isOfClass = Object.entries(classes).every(([name, wanted]) => isSame(source[name], wanted))
  return (
    isOfClass &&
    (country === undefined || isSame(page.country, country)) &&
    (landingPath === undefined || pathOf(page.url).startsWith(landingPath))
  )
}

/** As people write these words: case says nothing. */
function isSame(found: unknown, wanted: string): boolean {
  return typeof found === 'string' && found.toLowerCase() === wanted.toLowerCase()
}

function pathOf(url: string): string {
  return URL.parse(url)?.pathname ?? ''
}
