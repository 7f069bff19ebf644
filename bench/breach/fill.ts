import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { agreedKey, makeIntakePair } from '../../config/intakeKeys.ts'
import { wrap } from '../../config/keyWrap.ts'
import { type Environment, openEnvironment, transact } from '../../config/lmdb.ts'
import { pack } from '../../config/pack.ts'
import type { TenantPolicy } from '../../core/policy.ts'
import { createPseudonyms } from '../../gateway/pseudonyms.ts'
import { createSealer, type OutgoingEvent } from '../../gateway/seal.ts'
import type { SealingKey } from '../../gateway/keyMaking.ts'
import { createSealingKeys } from '../../gateway/sealingKeys.ts'
import type { HistoryKey } from '../../workers/history.ts'
import { type KeyStore, openKeyStore } from '../../workers/keys/keyStore.ts'
import type { ArrivingKey } from '../../workers/keys/take.ts'
import { clearOf, personalOf, sessionOf } from './events.ts'
import { createNameList, type NameList } from './names.ts'
import { type Seed, seededFacts, type SeededTenant } from './seeded.ts'

/**
 * Fills the stores of partition 0 with seeded events as fast as a disk takes them, and with all that a partition keeps of
 * them: sealed by the gateway's own code under keys that the key store has taken, and under every name by which they are
 * found. Names are put last and in their order, which is ten times as fast as with their events. For stores that nobody
 * else has open.
 */
export type FillSetup = {
  readonly seed: Seed
  readonly dataDir: string
  readonly keyDir: string
  readonly rootKey: Buffer
  readonly policies: Readonly<Record<SeededTenant, TenantPolicy>>
  readonly say: (line: string) => void
}

const eventsPerCommit = 4_096
const saidEvery = 1_000_000

export async function fill(setup: FillSetup): Promise<void> {
  const { seed, say } = setup
  const root = openEnvironment<HistoryKey>(join(setup.dataDir, 'partitions', '000'))
  const keys = await openKeyStore({ directory: join(setup.keyDir, '000'), rootKey: setup.rootKey })
  const names = createNameList(seed)
  await putEvents(setup, root, keys, names)
  await names.put(root, say)
  await keys.close()
  await root.close()
}

async function putEvents(
  { seed, policies, say }: FillSetup,
  root: Environment<HistoryKey>,
  keys: KeyStore,
  names: NameList,
): Promise<void> {
  const clock = { at: 0 }
  const sealer = createSealer(
    createSealingKeys(() => clock.at),
    createPseudonyms(Buffer.alloc(32, 9)),
  )
  const arriving = createArriving(keys)
  let rows: [key: HistoryKey, bytes: Buffer][] = []
  const commit = async () => {
    await arriving.take()
    await transact(root, changes => {
      for (const [key, bytes] of rows) changes.put(key, bytes)
    })
    rows = []
  }
  for (const made of seededFacts(seed)) {
    const { tenant, atMs, sequence, index, row } = made
    clock.at = atMs
    const { clear, personal, needs } = sealer.event(policies[tenant], clearOf(made), personalOf(made))
    arriving.add(needs, atMs)
    rows.push([
      ['history', tenant, atMs, sequence, index],
      pack({ clear, personal, session: sessionOf(made) }),
    ])
    names.add(made)
    if (rows.length === eventsPerCommit) await commit()
    if ((row + 1) % saidEvery === 0) say(`${row + 1} events`)
  }
  await commit()
}

/** Brings keys into the key store as a gateway's come: each wrapped for its intake. */
function createArriving(keys: KeyStore) {
  const intake = keys.intake()
  const pair = makeIntakePair()
  const agreed = agreedKey(pair.privateHalf, intake.publicHalf)
  let waiting: ArrivingKey[] = []
  const add = (needs: OutgoingEvent['needs'], atMs: number) => {
    for (const needed of needs ?? []) {
      if (needed.isStored) continue
      needed.isStored = true
      waiting.push(arrivingKey(needed, atMs))
    }
  }
  const arrivingKey = ({ id, of, tenant, name, lastsMs, secret }: SealingKey, atMs: number): ArrivingKey => {
    const bytes = wrap(secret, agreed, randomBytes(12), id)
    return {
      key: { id, of, tenant, name, lastsMs, wraps: [{ intake: intake.id, from: pair.publicHalf, bytes }] },
      atMs,
    }
  }
  const take = async () => {
    const taken = waiting
    waiting = []
    await keys.take(taken)
  }
  return { add, take }
}
