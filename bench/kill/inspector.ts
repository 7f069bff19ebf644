import { once } from 'node:events'
import { WebSocket } from 'ws'
import type { Chance } from '../load/chance.ts'

type Message = { readonly method?: string; readonly params?: { readonly sessionId?: string } }

const attachesWithinMs = 500
const evaluatesWithinMs = 50

/** Makes one worker thread of a running system throw, as a defect in it would. */
export async function crashThread(inspectorUrl: string, chance: Chance): Promise<void> {
  await defectInThreads(inspectorUrl, throwing('crashed by the drill'), threads => [chance.pick(threads)])
}

/** An error that nobody catches. */
export function throwing(message: string): string {
  return `setImmediate(() => { throw new Error(${JSON.stringify(message)}) })`
}

/**
 * Runs an expression in worker threads of a running system, through the inspector that the system was started with. No
 * signal can do what a defect in one thread does: the kernel ends a process as a whole.
 */
export async function defectInThreads(
  inspectorUrl: string,
  expression: string,
  which: (threads: readonly string[]) => readonly string[],
): Promise<void> {
  const inspector = await openInspector(inspectorUrl)
  const threads: string[] = []
  inspector.socket.on('message', data => {
    const { method, params } = JSON.parse(String(data)) as Message
    if (method === 'NodeWorker.attachedToWorker' && params?.sessionId) threads.push(params.sessionId)
  })
  inspector.send('NodeWorker.enable', { waitForDebuggerOnStart: false })
  await new Promise(resolve => setTimeout(resolve, attachesWithinMs))
  if (threads.length === 0) throw new Error('the system has no worker thread')
  const message = JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression } })
  for (const sessionId of which(threads))
    inspector.send('NodeWorker.sendMessageToWorker', { sessionId, message })
  await inspector.close()
}

/** The same in the main thread. */
export async function defectInMain(inspectorUrl: string, expression: string): Promise<void> {
  const inspector = await openInspector(inspectorUrl)
  inspector.send('Runtime.evaluate', { expression })
  await inspector.close()
}

async function openInspector(url: string) {
  const socket = new WebSocket(url)
  socket.on('error', () => undefined)
  await once(socket, 'open')
  let id = 0
  const send = (method: string, params: object) =>
    socket.send(JSON.stringify({ id: ++id, method, params }), () => undefined)
  const close = async () => {
    await new Promise(resolve => setTimeout(resolve, evaluatesWithinMs))
    socket.close()
  }
  return { socket, send, close }
}
