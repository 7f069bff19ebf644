import { expect, test } from 'vitest'
import type { Outcome } from '../core/outcome.ts'
import type { LogTime } from '../core/words.ts'
import { gather, resultsOf } from './results.ts'

const refused = (tenant: string): Outcome => ({
  kind: 'refused',
  tenant,
  problem: 'call-conflict',
  call: 'c',
})
const at = 1 as LogTime

test('neighbours share a message, and ids only grow over all messages of a partition', () => {
  const pending = [
    ...resultsOf({ sequence: 1, at, kind: 'call' }, [
      refused('a'),
      { kind: 'repeated', what: 'event' },
      refused('a'),
    ]),
    ...resultsOf({ sequence: 2, at, kind: 'call' }, [refused('a')]),
    ...resultsOf({ sequence: 3, at, kind: 'session' }, [refused('a')]),
    ...resultsOf({ sequence: 4, at, kind: 'call' }, [refused('a'), refused('b')]),
  ]
  const messages = gather(0, 1, pending)
  const ids = messages.map(({ kind, message }) => [
    message.tenant,
    kind,
    message.results.map(({ sequence, index }) => `${sequence}.${index}`),
  ])
  expect(ids).toEqual([
    ['a', 'call', ['1.0', '1.1', '2.0']],
    ['a', 'session', ['3.0']],
    ['a', 'call', ['4.0']],
    ['b', 'call', ['4.1']],
  ])
})
