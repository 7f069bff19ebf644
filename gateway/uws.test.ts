import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type App, createApp, type Listening, listen, route } from './uws.ts'

/** Answers as they lie on the wire: a client library would hide what is too much. */
let app: App
let listening: Listening

beforeAll(async () => {
  app = createApp(null)
  const nothing = () => undefined
  const answer = { status: 200, headers: [['content-type', 'text/plain']] as const, body: 'grøn' }
  const moved = { status: 308, headers: [['location', '/text']] as const }
  route(
    app,
    '/text',
    0,
    () => answer,
    () => answer,
    nothing,
  )
  route(
    app,
    '/moved',
    0,
    () => moved,
    () => moved,
    nothing,
  )
  listening = await listen(app, '127.0.0.1', 0)
})

afterAll(() => {
  listening.close()
  app.close()
})

/** Everything that the server writes to these requests on one connection, without what it says of itself. */
function written(...requests: string[]): Promise<string> {
  return new Promise(resolve => {
    const socket = connect(listening.port, '127.0.0.1')
    let heard = ''
    socket.on('data', data => {
      heard += data.toString()
      if (heard.split('HTTP/1.1 ').length > requests.length) socket.end()
    })
    socket.on('close', () => resolve(heard.replaceAll(/(?:uWebSockets|Date): .*\r\n/gi, '')))
    socket.write(requests.map(request => `${request} HTTP/1.1\r\nHost: localhost\r\n\r\n`).join(''))
  })
}

test('the answer to a HEAD is that to a GET without its body, so that the next one on the connection is understood', async () => {
  const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nContent-Length: 5\r\n\r\n'
  expect(await written('HEAD /text', 'GET /text')).toBe(`${head}${head}grøn`)
})

test('a status goes out with its own name', async () => {
  expect(await written('GET /moved')).toMatch(/^HTTP\/1\.1 308 Permanent Redirect\r\n/)
})
