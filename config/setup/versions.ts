/** Whether a version such as `2.10.27` is at least another. A suffix (`-beta.1`, `+dfsg`) counts for nothing. */
export function isAtLeast(version: string, least: string): boolean {
  const [have, want] = [partsOf(version), partsOf(least)]
  for (let index = 0; index < 3; index++) {
    const difference = (have[index] ?? 0) - (want[index] ?? 0)
    if (difference !== 0) return difference > 0
  }
  return true
}

function partsOf(version: string): number[] {
  return version
    .replace(/^v/, '')
    .split('.')
    .map(part => Number.parseInt(part, 10) || 0)
}
