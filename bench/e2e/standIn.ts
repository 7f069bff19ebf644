import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import type { ClientFrame, HelloFrame, ServerFrame, ShownNumber } from '../../core/wire/visitor.ts'
import { loadPages, servePage } from '../../gateway/pages/pages.ts'

/**
 * A stand-in for the gateway, to put the snippet into situations that the real one rarely gets into. It serves one
 * page with the snippet and answers frames as a test says; what the gateway itself does is not tested with it.
 */
export type StandIn = {
  readonly origin: string
  /** Every frame that came, those of beacons too. */
  readonly frames: readonly ClientFrame[]
  readonly beacons: number
  /** For which address a socket was opened last. */
  readonly asked: string
  /** How often a socket was opened. */
  readonly sockets: number
  body: string
  /** Attributes of the snippet's script element. */
  script: string
  answer: (frame: ClientFrame) => readonly ServerFrame[]
  refusing: boolean
  say(frame: ServerFrame): void
  cut(): void
  stop(): Promise<void>
}

export const lent: ShownNumber = {
  target: 'sales',
  replace: '+4578792222',
  e164: '+4570000001',
  display: '+45 70 00 00 01',
  kind: 'assigned',
}

export function welcomeTo(hello: HelloFrame, numbers: readonly ShownNumber[] = [lent]): ServerFrame {
  const visitor = hello.visitor || null
  const session = 'S'.repeat(22)
  return { type: 'welcome', visitor, session, resumed: false, heartbeatMs: 60_000, numbers: [...numbers] }
}

export const silentWelcome: Extract<ServerFrame, { type: 'welcome' }> = {
  type: 'welcome',
  visitor: null,
  session: null,
  resumed: false,
  heartbeatMs: 60_000,
  numbers: [{ ...lent, e164: lent.replace, display: '+45 78 79 22 22', kind: 'fallback' }],
}

/** Answers as the gateway does for a tenant whose policy is `consent: required`, and acknowledges every event. */
export function politely(frame: ClientFrame): readonly ServerFrame[] {
  if (frame.type === 'hello') {
    if (frame.consent === 'granted') return [welcomeTo(frame)]
    return [frame.consent === 'denied' ? { ...silentWelcome, forget: true } : silentWelcome]
  }
  return frame.type === 'page' || frame.type === 'engagement' ? [{ type: 'ack', id: frame.id }] : []
}

export async function openStandIn(): Promise<StandIn> {
  const pages = loadPages(null)
  const sockets = new Set<WebSocket>()
  const frames: ClientFrame[] = []
  const seen = { beacons: 0, sockets: 0, asked: '' }
  const server = createServer(async (request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? ''
    if (request.method === 'POST') {
      seen.beacons += 1
      frames.push(...JSON.parse(await bodyOf(request)))
      return response.end('[]')
    }
    const found = servePage(pages, { path, headers: new Map() })
    if (found !== null)
      return response.writeHead(found.status, Object.fromEntries(found.headers)).end(found.body)
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(documentOf(standIn))
  })
  const upgrades = new WebSocketServer({ noServer: true })
  server.on('upgrade', (request, socket, head) => {
    Object.assign(seen, { sockets: seen.sockets + 1, asked: request.url ?? '' })
    if (standIn.refusing) return socket.destroy()
    upgrades.handleUpgrade(request, socket, head, open => {
      sockets.add(open)
      open.on('close', () => sockets.delete(open))
      open.on('message', data => hear(standIn, frames, open, String(data)))
    })
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  const standIn: StandIn = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    frames,
    get beacons() {
      return seen.beacons
    },
    get asked() {
      return seen.asked
    },
    get sockets() {
      return seen.sockets
    },
    body: '',
    script: 'data-consent="granted"',
    answer: politely,
    refusing: false,
    say: frame => {
      for (const socket of sockets) socket.send(JSON.stringify(frame))
    },
    cut: () => {
      for (const socket of sockets) socket.terminate()
    },
    stop: async () => {
      for (const socket of sockets) socket.terminate()
      server.closeAllConnections()
      await new Promise(done => server.close(done))
    },
  }
  return standIn
}

function hear(standIn: StandIn, frames: ClientFrame[], open: WebSocket, text: string): void {
  const frame = JSON.parse(text) as ClientFrame
  frames.push(frame)
  for (const answer of standIn.answer(frame)) open.send(JSON.stringify(answer))
}

function documentOf({ body, script }: StandIn): string {
  const snippet = `<script async src="/v1/snippet.js" data-site="pk_test" ${script}></script>`
  return `<!doctype html><html><head><title>Test</title>${snippet}</head><body>${body}</body></html>`
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
