import { expect, test } from 'vitest'
import { subjects } from '../core/wire/subjects.ts'
import { logStream, resultsStream } from './streams.ts'

const covers = (filter: string, subject: string) =>
  new RegExp(`^${filter.replaceAll('.', '\\.').replaceAll('*', '[^.]+').replace('>', '.+')}$`).test(subject)

test('the log refuses when it is full and forgets nothing by itself', () => {
  const log = logStream({ logBytesMax: 1_000, resultsBytesMax: 2_000, replicas: 3 })
  expect(log).toMatchObject({
    name: 'LOG',
    discard: 'new',
    max_bytes: 1_000,
    max_age: 0,
    max_msgs: -1,
    num_replicas: 3,
  })
  expect(log).toMatchObject({
    storage: 'file',
    retention: 'limits',
    duplicate_window: 120e9,
    deny_delete: false,
  })
})

test('results are kept for 7 days and give way when they are too many', () => {
  expect(resultsStream()).toMatchObject({ discard: 'old', max_age: 7 * 86_400e9, max_bytes: 1024 ** 3 })
})

test('every subject that is published belongs to exactly one stream', () => {
  const streams = [logStream(), resultsStream()]
  const owners = (subject: string) =>
    streams.filter(one => one.subjects.some(filter => covers(filter, subject))).map(one => one.name)
  expect(owners(subjects.log(15))).toEqual(['LOG'])
  expect(owners(subjects.results('acme', 'call'))).toEqual(['RESULTS'])
  expect(owners(subjects.control(3))).toEqual([])
  expect(owners(subjects.positions)).toEqual([])
  expect(owners(subjects.signals('acme'))).toEqual([])
  expect(owners(subjects.gateway('g1'))).toEqual([])
})
