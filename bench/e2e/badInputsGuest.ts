import twilioPackage from 'twilio'
import { origin, type System } from '../system.ts'
import { type CallAnswer, generic, helloText, openSocket, post, type Socket } from './badInputsClient.ts'

/** A visitor with a session and a number, and calls to that number. */
export type Guest = { readonly socket: Socket; readonly session: string; readonly b: string }

export async function visit(system: System): Promise<Guest> {
  const socket = await openSocket(system)
  const { session, numbers } = await socket.ask(helloText())
  return { socket, session: String(session), b: String(numbers?.[0]?.e164) }
}

const caller = '+4520304051'

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

export const authToken = 'auth-token-of-this-test'

/** A call rings at Twilio; in short what it is told to do. */
export async function twilioRing(system: System, call: string, b: string): Promise<string> {
  const fields = { CallSid: call, CallStatus: 'ringing', From: caller, To: b }
  const path = '/v1/calls/twilio/bench'
  const response = await fetch(`http://127.0.0.1:${system.publicPort}${path}`, {
    method: 'POST',
    headers: {
      'x-twilio-signature': twilioPackage.getExpectedTwilioSignature(authToken, `${origin}${path}`, fields),
    },
    body: new URLSearchParams(fields),
  })
  return `${response.status} dial ${/>(\+\d+)<\/Number>/.exec(await response.text())?.[1]}`
}
