import { expect, test } from 'vitest'
import { packageIn } from '../export/readPackage.ts'
import { memoryTarget } from '../export/target.ts'
import { otherSigner, publicKeys, signer } from '../testChain.ts'
import type { Signer } from '../signing.ts'
import { writeEvidence } from './collect.ts'
import { verifyEvidence } from './verify.ts'

const day = 86_400_000

async function collected(by: Signer | null = signer): Promise<Map<string, Uint8Array>> {
  const target = memoryTarget()
  const source = {
    ...{ tenants: ['acme'], publicKeys, heads: async () => [] },
    async *records() {},
  }
  await writeEvidence(target, { source, made: {}, fromMs: 0, toMs: day, nowMs: day, signer: by })
  return target.files
}

const verdictOf = async (files: ReadonlyMap<string, Uint8Array>) => {
  const { troubles, signature } = await verifyEvidence(packageIn(files), publicKeys)
  return troubles[0] === undefined
    ? (signature?.kind ?? 'unsigned')
    : `${troubles[0].file} ${troubles[0].says}`
}

test('evidence as it was collected is genuine, and by whom it is not signed is said', async () => {
  expect(await verdictOf(await collected())).toBe('as-expected')
  expect(await verdictOf(await collected(otherSigner))).toBe('unexpected-key')
  expect(await verdictOf(await collected(null))).toBe('unsigned')
})

test('whatever file is changed, left out or put beside, it is found', async () => {
  for (const name of (await collected()).keys()) {
    const [changed, less] = [await collected(), await collected()]
    const bytes = Buffer.from(changed.get(name) ?? new Uint8Array())
    // The last line feed stays: a manifest is read as JSON, whatever is around it.
    bytes[bytes.length - 3] = (bytes.at(-3) ?? 0) ^ 1
    changed.set(name, bytes)
    expect(await verdictOf(changed), name).not.toBe('as-expected')
    less.delete(name)
    expect(await verdictOf(less), name).not.toBe('as-expected')
  }
  const more = (await collected()).set('restore-tests-2.jsonl', Buffer.from('{}\n'))
  expect(await verdictOf(more)).toBe('restore-tests-2.jsonl is not in the manifest')
})

test('what is no manifest is said to be none', async () => {
  for (const text of ['', 'null', '{}', '{"format":"ringtrail-evidence","version":1,"kinds":[{}]}'])
    expect(await verdictOf(new Map([['manifest.json', Buffer.from(text)]]))).toMatch(/no manifest that/)
})
