import { connect } from 'node:net'
import { origin, siteKey, type System } from '../system.ts'

/** Bytes as a client would never write them, and what the server does about them. */

export const host = `Host: localhost\r\nOrigin: ${origin}\r\n`

export const upgrade = [
  `GET /v1/visit?site=${siteKey} HTTP/1.1\r\n${host}Upgrade: websocket\r\nConnection: Upgrade`,
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
].join('\r\n')

/** Writes bytes and resolves to the status of the answer once the server has closed the connection. */
export function statusAfter(system: System, bytes: string | Buffer): Promise<string> {
  return new Promise(resolve => {
    let heard = ''
    const socket = connect(system.publicPort, '127.0.0.1', () => socket.write(bytes))
    socket.on('data', data => {
      heard += data.toString('latin1')
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(`${/^HTTP\/1\.1 (\d+)/.exec(heard)?.[1] ?? 'nothing'}, closed`))
  })
}

/** Sends raw frames on an upgraded connection and resolves when the server has closed it. */
export function closedAfter(system: System, ...frames: Buffer[]): Promise<string> {
  return new Promise(resolve => {
    const socket = connect(system.publicPort, '127.0.0.1', () => socket.write(upgrade))
    let upgraded = false
    socket.on('data', data => {
      if (upgraded || !data.includes('\r\n\r\n')) return
      upgraded = true
      for (const frame of frames) socket.write(frame)
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(upgraded ? 'closed' : 'not upgraded'))
  })
}

type FrameForm = { readonly final?: boolean; readonly opcode?: number; readonly reserved?: number }

/** One masked frame of at most 65,535 bytes. */
export function frameOf(payload: Buffer, { final = true, opcode = 1, reserved = 0 }: FrameForm = {}): Buffer {
  const mask = Buffer.from([1, 2, 3, 4])
  const length = payload.length
  const size = length < 126 ? [0x80 | length] : [0x80 | 126, length >> 8, length & 255]
  const body = payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0))
  return Buffer.concat([Buffer.from([(final ? 0x80 : 0) | reserved | opcode, ...size]), mask, body])
}

/** Opens a connection, writes part of a request, and is gone without a word. */
export function abort(system: System, bytes: string, afterMs: number): Promise<void> {
  return new Promise(resolve => {
    const socket = connect(system.publicPort, '127.0.0.1', () => {
      socket.write(bytes)
      setTimeout(() => socket.resetAndDestroy(), afterMs)
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve())
  })
}
