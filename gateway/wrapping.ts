import type { KeyObject } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { agreedKey, type IntakePair, makeIntakePair } from '../config/intakeKeys.ts'
import { wrap } from '../config/keyWrap.ts'
import type { Link } from '../config/nats.ts'
import { orPassOver } from '../config/passOver.ts'
import { unpack } from '../config/pack.ts'
import type { IntakeSaid } from '../core/wire/control.ts'
import type { NewKey, Wrap } from '../core/wire/log.ts'
import { subjects } from '../core/wire/subjects.ts'
import type { Owners } from './owners.ts'
import type { BareKey, SealingKey } from './keyMaking.ts'

/**
 * Wraps the keys made here for the owners of a partition, who say again and again for which half of theirs. What they
 * say is no secret, so it is kept on disk as well: a gateway that starts while no worker answers can go on sealing.
 */
export type Wrapping = {
  /** The key as the log takes it, for every owner that is known; null: none ever said its half. */
  introduce(partition: number, key: SealingKey): NewKey | null
  /** The same of a key that is nobody's yet: `introduce` spares it, as long as these are the owners. */
  wrapAhead(partition: number, key: BareKey): NewKey['wraps'] | null
  /** Tells when an owner has another half. */
  whenReplaced(told: () => void): void
  stop(): void
}

type Half = Pick<IntakeSaid, 'id' | 'publicHalf'> & { readonly heardAt: number; readonly agreed: KeyObject }

/** Owners speak every half minute. One that has been silent for longer is not wrapped for while there is another. */
const silentAfterMs = 120_000
const goneAfterMs = 600_000
const askAgainMs = 250

export function createWrapping(setup: {
  readonly link: Link
  readonly owners: Owners
  readonly partitions: readonly number[]
  readonly dataDir: string
  readonly clock: () => number
}): Wrapping {
  const { link, owners, dataDir, clock } = setup
  const pair = makeIntakePair()
  const halves = new Map<number, Map<string, Half>>()
  const file = join(dataDir, 'intake.json')
  let replaced = () => {}
  const hear = (said: IntakeSaid) => {
    const known = halves.get(said.partition) ?? new Map<string, Half>()
    halves.set(said.partition, known)
    const before = known.get(said.owner)
    const isSame = before !== undefined && Buffer.from(before.id).equals(said.id)
    forgetFormer(known, said, clock())
    const { id, publicHalf } = said
    // Throws where it is no half: whoever would wrap for it would end this process, again after each start.
    const half = isSame ? before : { id, publicHalf, agreed: agreedKey(pair.privateHalf, publicHalf) }
    known.set(said.owner, { ...half, heardAt: clock() })
    if (isSame) return
    keep(file, halves)
    replaced()
  }
  const hearKept = orPassOver(hear, () => undefined)
  for (const said of kept(file)) hearKept(said)
  const heard = link.subscribe(subjects.everyIntake, message => hear(unpack(message.data) as IntakeSaid))
  const asking = setInterval(() => {
    const unknown = setup.partitions.filter(partition => !halves.has(partition))
    if (unknown.length === 0) return clearInterval(asking)
    askAll(unknown)
  }, askAgainMs)
  const askAll = (partitions: readonly number[]) => {
    for (const partition of partitions)
      owners
        .intake(partition)
        .then(hear)
        .catch(() => undefined)
  }
  askAll(setup.partitions)
  return {
    introduce: (partition, key) => introduce(freshIn(halves.get(partition), clock()), pair, key),
    wrapAhead: (partition, key) => {
      const fresh = freshIn(halves.get(partition), clock())
      return fresh.length === 0 ? null : wrapsFor(fresh, pair, key)
    },
    whenReplaced: told => {
      replaced = told
    },
    stop: () => {
      clearInterval(asking)
      heard.stop()
    },
  }
}

/** The same half under another name is the same owner, started anew; one that was silent for long has gone. */
function forgetFormer(known: Map<string, Half>, said: IntakeSaid, now: number): void {
  for (const [owner, half] of known) {
    const isSame = owner !== said.owner && Buffer.from(half.id).equals(said.id)
    if (isSame || now - half.heardAt > goneAfterMs) known.delete(owner)
  }
}

function freshIn(known: Map<string, Half> | undefined, now: number): Half[] {
  const all = [...(known?.values() ?? [])]
  if (all.length < 2) return all
  const fresh = all.filter(half => now - half.heardAt < silentAfterMs)
  if (fresh.length > 0) return fresh
  const latest = all.sort((one, other) => other.heardAt - one.heardAt)[0]
  return latest === undefined ? [] : [latest]
}

/** What was wrapped ahead is used where it is for these owners, and not kept: it is made again the same, if ever. */
function introduce(halves: readonly Half[], pair: IntakePair, key: SealingKey): NewKey | null {
  if (halves.length === 0) return null
  const { id, of, tenant, name, lastsMs } = key
  const wraps = isFor(key.wraps, halves) ? key.wraps : wrapsFor(halves, pair, key)
  key.wraps = null
  return { id, of, tenant, name, lastsMs, wraps }
}

function wrapsFor(halves: readonly Half[], pair: IntakePair, { id, secret }: BareKey): Wrap[] {
  return halves.map(half => {
    // Every key is wrapped once for a half under a key agreed upon by this process alone: its id is a nonce.
    return { intake: half.id, from: pair.publicHalf, bytes: wrap(secret, half.agreed, id, id) }
  })
}

function isFor(wraps: readonly Wrap[] | null, halves: readonly Half[]): wraps is readonly Wrap[] {
  if (wraps === null || wraps.length !== halves.length) return false
  return halves.every(({ id }, place) => wraps[place]?.intake === id)
}

type Kept = { readonly partition: number; readonly owner: string; readonly id: string; readonly half: string }

function keep(file: string, halves: ReadonlyMap<number, ReadonlyMap<string, Half>>): void {
  const rows = [...halves].flatMap(([partition, known]) =>
    [...known].map(([owner, { id, publicHalf }]) => ({
      partition,
      owner,
      id: Buffer.from(id).toString('hex'),
      half: Buffer.from(publicHalf).toString('hex'),
    })),
  )
  try {
    writeFileSync(`${file}.new`, JSON.stringify(rows satisfies Kept[]), { mode: 0o600 })
    renameSync(`${file}.new`, file)
  } catch {
    // It is asked for again; only a start without any worker would have needed it.
  }
}

function kept(file: string): IntakeSaid[] {
  try {
    const rows = JSON.parse(readFileSync(file, 'utf8')) as Kept[]
    return rows.map(({ partition, owner, id, half }) => ({
      partition,
      owner,
      id: Buffer.from(id, 'hex'),
      publicHalf: Buffer.from(half, 'hex'),
    }))
  } catch {
    return []
  }
}
