import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { agreedKey, makeIntakePair } from '../config/intakeKeys.ts'
import { unwrap } from '../config/keyWrap.ts'
import { createLogger } from '../config/logger.ts'
import { type Link, openLink } from '../config/nats.ts'
import { pack } from '../config/pack.ts'
import type { ControlReply, IntakeSaid } from '../core/wire/control.ts'
import { subjects } from '../core/wire/subjects.ts'
import { type NatsChild, startNats } from './natsChild.ts'
import { createOwners } from './owners.ts'
import { createSealingKeys } from './sealingKeys.ts'
import { createWrapping, type Wrapping } from './wrapping.ts'

// NATS is real; the owner's half is held here.

const folder = mkdtempSync(join(tmpdir(), 'ringtrail-wrapping-'))
let nats: NatsChild
let link: Link
beforeAll(async () => {
  nats = await startNats({
    storeDir: join(folder, 'nats'),
    durability: 'lazy',
    logger: createLogger('silent'),
  })
  link = await openLink(nats.link)
})
afterAll(async () => {
  await link.close()
  await nats.stop()
  rmSync(folder, { recursive: true, force: true })
})

const pair = makeIntakePair()
const said = (owner: string, id: number): IntakeSaid => ({
  partition: 3,
  owner,
  id: Buffer.alloc(8, id),
  publicHalf: pair.publicHalf,
})
const open = (clock: () => number = () => 0) =>
  createWrapping({ link, owners: createOwners(link), partitions: [3], dataDir: folder, clock })
const key = createSealingKeys(() => 0).subject('acme', 'v:anna', 86_400_000)
const idsIn = (wrapping: Wrapping) =>
  (wrapping.introduce(3, key)?.wraps ?? []).map(({ intake }) => intake[0]).sort()

async function heard(wrapping: Wrapping, ids: readonly number[]): Promise<void> {
  while (String(idsIn(wrapping)) !== String(ids)) await new Promise(resolve => setTimeout(resolve, 5))
}

test('nothing is introduced before an owner is known; then it can open what it is given, and nobody else', async () => {
  const wrapping = open()
  expect(wrapping.introduce(3, key)).toBeNull()
  const answering = link.subscribe(subjects.control(3), message =>
    message.respond(pack({ kind: 'intake', current: true, said: said('one', 1) } satisfies ControlReply)),
  )
  await heard(wrapping, [1])
  answering.stop()
  const [wrapped] = wrapping.introduce(3, key)?.wraps ?? []
  if (wrapped === undefined) throw new Error('not wrapped')
  const agreed = agreedKey(pair.privateHalf, wrapped.from)
  expect(unwrap(wrapped.bytes, agreed, key.id)?.equals(key.secret)).toBe(true)
  const other = agreedKey(makeIntakePair().privateHalf, wrapped.from)
  expect(unwrap(wrapped.bytes, other, key.id)).toBeNull()
  expect(readFileSync(join(folder, 'intake.json'), 'utf8')).not.toContain(key.secret.toString('hex'))
  wrapping.stop()
})

test('what was known is known at the next start, and each owner that speaks is wrapped for', async () => {
  let now = 0
  const wrapping = open(() => now)
  expect(idsIn(wrapping)).toEqual([1])
  link.publish(subjects.intake(3), pack(said('two', 2)))
  await heard(wrapping, [1, 2])
  // Started anew with the same half, then with another one.
  link.publish(subjects.intake(3), pack(said('two again', 2)))
  link.publish(subjects.intake(3), pack(said('two again', 4)))
  await heard(wrapping, [1, 4])
  now = 121_000
  link.publish(subjects.intake(3), pack(said('two again', 4)))
  await heard(wrapping, [4])
  wrapping.stop()
})
