import { STATUS_CODES } from 'node:http'
import uWS, { type HttpRequest, type HttpResponse, type TemplatedApp, type WebSocket } from 'uWebSockets.js'

/**
 * The one door to uWebSockets.js. An HTTP handler that returns without answering, or touches an answer after the
 * client went away, ends the process from C++; so no handler ever sees a bare response. Each request becomes a plain
 * object, each answer is written once, in a cork, and only while somebody is there.
 */

export type Socket<Data> = WebSocket<Data>
export type App = TemplatedApp

export type Request = {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly headers: ReadonlyMap<string, string>
  readonly peer: string
  readonly body: Buffer
}

export type Answer = {
  readonly status: number
  readonly headers?: readonly (readonly [string, string])[]
  readonly body?: string | Uint8Array
  /**
   * A body that is made while it is sent: `null` ends it. The next piece is asked for when the one before has left for whoever
   * reads, so a slow reader costs no memory. `over` hears when no more is asked for, however it ended. A piece that rejects cuts the
   * answer off, so that it is not taken for whole.
   */
  readonly pieces?: { next(): Promise<Uint8Array | null>; over(): void }
}

export type Handler = (request: Request) => Answer | Promise<Answer>

/** What to do with a WebSocket upgrade: take it with this user data, or answer with this instead. */
export type Upgrade<Data> = { readonly data: Data } | { readonly answer: Answer }

export type SocketRoute<Data> = {
  readonly idleTimeoutSeconds: number
  readonly frameBytesMax: number
  readonly backpressureBytesMax: number
  readonly admit: (request: Request) => Upgrade<Data> | Promise<Upgrade<Data>>
  readonly open: (socket: Socket<Data>) => void
  readonly frame: (socket: Socket<Data>, text: string | null) => void
  readonly alive?: (socket: Socket<Data>) => void
  readonly dropped?: () => void
  /** A frame over the limit: the socket is closed with 1009. */
  readonly tooLarge?: () => void
  readonly closed: (socket: Socket<Data>, code: number) => void
}

export type Tls = { readonly certFile: string; readonly keyFile: string }

/** A new listener-to-be: routes are added, then `listen` opens it. */
export function createApp(tls: Tls | null): App {
  return tls === null ? uWS.App() : uWS.SSLApp({ cert_file_name: tls.certFile, key_file_name: tls.keyFile })
}

const failed: Answer = {
  status: 500,
  headers: [['content-type', 'application/json']],
  body: '{"error":{"code":"internal","message":"Something broke here. It has been counted."}}',
}

/** Adds a route for every method. The body is read up to `bodyBytesMax`; a longer one is answered with `tooLarge`. */
export function route(
  app: App,
  pattern: string,
  bodyBytesMax: number,
  tooLarge: () => Answer,
  handle: Handler,
  broke: (error: Error) => void,
): void {
  app.any(pattern, (response, request) => {
    const head = headOf(response, request)
    const state: Writing = { gone: false, headOnly: head.method === 'HEAD' }
    response.onAborted(() => {
      state.gone = true
      state.left?.()
    })
    const reply = (answer: Answer) => write(response, state, answer)
    const run = async (body: Buffer) => {
      try {
        const answer = await handle({ ...head, body })
        if (answer.pieces === undefined) reply(answer)
        else await writePieces(response, state, answer, answer.pieces)
      } catch (error) {
        broke(error as Error)
        if (state.begun && !state.gone) response.close()
        reply(failed)
      }
    }
    if (head.method === 'GET' || head.method === 'HEAD') return void run(Buffer.alloc(0))
    collect(response, bodyBytesMax, body => (body === null ? reply(tooLarge()) : void run(body)))
  })
}

function headOf(response: HttpResponse, request: HttpRequest): Omit<Request, 'body'> {
  const headers = new Map<string, string>()
  // What is said twice is one list.
  request.forEach((name, value) => {
    const before = headers.get(name)
    headers.set(name, before === undefined ? value : `${before}, ${value}`)
  })
  return {
    method: request.getMethod().toUpperCase(),
    path: request.getUrl(),
    query: request.getQuery() ?? '',
    headers,
    peer: Buffer.from(response.getRemoteAddressAsText()).toString(),
  }
}

/** Chunks are only valid during the call, so they are copied. Past the bound nothing more is kept. */
function collect(response: HttpResponse, most: number, done: (body: Buffer | null) => void): void {
  let chunks: Buffer[] | null = []
  let length = 0
  response.onData((chunk, last) => {
    length += chunk.byteLength
    if (length > most && chunks !== null) {
      chunks = null
      done(null)
    }
    chunks?.push(Buffer.from(new Uint8Array(chunk.slice(0))))
    if (last && chunks !== null) done(Buffer.concat(chunks))
  })
}

/** `begun`: the head was written. `left`: whoever waits for the one who reads. */
type Writing = { gone: boolean; headOnly?: boolean; begun?: boolean; left?: () => void }

function write(response: HttpResponse, state: Writing, answer: Answer): void {
  if (state.gone) return
  state.gone = true
  response.cork(() => {
    writeHead(response, answer)
    const body = answer.body ?? ''
    if (state.headOnly) response.endWithoutBody(Buffer.byteLength(body))
    else response.end(body)
  })
}

function writeHead(response: HttpResponse, { status, headers = [] }: Answer): void {
  response.writeStatus(`${status} ${STATUS_CODES[status] ?? 'Status'}`)
  for (const [name, value] of headers) response.writeHeader(name, value)
}

type Pieces = NonNullable<Answer['pieces']>

async function writePieces(
  response: HttpResponse,
  state: Writing,
  answer: Answer,
  { next, over }: Pieces,
): Promise<void> {
  try {
    // The first is awaited before the head is written: what cannot be begun is answered as a failure.
    let piece = state.gone || state.headOnly ? null : await next()
    if (state.headOnly) return write(response, state, { ...answer, body: '' })
    if (!state.gone) response.cork(() => writeHead(response, answer))
    state.begun = true
    while (piece !== null && !state.gone) {
      await writePiece(response, state, piece)
      piece = state.gone ? null : await next()
    }
    if (state.gone) return
    state.gone = true
    response.cork(() => void response.end())
  } finally {
    over()
  }
}

/** Resolves when there is room for another, or nobody reads any more. */
function writePiece(response: HttpResponse, state: Writing, piece: Uint8Array): Promise<void> {
  return new Promise(resolve => {
    let hasRoom = true
    response.cork(() => {
      hasRoom = response.write(piece)
    })
    if (hasRoom) return resolve()
    state.left = resolve
    response.onWritable(() => {
      resolve()
      return true
    })
  })
}

/** uWS cuts a connection at its own limit without a word. Frames up to this many times ours are read, to be refused by code. */
const readBeyondLimit = 4

/** Adds a WebSocket route. Text frames come as strings, binary ones as null. */
export function socketRoute<Data>(app: App, pattern: string, options: SocketRoute<Data>): void {
  app.ws<Data>(pattern, {
    compression: uWS.DISABLED,
    maxPayloadLength: options.frameBytesMax * readBeyondLimit,
    idleTimeout: options.idleTimeoutSeconds,
    maxBackpressure: options.backpressureBytesMax,
    closeOnBackpressureLimit: true,
    sendPingsAutomatically: true,
    upgrade: (response, request, context) => void upgrade(response, request, context, options),
    open: options.open,
    message: (socket, message, binary) => {
      if (message.byteLength > options.frameBytesMax) {
        options.tooLarge?.()
        return void socket.end(1009, 'too-large')
      }
      options.frame(socket, binary ? null : Buffer.from(message).toString('utf8'))
    },
    pong: socket => options.alive?.(socket),
    dropped: () => options.dropped?.(),
    close: options.closed,
  })
}

async function upgrade<Data>(
  response: HttpResponse,
  request: HttpRequest,
  context: Parameters<HttpResponse['upgrade']>[4],
  options: SocketRoute<Data>,
): Promise<void> {
  const state = { gone: false }
  response.onAborted(() => {
    state.gone = true
  })
  const head = headOf(response, request)
  const header = (name: string) => head.headers.get(name) ?? ''
  const decided = await options.admit({ ...head, body: Buffer.alloc(0) })
  if ('answer' in decided) return write(response, state, decided.answer)
  if (state.gone) return
  response.cork(() => {
    const key = header('sec-websocket-key')
    response.upgrade(
      decided.data,
      key,
      header('sec-websocket-protocol'),
      header('sec-websocket-extensions'),
      context,
    )
  })
}

export type Listening = { readonly port: number; close(): void }

type Token = Parameters<typeof uWS.us_listen_socket_close>[0]
type ListenExclusively = (
  host: string,
  port: number,
  options: 1,
  opened: (token: Token | false) => void,
) => void

/** Opens the listener. Rejects with a sentence where the address is taken: two processes never share one. */
export function listen(app: App, host: string, port: number): Promise<Listening> {
  return new Promise((resolve, reject) => {
    // The type leaves out what the binary takes: the option between port and callback. 1: LIBUS_LISTEN_EXCLUSIVE_PORT.
    const open = app.listen.bind(app) as unknown as ListenExclusively
    open(host, port, 1, token => {
      if (token === false)
        return reject(
          new Error(`The address ${host}:${port} cannot be listened on: it is taken, or not ours.`),
        )
      resolve({ port: uWS.us_socket_local_port(token), close: () => uWS.us_listen_socket_close(token) })
    })
  })
}
