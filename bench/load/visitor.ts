import { WebSocket } from 'ws'
import type { ClientFrame, ServerFrame, ShownNumber } from '../../core/wire/visitor.ts'
import { origin, siteKey } from '../system.ts'

/** A simulated visitor on a real socket: says hello, beats, clicks, leaves, and comes back as the same visitor. */
export type Visitor = {
  readonly visitor: string
  /** As the last welcome said, or a change of numbers since; null before the first. */
  readonly seen: () => Seen | null
  /** Connects, says hello and resolves with the welcome. */
  arrive(port: number): Promise<Seen>
  /** Resolves when the log has the page view; rejects when the socket is lost first. */
  view(id: number): Promise<void>
  click(id: number): Promise<void>
  leave(): void
}
export type Seen = { readonly session: string; readonly number: ShownNumber; readonly resumed: boolean }
type Welcome = Extract<ServerFrame, { type: 'welcome' }>

const arrivesWithinMs = 30_000

type Life = {
  readonly site: string
  readonly visitor: string
  readonly tab: string
  readonly address: string
  readonly acks: Map<number, { done: () => void; lost: (error: Error) => void }>
  socket: WebSocket | null
  beat: NodeJS.Timeout | null
  seen: Seen | null
  welcomed: (seen: Seen) => void
}

/** `place` gives each visitor a loopback address of its own, as visitors have: limits count by address. */
export function createVisitor(visitor: string, tab: string, place: number, site = siteKey): Visitor {
  const address = `127.1.${(place >> 8) & 255}.${place & 255}`
  const life: Life = {
    site,
    visitor,
    tab,
    address,
    acks: new Map(),
    socket: null,
    beat: null,
    seen: null,
    welcomed: () => undefined,
  }
  return {
    visitor,
    seen: () => life.seen,
    arrive: port => arrive(life, port),
    view: id => acknowledged(life, { type: 'page', id, url: `${origin}/page/${id}` }),
    click: id => {
      const number = life.seen?.number.e164 ?? ''
      return acknowledged(life, { type: 'engagement', id, action: 'click', element: 'phone', number })
    },
    leave: () => leave(life),
  }
}

function arrive(life: Life, port: number): Promise<Seen> {
  leave(life)
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/v1/visit?site=${life.site}`, {
      headers: { origin },
      localAddress: life.address,
      perMessageDeflate: false,
    })
    life.socket = socket
    const timer = setTimeout(() => reject(new Error('no welcome in time')), arrivesWithinMs)
    life.welcomed = seen => {
      clearTimeout(timer)
      resolve(seen)
    }
    socket.on('open', () => socket.send(JSON.stringify(helloOf(life))))
    socket.on('message', data => take(life, socket, JSON.parse(String(data)) as ServerFrame))
    socket.on('error', reject)
    socket.on('close', () => {
      clearTimeout(timer)
      reject(new Error('socket lost'))
      lost(life, socket)
    })
  })
}

function helloOf({ visitor, tab, seen }: Life): object {
  const page = { id: 1, url: `${origin}/?utm_source=google&utm_medium=cpc` }
  return { type: 'hello', visitor, tab, page, ...(seen === null ? {} : { session: seen.session }) }
}

function take(life: Life, socket: WebSocket, frame: ServerFrame): void {
  if (frame.type === 'welcome') welcome(life, socket, frame)
  if (frame.type === 'numbers' && life.seen !== null) {
    const [number = life.seen.number] = frame.numbers
    life.seen = { ...life.seen, number }
  }
  if (frame.type === 'ack') life.acks.get(frame.id)?.done()
  if (frame.type === 'error' && frame.id !== undefined)
    life.acks.get(frame.id)?.lost(new Error(`refused: ${frame.code}`))
}

function welcome(life: Life, socket: WebSocket, { session, numbers, resumed, heartbeatMs }: Welcome): void {
  const [number] = numbers
  if (session === null || number === undefined) throw new Error('a welcome without a session or number')
  life.seen = { session, number, resumed }
  if (life.beat !== null) clearInterval(life.beat)
  life.beat = setInterval(() => socket.send('{"type":"beat"}', () => undefined), heartbeatMs)
  life.welcomed(life.seen)
}

function acknowledged(life: Life, frame: ClientFrame & { id: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    if (life.socket?.readyState !== WebSocket.OPEN) return reject(new Error('no socket'))
    const end = () => life.acks.delete(frame.id)
    life.acks.set(frame.id, {
      done: () => {
        end()
        resolve()
      },
      lost: error => {
        end()
        reject(error)
      },
    })
    life.socket.send(JSON.stringify(frame), () => undefined)
  })
}

function lost(life: Life, socket: WebSocket): void {
  if (life.socket !== socket) return
  if (life.beat !== null) clearInterval(life.beat)
  life.beat = null
  for (const waiting of [...life.acks.values()]) waiting.lost(new Error('socket lost'))
}

function leave(life: Life): void {
  const { socket } = life
  if (socket === null) return
  lost(life, socket)
  life.socket = null
  if (socket.readyState === WebSocket.OPEN) socket.send('{"type":"bye"}', () => undefined)
  socket.close()
}
