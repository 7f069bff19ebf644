import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { loaded } from '../../config/testConfig.ts'
import { manifestFacts } from '../../config/export/signature.ts'
import { agreedKey, makeIntakePair } from '../../config/intakeKeys.ts'
import { wrap } from '../../config/keyWrap.ts'
import { pack } from '../../config/pack.ts'
import type { ControlReply, ControlRequest } from '../../core/wire/control.ts'
import { policyOf } from '../../core/story.ts'
import type { AdminDesk } from '../adminDesk.ts'
import type { Tenant } from '../tenants.ts'
import { exportSubjects } from './handlers.ts'
import { NotRecorded, signedByOwner } from './signing.ts'

const nothing = { events: [], calls: [], sessions: [], next: null }
const tenant = {
  id: 'acme',
  partition: 1,
  policy: policyOf(0),
  config: { carriers: {} },
} as unknown as Tenant

/** An owner that holds nothing of anybody, and has no record of what it is to sign. */
async function ask(_partition: number, request: ControlRequest): Promise<ControlReply> {
  if (request.kind === 'standing') return { kind: 'standing', current: true, unheld: [], restrictions: {} }
  if (request.kind !== 'records') return { kind: 'sign-export', current: false, signed: null }
  const { publicHalf, privateHalf } = makeIntakePair()
  const key = agreedKey(privateHalf, request.for)
  const bytes = wrap(pack(nothing), key, randomBytes(12), Buffer.from('ringtrail records v1'))
  return { kind: 'records', current: true, from: publicHalf, bytes }
}

const desk = {
  owners: { ask },
  pseudonyms: { reference: () => 'reference' },
  terms: { of: () => ({ retentionMs: 1 }) },
  config: loaded(''),
  clock: () => 0,
} as unknown as AdminDesk

test('what no owner signs is not given out, and who asked is told to ask again', async () => {
  const asked = { tenant, body: { subjects: ['v:anna'] }, note: async () => null }
  const answer = await exportSubjects(desk, asked as unknown as Parameters<typeof exportSubjects>[1])
  expect(answer.status).toBe(503)
  expect(JSON.parse(String(answer.body))).toMatchObject({ error: { code: 'not-recorded' } })
  const facts = manifestFacts(
    { tenant: 'acme', request: 'r', purpose: 'portability', madeAt: '' } as never,
    Buffer.of(),
  )
  await expect(signedByOwner(desk, tenant)(facts)).rejects.toThrow(NotRecorded)
})
