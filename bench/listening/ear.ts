import { request } from 'node:http'
import { type ProblemCode, problems } from '../../core/problems.ts'
import { logLinesIn } from '../system.ts'
import type { Heard } from './canaries.ts'

/** Whoever runs it hears what it prints, what its monitors say, and what it tells strangers that they did wrong. */
export type Ear = {
  readonly heard: readonly Heard[]
  add(source: string, text: string): void
  /** Sends it, and hears the answer where it is a refusal, headers and all. */
  send(source: string, sent: Sent): Promise<Said>
  /** The same, and hears whatever it is answered. */
  ask(source: string, sent: Sent): Promise<Said>
}

export type Sent = {
  readonly port: number
  readonly path: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}
export type Said = { readonly status: number; readonly text: string; readonly headers: string }

export function createEar(): Ear {
  const heard: Heard[] = []
  const add = (source: string, text: string) => void heard.push({ source, text })
  const ask = async (source: string, sent: Sent, isHeard: (status: number) => boolean) => {
    const said = await exchange(sent)
    if (isHeard(said.status)) add(`${said.status} of ${source}`, `${said.headers}\n${said.text}`)
    return said
  }
  return {
    heard,
    add,
    send: (source, sent) => ask(source, sent, status => status >= 300),
    ask: (source, sent) => ask(source, sent, () => true),
  }
}

/** One request over HTTP, with any header that a stranger may send. */
function exchange({ port, path, method = 'GET', headers = {}, body = '' }: Sent): Promise<Said> {
  return new Promise((resolve, reject) => {
    const asked = request({ agent: false, host: '127.0.0.1', port, path, method, headers }, answer => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => void chunks.push(chunk))
      answer.once('error', reject)
      answer.once('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          text: Buffer.concat(chunks).toString(),
          headers: answer.rawHeaders.join(' '),
        }),
      )
    })
    asked.once('error', reject)
    asked.end(body)
  })
}

/** The codes of the catalogue that somebody was told: in a body, in a frame, or as the reason of a close. */
export function codesIn(heard: readonly Heard[]): ReadonlySet<ProblemCode> {
  const told = new Set(
    heard.flatMap(({ text }) =>
      [...text.matchAll(/"code":"([a-z-]+)"|closed \d+ ([a-z-]+)/g)].map(
        ([, code, reason]) => code ?? reason,
      ),
    ),
  )
  return new Set((Object.keys(problems) as ProblemCode[]).filter(code => told.has(code)))
}

/** The kinds of lines that were printed: the `msg` of each. */
export function linesIn(heard: readonly Heard[]): ReadonlySet<string> {
  return new Set(heard.flatMap(({ text }) => logLinesIn(text).map(({ msg }) => String(msg))))
}
