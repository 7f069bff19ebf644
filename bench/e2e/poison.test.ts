import { expect, test } from 'vitest'
import { type Link, openLink } from '../../config/nats.ts'
import { pack } from '../../config/pack.ts'
import { subjects } from '../../core/wire/subjects.ts'
import { openStore } from '../../workers/store.ts'
import { credentialsOf } from '../kill/results.ts'
import { callerNumber, signal } from '../load/caller.ts'
import { createChance } from '../load/chance.ts'
import { createVisitor, type Seen } from '../load/visitor.ts'
import { startSystem, type System, temporaryFolder } from '../system.ts'

/** The partition of the tenant that is called. */
const partition = 0
const message = { version: 1, producer: 'stranger', counter: 1, lane: 'visit', replyTo: '', events: [] }
const id = createChance(5).id()
const hello = { kind: 'hello', tenant: 'bench', site: 'pk_bench', visitor: id, freshSession: id, tab: id }
const event = (clear: object) => ({ clear, personal: null })

/** What no gateway writes, in the order in which it comes, and why it is set aside. */
const poison: readonly (readonly [reason: string, bytes: Uint8Array])[] = [
  ['not-packed', Uint8Array.of(0xc1, 0x00, 0xff)],
  ['not-packed', new Uint8Array(0)],
  ['not-a-message', pack('a word')],
  ['unknown-version', pack({ ...message, version: 99 })],
  ['not-a-message', pack({ ...message, events: 'none' })],
  ['not-a-message', pack({ ...message, events: [{}] })],
  // Too long for a key of the store: applied, it could never be committed.
  [
    'not-a-message',
    pack({ ...message, events: [event({ ...hello, page: null, visitor: 'x'.repeat(4_000) })] }),
  ],
  ['decide-threw', pack({ ...message, counter: 2, events: [event({ kind: 'nonsense' })] })],
  ['decide-threw', pack({ ...message, counter: 3, events: [event({ ...hello, page: null, targets: 5 })] })],
]

test('what cannot be read or decided is set aside with its reason, counted, and stops nothing', async () => {
  const folder = temporaryFolder()
  const dataDir = `${folder.path}/data`
  let system = await startSystem({ dataDir })
  try {
    const visitor = createVisitor(createChance(1).id(), createChance(2).id(), 0)
    const seen = await visitor.arrive(system.publicPort)
    const sequences = await publishAll(dataDir)
    expect(await ring(system, seen, 1)).toMatchObject({ kind: 'exact', session: seen.session })
    expect(await counted(system)).toEqual(tally())
    expect((await fetch(`http://127.0.0.1:${system.adminPort}/readyz`)).status).toBe(200)

    // A crash reads the same entries again, and they are set aside again, not twice.
    await system.killTree()
    system = await startSystem({ dataDir })
    const back = await visitor.arrive(system.publicPort)
    expect(back).toMatchObject({ session: seen.session, number: seen.number })
    expect(await ring(system, seen, 2)).toMatchObject({ kind: 'exact', session: seen.session })
    visitor.leave()
    expect(await system.stop()).toBe(0)
    const store = openStore(dataDir, partition)
    const asides = store.asides(100)
    await store.close()
    expect(asides.map(({ sequence, reason }) => [sequence, reason])).toEqual(
      sequences.map((sequence, at) => [sequence, poison[at]?.[0]]),
    )
    expect(asides.map(({ bytes }) => [...bytes])).toEqual(poison.map(([, bytes]) => [...bytes]))
  } finally {
    await system.killTree()
    folder.remove()
  }
})

/** Into the partition's part of the log, with the credentials that the system made for itself. */
async function publishAll(dataDir: string): Promise<number[]> {
  const link: Link = await openLink(credentialsOf(dataDir))
  const sequences: number[] = []
  for (const [at, [, bytes]] of poison.entries())
    sequences.push((await link.store(subjects.log(partition), bytes, `poison-${at}`, 5_000)).sequence)
  await link.close()
  return sequences
}

async function ring(system: System, { number }: Seen, caller: number) {
  const sent = { call: `call-${caller}`, state: 'ring', a: callerNumber(caller), b: number.e164 } as const
  return (await signal(system.publicPort, sent)).match
}

async function counted(system: System): Promise<Record<string, number>> {
  const text = await (await fetch(`http://127.0.0.1:${system.adminPort}/metrics`)).text()
  const lines = text.matchAll(/^ringtrail_set_aside_total\{reason="([^"]+)"\} (\d+)/gm)
  return Object.fromEntries([...lines].map(([, reason, count]) => [reason, Number(count)]))
}

function tally(): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const [reason] of poison) counts[reason] = (counts[reason] ?? 0) + 1
  return counts
}
