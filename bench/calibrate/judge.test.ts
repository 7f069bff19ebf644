import { expect, test } from 'vitest'
import { lossesOf, missesOf } from './judge.ts'

const of = (calls: number, error: number) => ({ calls, error }) as never

test('what is promised is held to what was measured, of kinds with at least 500 answers', () => {
  const good = { overall: of(9_000, 0.02), byKind: [['tail', of(500, 0.05)] as const], byShape: [] }
  expect(missesOf('a', good)).toEqual([])
  const few = { ...good, byKind: [['tail', of(499, 0.2)] as const] }
  expect(missesOf('a', few)).toEqual([])
  const bad = { ...good, overall: of(9_000, 0.0201), byKind: [['tail', of(500, 0.0501)] as const] }
  expect(missesOf('a', bad)).toHaveLength(2)
})

test('a way of others that is wrong no more often than ours is named', () => {
  const peer = (wrong: number, ours: number | null) => ({
    ...{ name: 'theirs', wrong },
    oursThere: ours === null ? null : { wrong: ours },
  })
  const of = (...peers: object[]) => [{ name: 'large', peers }] as never
  expect(lossesOf(of(peer(0.2, 0.1)))).toEqual([])
  expect(lossesOf(of(peer(0.2, 0.2), peer(0.2, null)))).toHaveLength(2)
})
