import { connect } from 'node:net'

/**
 * Asks a nats-server once a second whether it still speaks: every client that connects is greeted. One that takes the
 * connection and says nothing is mute. One that takes none is not there yet, or has died, and that is seen elsewhere.
 */
export type MuteWatch = { stop(): void }

export type Probed = 'greeted' | 'silent' | 'refused'

/** Together 5 s, and a stall of our own process counts as one at most. */
const silentProbesMax = 5
const probeWithinMs = 1_000

/** Calls `mute` when five probes one after the other were silent, and goes on. */
export function watchMute(probe: () => Promise<Probed>, mute: () => void): MuteWatch {
  let silent = 0
  let asking = false
  const ask = async () => {
    if (asking) return
    asking = true
    const probed = await probe()
    asking = false
    silent = probed === 'silent' ? silent + 1 : 0
    if (silent < silentProbesMax) return
    silent = 0
    mute()
  }
  const timer = setInterval(() => void ask(), probeWithinMs)
  return { stop: () => clearInterval(timer) }
}

/** Connects and waits for the greeting. */
export function probeGreeting(port: number): Promise<Probed> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    const end = (probed: Probed) => {
      socket.destroy()
      resolve(probed)
    }
    socket.setTimeout(probeWithinMs, () => end('silent'))
    socket.once('data', () => end('greeted'))
    socket.once('error', () => end('refused'))
    socket.once('close', () => end('refused'))
  })
}
