import { once } from 'node:events'
import { WebSocket } from 'ws'
import { origin, siteKey } from './system.ts'

/** So many visitors with a socket and a number each. */
export type Visitors = {
  readonly numbers: readonly string[]
  /** The next visitor in turn opens a further page. */
  nextPage(): void
  acknowledged(): number
  refused(): number
  close(): void
}

type Frame = { readonly type: string; readonly numbers?: readonly { readonly e164: string }[] }
type Visitor = { readonly socket: WebSocket; readonly number: string; pages: number }

export async function openVisitors(port: number, count: number): Promise<Visitors> {
  const visitors: Visitor[] = []
  for (let index = 0; index < count; index += 1) visitors.push(await openVisitor(port))
  const counts = { acknowledged: 0, refused: 0 }
  for (const { socket } of visitors) {
    socket.on('message', (text: Buffer) => {
      if (text.includes('"ack"')) counts.acknowledged += 1
      else if (text.includes('"error"')) counts.refused += 1
    })
  }
  let turn = 0
  return {
    numbers: visitors.map(visitor => visitor.number),
    nextPage: () => {
      const visitor = visitors[turn % count] as Visitor
      turn += 1
      visitor.pages += 1
      const url = `${origin}/page-${visitor.pages}`
      visitor.socket.send(JSON.stringify({ type: 'page', id: visitor.pages + 1, url }))
    },
    acknowledged: () => counts.acknowledged,
    refused: () => counts.refused,
    close: () => {
      for (const { socket } of visitors) socket.close()
    },
  }
}

async function openVisitor(port: number): Promise<Visitor> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/v1/visit?site=${siteKey}`, {
    headers: { origin },
    perMessageDeflate: false,
  })
  await once(socket, 'open')
  socket.send(
    JSON.stringify({ type: 'hello', page: { id: 1, url: `${origin}/?utm_source=bench&utm_medium=cpc` } }),
  )
  const [text] = (await once(socket, 'message')) as [Buffer]
  const welcome = JSON.parse(String(text)) as Frame
  const number = welcome.numbers?.[0]?.e164
  if (number === undefined) throw new Error(`a visitor got no number: ${String(text)}`)
  return { socket, number, pages: 0 }
}
