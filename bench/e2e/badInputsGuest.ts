import type { System } from '../system.ts'
import { type CallAnswer, generic, helloText, openSocket, post, type Socket } from './badInputsClient.ts'

/** A visitor with a session and a number, and calls to that number. */
export type Guest = { readonly socket: Socket; readonly session: string; readonly b: string }

export async function visit(system: System): Promise<Guest> {
  const socket = await openSocket(system)
  const { session, numbers } = await socket.ask(helloText())
  return { socket, session: String(session), b: String(numbers?.[0]?.e164) }
}

export const caller = '+4520304051'

export const ringText = (call: string, b: string, at?: string) =>
  JSON.stringify({ call, state: 'ring', a: caller, b, ...(at === undefined ? {} : { at }) })

export async function ring(system: System, call: string, { b, session }: Guest): Promise<string> {
  const answer = (await post(system, generic, ringText(call, b))).body as CallAnswer
  return inWords(answer, session)
}

export function inWords({ match }: CallAnswer, session: string): string {
  return `${match.kind}, ${match.session === session ? 'the right session' : match.session}`
}

export async function view(guest: Guest, id: number): Promise<string> {
  const { type, code } = await guest.socket.ask(`{"type":"page","id":${id},"url":"http://localhost:8080/"}`)
  return code === undefined ? String(type) : `${type} ${code}`
}
