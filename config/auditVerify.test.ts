import fc from 'fast-check'
import { expect, test } from 'vitest'
import { examineChain, verifyChain } from './auditVerify.ts'
import { linesIn } from './jsonLines.ts'
import { readPublicKeys } from './signing.ts'
import {
  chainOf,
  followed,
  headsOf,
  linesOfRecords,
  otherSigner,
  publicKeys,
  rehashed,
  signer,
} from './testChain.ts'
import { type Chance, type Files, filesOf, type Scene, type Tampered, tamperings } from './testTampering.ts'

const scenes: readonly Scene[] = Array.from({ length: 40 }, (_, number) => {
  const length = 2 + ((number * 7) % 23)
  const chain = chainOf(length, 'acme', number * 100)
  const every = (step: number) => chain.map(one => one.index).filter(index => index % step === step - 1)
  const heads = [...new Set([...every(1 + (number % 5)), length - 1])]
  const anchors = [...new Set([...every(2 + (number % 7)), Math.max(0, length - 1 - (number % 3))])]
  return { chain, heads, anchors: anchors.sort((one, other) => one - other) }
})

const fileBytes = (lines: readonly string[]) => Buffer.from(lines.map(line => `${line}\n`).join(''))

/** One bit of one byte of a file, line ends included; and in which line it is. */
function flipped(lines: readonly string[], where: number, bit: number): { bytes: Buffer; line: number } {
  const bytes = fileBytes(lines)
  const at = where % bytes.length
  const line = bytes.subarray(0, at).filter(byte => byte === 10).length
  bytes[at] = (bytes[at] as number) ^ (1 << (bit % 8))
  return { bytes, line }
}

const verify = ({ records, heads, anchors }: Files) => verifyChain(records, heads, publicKeys, anchors)

test('what nobody touched is whole, up to its last head and anchor', async () => {
  for (const scene of scenes) {
    const verdict = await examineChain({ ...filesOf(scene), publicKeys })
    expect(verdict).toMatchObject({ trouble: null, records: scene.chain.length, unreadableAnchors: 0 })
    expect([verdict.head?.index, verdict.anchor?.index]).toEqual([scene.heads.at(-1), scene.anchors.at(-1)])
  }
})

const chance = fc.record({ a: fc.nat(), b: fc.nat(), c: fc.nat({ max: 1_000 }) })
const names = [...Object.keys(tamperings), 'a bit of the records flips', 'a bit of the heads flips']

async function finds(name: string, scene: Scene, { a, b, c }: Chance): Promise<void> {
  const files = filesOf(scene)
  if (name === 'a bit of the records flips') {
    const { bytes, line } = flipped(files.records, a, b)
    const trouble = await verifyChain(linesIn([bytes]), files.heads, publicKeys, files.anchors)
    expect(trouble?.index).toBe(line)
  } else if (name === 'a bit of the heads flips') {
    const { bytes, line } = flipped(files.heads, a, b)
    const trouble = await verifyChain(files.records, linesIn([bytes]), publicKeys, files.anchors)
    expect(trouble?.says).toContain(`line ${line + 1} of the heads`)
  } else {
    const tampered = tamperings[name]?.(scene, { a, b, c }) as Tampered
    expect((await verify(tampered))?.index).toBe(tampered.index)
  }
}

test('10,000 tamperings are all found, each where it is', async () => {
  const found = new Map<string, number>()
  const tampering = fc.asyncProperty(
    ...([fc.constantFrom(...names), fc.constantFrom(...scenes), chance] as const),
    async (name, scene, by) => {
      found.set(name, (found.get(name) ?? 0) + 1)
      await finds(name, scene, by)
    },
  )
  await fc.assert(tampering, { numRuns: 10_000 })
  expect(found.size).toBe(names.length)
  expect(Math.min(...found.values())).toBeGreaterThan(300)
}, 400_000)

test('the stated limit: who has the key can write anew what came after the last anchor', async () => {
  const chain = chainOf(12)
  const anchors = headsOf(chain, [3, 7])
  const written = followed(chain.slice(0, 8), 6, 'acme', 900)
  const files = { records: linesOfRecords(written), heads: headsOf(written, [3, 7, 13]), anchors }
  expect(await examineChain({ ...files, publicKeys })).toMatchObject({
    trouble: null,
    head: { index: 13 },
    anchor: { index: 7 },
  })
  // The next anchor, of what was there, finds it.
  const later = { ...files, anchors: headsOf(chain, [3, 7, 11]) }
  expect(await verify(later)).toMatchObject({ index: 11 })
})

test('without any signed head nothing is proven', async () => {
  const records = linesOfRecords(rehashed(chainOf(5), 2))
  expect(await verifyChain(records, [], publicKeys)).toMatchObject({
    index: 0,
    says: expect.stringMatching(/no signed head/),
  })
  expect(await verifyChain([], [], publicKeys)).toMatchObject({ index: 0 })
})

test('what follows the last head is whole, and the verdict says where the proof ends', async () => {
  const chain = chainOf(9)
  const verdict = await examineChain({
    records: linesOfRecords(chain),
    heads: headsOf(chain, [4]),
    publicKeys,
  })
  expect(verdict).toMatchObject({ trouble: null, records: 9, head: { index: 4 }, anchor: null })
})

test('heads of a key that was replaced need that key too', async () => {
  const chain = chainOf(6)
  const heads = [...headsOf(chain, [2], otherSigner), ...headsOf(chain, [5])]
  const both = [...publicKeys, ...readPublicKeys(otherSigner.publicKey)]
  expect(await verifyChain(linesOfRecords(chain), heads, both)).toBeNull()
  expect(await verifyChain(linesOfRecords(chain), heads, publicKeys)).toMatchObject({
    index: 2,
    says: expect.stringContaining(otherSigner.keyId),
  })
})

test('a head of another tenant among the heads is said; among the anchors it is passed over', async () => {
  const [chain, others] = [chainOf(6), chainOf(6, 'other')]
  const records = linesOfRecords(chain)
  const mixed = [...headsOf(chain, [1]), ...headsOf(others, [3]), ...headsOf(chain, [5])]
  expect(await verifyChain(records, mixed, publicKeys)).toMatchObject({ index: 3 })
  expect(await verifyChain(records, headsOf(chain, [5]), publicKeys, mixed)).toBeNull()
})

test('heads out of their order are said; the same head twice is not', async () => {
  const chain = chainOf(6)
  const records = linesOfRecords(chain)
  expect(await verifyChain(records, headsOf(chain, [1, 1, 5]), publicKeys)).toBeNull()
  expect(await verifyChain(records, headsOf(chain, [5, 1]), publicKeys)).not.toBeNull()
  expect(await verifyChain(records, headsOf(chain, [3, 1, 5]), publicKeys)).toMatchObject({ index: 1 })
})

test('a line that a power cut tore in the anchors is counted, and the others still count', async () => {
  const chain = chainOf(6)
  const [torn = '', whole = ''] = headsOf(chain, [2, 4])
  const anchors = [torn.slice(0, 40), whole]
  const verdict = await examineChain({
    ...{ records: linesOfRecords(chain), heads: headsOf(chain, [5]), anchors, publicKeys },
  })
  expect(verdict).toMatchObject({ trouble: null, unreadableAnchors: 1, anchor: { index: 4 } })
})

test('a chain of any length is read a line at a time, and no line is longer than it may be', async () => {
  let held = 0
  const length = 20_000
  const chain = chainOf(length)
  async function* counted() {
    for (const line of linesOfRecords(chain)) {
      held += 1
      yield line
    }
  }
  expect(await verifyChain(counted(), headsOf(chain, [length - 1]), publicKeys)).toBeNull()
  expect(held).toBe(length)
  const endless = (function* () {
    for (;;) yield Buffer.alloc(1 << 16, 'x')
  })()
  expect(await verifyChain(linesIn(endless), headsOf(chain, [3]), publicKeys)).toMatchObject({ index: 0 })
})

test('whoever holds the anchors needs no key of ours to find a wrong one', async () => {
  const chain = chainOf(4)
  const forged = headsOf(rehashed(chain.with(1, { ...chain[1], actor: 'x' } as never), 1), [3], otherSigner)
  const trouble = await verifyChain(linesOfRecords(chain), headsOf(chain, [3]), publicKeys, forged)
  expect(trouble).toMatchObject({ index: 3 })
  expect(signer.keyId).not.toBe(otherSigner.keyId)
})
