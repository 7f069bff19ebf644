import { createHash } from 'node:crypto'

/** `hash(tenant, slice) % partitions`, fixed for the life of a deployment. A tenant has one slice: 0. */
export function partitionOfTenant(tenant: string, slice: number, partitions: number): number {
  return createHash('sha256').update(`${tenant}/${slice}`).digest().readUInt32BE(0) % partitions
}

/**
 * Reads which partitions a worker owns, such as `0-7,12`: each once, in order. Throws a sentence where the text is
 * something else or names a partition that the deployment does not have.
 */
export function parsePartitions(text: string, count: number): readonly number[] {
  const named = new Set<number>()
  for (const part of text.split(',')) {
    const [, first, last] = /^\s*(\d{1,4})(?:-(\d{1,4}))?\s*$/.exec(part) ?? []
    const from = Number(first)
    const to = Number(last ?? first)
    if (first === undefined || from > to || to >= count) throw new Error(says(text, count))
    for (let partition = from; partition <= to; partition++) named.add(partition)
  }
  return [...named].sort((one, other) => one - other)
}

function says(text: string, count: number): string {
  return `--partitions has to name partitions from 0 to ${count - 1}, such as 0-${count - 1}, not ${JSON.stringify(text)}.`
}
