import { once } from 'node:events'
import { WebSocket } from 'ws'
import type { Chance } from '../load/chance.ts'

type Message = { readonly method?: string; readonly params?: { readonly sessionId?: string } }

const attachesWithinMs = 500
const crash = "setImmediate(() => { throw new Error('crashed by the drill') })"

/**
 * Makes one worker thread of a running system throw, as a defect in it would, through the inspector that the system was
 * started with. No signal can do that: the kernel ends a process as a whole.
 */
export async function crashThread(inspectorUrl: string, chance: Chance): Promise<void> {
  const socket = new WebSocket(inspectorUrl)
  await once(socket, 'open')
  const threads: string[] = []
  socket.on('message', data => {
    const { method, params } = JSON.parse(String(data)) as Message
    if (method === 'NodeWorker.attachedToWorker' && params?.sessionId) threads.push(params.sessionId)
  })
  let id = 0
  const send = (method: string, params: object) =>
    socket.send(JSON.stringify({ id: ++id, method, params }), () => undefined)
  send('NodeWorker.enable', { waitForDebuggerOnStart: false })
  await new Promise(resolve => setTimeout(resolve, attachesWithinMs))
  if (threads.length === 0) throw new Error('the system has no worker thread')
  const message = JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression: crash } })
  send('NodeWorker.sendMessageToWorker', { sessionId: chance.pick(threads), message })
  await new Promise(resolve => setTimeout(resolve, 50))
  socket.close()
}
