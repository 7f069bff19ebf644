import type { Chance } from '../load/chance.ts'
import type { System } from '../system.ts'
import { crashThread } from './inspector.ts'
import { settled } from './settled.ts'

const crashesMost = 12

/**
 * Crashes threads of a system until one dies that owns partitions, and says whether one did: a crash may hit the thread that
 * answers questions, which is replaced as well.
 */
export async function crashOwner(
  system: Pick<System, 'lines' | 'inspector'>,
  chance: Chance,
): Promise<boolean> {
  const died = (...messages: string[]) =>
    system.lines().filter(({ msg }) => messages.includes(String(msg))).length
  const before = died('thread_died')
  for (let tries = 0; tries < crashesMost && died('thread_died') === before; tries++) {
    const both = died('thread_died', 'reader_died')
    await crashThread(system.inspector(), chance)
    await settled(
      () => died('thread_died', 'reader_died'),
      count => count > both,
    )
  }
  return died('thread_died') > before
}
