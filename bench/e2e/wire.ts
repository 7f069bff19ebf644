import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** The wire between browser and gateway: it has its address before the gateway has one, and it can be cut. */
export type Wire = {
  readonly origin: string
  to: number
  /** While set, sockets of visits are not let through; everything else is. */
  refusingVisits: boolean
  cut(): void
  stop(): Promise<void>
}

export async function openWire(): Promise<Wire> {
  const ends = new Set<Socket>()
  const server = createServer(near => {
    const far = connect(wire.to, '127.0.0.1')
    for (const end of [near, far]) {
      ends.add(end)
      end.on('close', () => ends.delete(end))
      end.on('error', () => undefined)
    }
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
    near.on('data', chunk => {
      if (wire.refusingVisits && chunk.toString('latin1').startsWith('GET /v1/visit')) near.destroy()
      else far.write(chunk)
    })
    far.pipe(near)
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  const cut = () => {
    for (const end of ends) end.destroy()
  }
  const wire: Wire = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    to: 0,
    refusingVisits: false,
    cut,
    stop: async () => {
      cut()
      await new Promise(done => server.close(done))
    },
  }
  return wire
}
