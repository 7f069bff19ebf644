/** What is chance or time, by form; each is named by when it was first seen, so that what was equal stays equal. */
const chances = [
  /rt_acme_[a-z2-7]{12}_[A-Za-z0-9_-]{43}/g,
  /(?<="(?:id|madeBy|key|actor)":\s?")[a-z2-7]{12}(?=")/g,
  /(?<![A-Za-z0-9_-])(?:[A-Za-z0-9_-]{22}|[A-Za-z0-9_-]{86})(?![A-Za-z0-9_-])/g,
  /\b(?:[0-9a-f]{64}|[0-9a-f]{24})\b/g,
]
const times = [
  /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g,
  /\d{1,2} [A-Z][a-z]{2} \d{4}, \d\d:\d\d:\d\d UTC/g,
  /(?<="(?:atMs|awareAt|to)":)\d{13}\b/g,
  /(?<="shownMs":)\d+\b/g,
]

/** For a test that compares two runs: the text of one, with names for what no two runs can share. */
export function createNames(): (text: string) => string {
  const names = new Map<string, string>()
  const nameOf = (found: string) => {
    const name = names.get(found) ?? `(${names.size})`
    names.set(found, name)
    return name
  }
  return text => {
    const timeless = times.reduce((rest, form) => rest.replaceAll(form, '(time)'), text)
    return chances.reduce((rest, form) => rest.replaceAll(form, nameOf), timeless)
  }
}
