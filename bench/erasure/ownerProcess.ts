import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { heapFlags, heapLimits } from '../../workers/heap.ts'
import type { Ask, OwnerSetup, Told } from './owner.ts'

export type Owner = {
  readonly pid: number
  ask<Kind extends Ask['kind']>(ask: Extract<Ask, { kind: Kind }>): Promise<Told[Kind]>
  stop(): Promise<void>
}

type Waiting = { done: (told: unknown) => void; failed: (error: Error) => void }
type Answer = { readonly id: number; readonly told?: unknown; readonly failed?: string }

const file = new URL('./owner.ts', import.meta.url).pathname

/** Starts an owner and resolves when it has opened its partition. */
export async function startOwner(setup: OwnerSetup): Promise<Owner> {
  const child = fork(file, [], {
    execArgv: [`--max-old-space-size=${heapLimits(1).maxOldGenerationSizeMb}`, ...heapFlags],
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  // What was started here ends with us, however we end.
  const leave = () => void child.kill('SIGKILL')
  process.once('exit', leave)
  child.once('exit', () => process.off('exit', leave))
  const ask = asking(child)
  await ask({ kind: 'open', setup })
  const stop = async () => {
    const exited = once(child, 'exit')
    await ask({ kind: 'stop' }).catch(() => child.kill('SIGKILL'))
    await exited
  }
  return { pid: child.pid as number, ask, stop }
}

function asking(child: ChildProcess): Owner['ask'] {
  const waiting = new Map<number, Waiting>()
  let asked = 0
  child.on('message', ({ id, told, failed }: Answer) => {
    const one = waiting.get(id)
    waiting.delete(id)
    if (failed === undefined) one?.done(told)
    else one?.failed(new Error(failed))
  })
  child.once('exit', () => {
    for (const one of waiting.values()) one.failed(new Error('the owner has ended'))
  })
  return <Kind extends Ask['kind']>(ask: Extract<Ask, { kind: Kind }>) =>
    new Promise<Told[Kind]>((resolve, reject) => {
      asked += 1
      waiting.set(asked, { done: told => resolve(told as Told[Kind]), failed: reject })
      child.send({ id: asked, ask })
    })
}
