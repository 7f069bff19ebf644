import type { AuditRecord } from '../core/audit.ts'
import { hashOf, recordLine } from './auditChain.ts'
import { chainOf, followed, headsOf, linesOfRecords, otherSigner, rehashed, signer } from './testChain.ts'

/** For tests: a chain as it lies in files, the ways in which somebody may tamper with it, and where that has to be found. */
export type Files = { readonly records: string[]; readonly heads: string[]; readonly anchors: string[] }

export type Scene = {
  readonly chain: readonly AuditRecord[]
  readonly heads: readonly number[]
  readonly anchors: readonly number[]
}

/** Three numbers of chance, of which a tampering takes what it needs. */
export type Chance = { readonly a: number; readonly b: number; readonly c: number }

/** `index` null: it has to be said of a line of the heads, whatever it claims. */
export type Tampered = Files & { readonly index: number | null; readonly says?: string }

export const filesOf = ({ chain, heads, anchors }: Scene): Files => ({
  records: linesOfRecords(chain),
  heads: headsOf(chain, heads),
  anchors: headsOf(chain, anchors),
})

const proofs = ({ heads, anchors }: Scene) => [...heads, ...anchors].sort((one, other) => one - other)
const firstFrom = (indexes: readonly number[], from: number) => indexes.find(index => index >= from)
const pick = <Item>(items: readonly Item[], number: number) => items[number % items.length] as Item

/** A record that says something else. `withHash`: and has the hash of what it says. */
function edited(record: AuditRecord, { b, c }: Chance, withHash: boolean): AuditRecord {
  const changes: Partial<AuditRecord>[] = [
    { actor: `${record.actor}x` },
    { action: record.action === 'audit-read' ? 'configured' : 'audit-read' },
    { subjects: [...record.subjects, `ref-${c}`] },
    { purpose: record.purpose === null ? 'a reason' : null },
    { counts: { records: -1 - c } },
    { atMs: record.atMs + 1 + c },
    { sequence: (record.sequence ?? 0) + 1 + c },
    { request: 'another' },
  ]
  const { hash, ...rest } = { ...record, ...pick(changes, b) }
  return { ...rest, hash: withHash ? hashOf(rest) : hash }
}

type Tampering = (scene: Scene, chance: Chance) => Tampered

const replaced = (lines: readonly string[], at: number, line: string) => lines.with(at, line)

/** Whoever writes from `from` on anew, and how far. */
function rewritten(scene: Scene, from: number, length: number): AuditRecord[] {
  return followed(scene.chain.slice(0, from), length - from, 'acme', 5_000)
}

/** What is found where nothing but the proofs in `indexes` can tell. */
const provenAt = (indexes: readonly number[], from: number, length: number) => {
  const index = firstFrom(indexes, from) ?? length
  return Math.min(index, length)
}

export const tamperings: Readonly<Record<string, Tampering>> = {
  'a field is changed': (scene, chance) => {
    const index = chance.a % scene.chain.length
    const line = recordLine(edited(scene.chain[index] as AuditRecord, chance, false))
    const files = filesOf(scene)
    return { ...files, records: replaced(files.records, index, line), index }
  },
  'a field is changed, and the hash of its record': (scene, chance) => {
    const at = chance.a % scene.chain.length
    const line = recordLine(edited(scene.chain[at] as AuditRecord, chance, true))
    const files = filesOf(scene)
    const index = proofs(scene).includes(at) ? at : at + 1
    return { ...files, records: replaced(files.records, at, line), index }
  },
  'a record is taken out': (scene, { a }) => {
    const index = a % scene.chain.length
    const files = filesOf(scene)
    return { ...files, records: files.records.toSpliced(index, 1), index }
  },
  'two records change places': (scene, { a, b }) => {
    const [one, other] = [a % scene.chain.length, b % scene.chain.length]
    const files = filesOf(scene)
    if (one === other) return tamperings['a record is taken out']?.(scene, { a, b, c: 0 }) as Tampered
    const [first, second] = [files.records[one], files.records[other]] as [string, string]
    const records = files.records.with(one, second).with(other, first)
    return { ...files, records, index: Math.min(one, other) }
  },
  'a record stands there twice': (scene, { a }) => {
    const at = a % scene.chain.length
    const files = filesOf(scene)
    return {
      ...files,
      records: files.records.toSpliced(at + 1, 0, files.records[at] as string),
      index: at + 1,
    }
  },
  'a record of another tenant is put in': (scene, { a, b }) => {
    const index = a % scene.chain.length
    const files = filesOf(scene)
    const stranger = recordLine(chainOf(scene.chain.length, 'other')[index] as AuditRecord)
    return { ...files, records: files.records.toSpliced(index, b % 2, stranger), index }
  },
  'the tail is cut': (scene, { a }) => {
    const index = a % scene.chain.length
    const files = filesOf(scene)
    return { ...files, records: files.records.slice(0, index), index }
  },
  'the tail is cut, and the heads that speak of it': (scene, { a }) => {
    const index = a % ((scene.anchors.at(-1) as number) + 1)
    const files = filesOf(scene)
    const heads = headsOf(
      scene.chain,
      scene.heads.filter(one => one < index),
    )
    return { ...files, records: files.records.slice(0, index), heads, index }
  },
  'the tail is cut and others put in its place': (scene, { a, b }) => {
    const from = a % scene.chain.length
    const length = from + 1 + (b % (scene.chain.length + 2))
    const records = linesOfRecords(rewritten(scene, from, length))
    return { ...filesOf(scene), records, index: provenAt(proofs(scene), from, length) }
  },
  'all is hashed anew, without the key': (scene, chance) => {
    const from = chance.a % scene.chain.length
    const changed = scene.chain.with(from, edited(scene.chain[from] as AuditRecord, chance, false))
    const records = linesOfRecords(rehashed(changed, from))
    return { ...filesOf(scene), records, index: firstFrom(proofs(scene), from) as number }
  },
  'all is hashed anew, and heads signed with another key': (scene, chance) => {
    const from = chance.a % scene.chain.length
    const changed = scene.chain.with(from, edited(scene.chain[from] as AuditRecord, chance, false))
    const chain = rehashed(changed, from)
    const [before, after] = [scene.heads.filter(one => one < from), scene.heads.filter(one => one >= from)]
    const heads = [...headsOf(scene.chain, before), ...headsOf(chain, after, otherSigner)]
    const index = firstFrom(proofs(scene), from) as number
    return { ...filesOf(scene), records: linesOfRecords(chain), heads, index }
  },
  'all up to an anchor is hashed anew and signed with the key': (scene, chance) => {
    const from = chance.a % ((scene.anchors.at(-1) as number) + 1)
    const changed = scene.chain.with(from, edited(scene.chain[from] as AuditRecord, chance, false))
    const chain = rehashed(changed, from)
    const index = firstFrom(scene.anchors, from) as number
    return {
      ...filesOf(scene),
      records: linesOfRecords(chain),
      heads: headsOf(chain, scene.heads, signer),
      index,
    }
  },
}
