import { type Caller, openCaller } from './callers.ts'
import { oneInFlight } from './figures.ts'
import type { Durability } from './floor.ts'
import { processorOf } from './processor.ts'
import { type Visitors, openVisitors } from './visitors.ts'
import { startSystem } from './system.ts'

/** A running system with visitors on it and a carrier's socket. */
export type Path = {
  readonly caller: Caller
  readonly visitors: Visitors
  /** Calls one after the other, WebSocket in to WebSocket out, each in milliseconds. */
  closed(count: number): Promise<number[]>
  /** How many of those were answered without a match, because the routing budget of 200 ms was used up. */
  deferred(): number
  /** Processor time per call of the closed loop, in microseconds: gateway with worker threads, and its nats-server. */
  processor(): { readonly ringtrail: number; readonly nats: number }
  stop(): Promise<void>
}

export async function openPath(durability: Durability, visitorCount: number): Promise<Path> {
  const system = await startSystem(durability)
  try {
    const visitors = await openVisitors(system.port, visitorCount)
    const caller = await openCaller(system.port)
    let deferred = 0
    const spent = { calls: 0, ringtrail: 0, nats: 0 }
    const ring = async (index: number) => {
      const kind = await caller.ring(visitors.numbers[index % visitorCount] as string)
      if (kind === 'deferred') deferred += 1
      else if (kind !== 'exact') throw new Error(`a lent number was answered with ${kind}`)
    }
    const closed = async (count: number) => {
      const before = processorOf(system.pid)
      const latenciesMs = await oneInFlight(count, ring)
      const after = processorOf(system.pid)
      spent.calls += count
      spent.ringtrail += after.main - before.main
      spent.nats += after.children - before.children
      return latenciesMs
    }
    const processor = () => ({ ringtrail: spent.ringtrail / spent.calls, nats: spent.nats / spent.calls })
    const stop = async () => {
      caller.close()
      visitors.close()
      await system.stop()
    }
    return { caller, visitors, closed, deferred: () => deferred, processor, stop }
  } catch (error) {
    await system.stop()
    throw error
  }
}
