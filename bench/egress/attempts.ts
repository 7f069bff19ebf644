import { createSocket } from 'node:dgram'
import { Resolver } from 'node:dns/promises'
import { connect } from 'node:net'

function sendDatagram(): Promise<void> {
  return new Promise(resolve => {
    const socket = createSocket('udp4')
    socket.send('x', 53, '192.0.2.1', () => socket.close(() => resolve()))
  })
}

function attemptTo(host: string): Promise<void> {
  return new Promise(resolve => {
    const socket = connect(443, host)
    socket.setTimeout(200, () => socket.destroy())
    socket.on('error', () => undefined)
    socket.once('close', () => resolve())
  })
}

/** At the servers of the system, like every other; but this one can be given up, where `lookup` would hold up our end for seconds. */
function lookUp(): Promise<unknown> {
  const resolver = new Resolver({ timeout: 200, tries: 1 })
  return resolver.resolve4('telemetry.example').catch(() => null)
}

/** What somebody who phones home would do; each has to be counted. They fail, and how does not matter. */
export const attempts: Readonly<Record<string, () => Promise<unknown>>> = {
  'a datagram': sendDatagram,
  'a connection': () => attemptTo('192.0.2.1'),
  'a connection over IPv6': () => attemptTo('2001:db8::1'),
  'a look-up': lookUp,
}
