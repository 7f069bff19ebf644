import { execFileSync } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import WebSocket from 'ws'
import type { LinkOptions } from '../../config/nats.ts'
import { bearer, origin, siteKey, type System } from '../system.ts'

/** What a stranger, a page and a carrier can send to a started system, and what each reads back in short form. */
export type Socket = {
  /** Sends text (or bytes) and resolves to the next frame, or to the close code. */
  ask(data: string | Buffer): Promise<Answered>
  /** The next frame that comes by itself. */
  next(): Promise<Answered>
  close(): Promise<void>
}
export type Answered = {
  readonly type?: string
  readonly code?: string | number
  readonly session?: string | null
  readonly visitor?: string
  readonly resumed?: boolean
  readonly id?: number
  readonly numbers?: { readonly e164: string }[]
}

export const generic = '/v1/calls/generic/bench'
export const secret = 'whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY='
export const authorized = { authorization: `Bearer ${bearer}` }

/** Opens a visitor's socket; throws the HTTP status where the upgrade is refused. */
export async function openSocket(
  system: System,
  from = origin,
  site = siteKey,
  headers: Record<string, string> = {},
): Promise<Socket> {
  const url = `ws://127.0.0.1:${system.publicPort}/v1/visit?site=${site}`
  const socket = new WebSocket(url, { headers: { origin: from, ...headers } })
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve())
    socket.once('unexpected-response', (_, response) => reject(new Error(String(response.statusCode))))
    socket.once('error', reject)
  })
  const heard: Answered[] = []
  const waiting: ((answer: Answered) => void)[] = []
  const give = (answer: Answered) => {
    const take = waiting.shift()
    if (take === undefined) heard.push(answer)
    else take(answer)
  }
  socket.on('message', data => give(JSON.parse(String(data)) as Answered))
  socket.on('close', code => give({ type: 'closed', code }))
  socket.on('error', () => undefined)
  const next = () => {
    const before = heard.shift()
    return before === undefined
      ? new Promise<Answered>(resolve => waiting.push(resolve))
      : Promise.resolve(before)
  }
  return {
    ask: data => {
      socket.send(data)
      return next()
    },
    next,
    close: () =>
      new Promise(resolve => {
        if (socket.readyState === WebSocket.CLOSED) return resolve()
        socket.once('close', () => resolve())
        socket.close()
      }),
  }
}

export function helloText(more: object = {}): string {
  return JSON.stringify({ type: 'hello', page: { url: 'http://localhost:8080/' }, ...more })
}

/** One frame on a fresh socket that has said hello, in short: `error not-json`, `closed 1009`. */
export async function frameAnswer(system: System, data: string | Buffer): Promise<string> {
  const socket = await openSocket(system)
  await socket.ask(helloText())
  const { type, code } = await socket.ask(data)
  await socket.close()
  return `${type} ${code}`
}

export async function post(
  system: System,
  path: string,
  body: string,
  headers: Record<string, string> = authorized,
): Promise<{ status: number; body: unknown }> {
  const url = `http://127.0.0.1:${system.publicPort}${path}`
  const response = await fetch(url, { method: 'POST', headers, body })
  const text = await response.text()
  return { status: response.status, body: text === '' ? null : JSON.parse(text) }
}

export type CallAnswer = {
  readonly match: { readonly kind: string; readonly session: string | null; readonly reasons: string[] }
  readonly forward: string | null
}

/** A signal's answer in short: `400 not-json`, or `200 none, forward +45…`. */
export async function signalAnswer(
  system: System,
  body: string,
  headers: Record<string, string> = authorized,
): Promise<string> {
  const answer = await post(system, generic, body, headers)
  return `${answer.status} ${inShort(answer.body)}`
}

export function inShort(body: unknown): string {
  if (Array.isArray(body)) return body.map(inShort).join('; ')
  const { error, match, forward, type, code } = body as CallAnswer & {
    error?: { code: string }
    type?: string
    code?: string
  }
  if (error !== undefined) return error.code
  if (match !== undefined) return `${match.kind}, forward ${forward}`
  return code === undefined ? String(type) : `${type} ${code}`
}

export function signed(body: string, at: number, id: string, key = secret): Record<string, string> {
  const seconds = String(Math.floor(at / 1_000))
  const bytes = Buffer.from(key.slice('whsec_'.length), 'base64')
  const signature = createHmac('sha256', bytes).update(`${id}.${seconds}.${body}`).digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': `v1,${signature}` }
}

export async function metric(system: System, start: string): Promise<number> {
  const lines = (await metricsText(system)).split('\n').filter(line => line.startsWith(start))
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}

export async function metricsText(system: System): Promise<string> {
  return (await fetch(`http://127.0.0.1:${system.adminPort}/metrics`)).text()
}

/** Asks again until the answer is there; throws what it last was when it does not come. */
export async function until<T>(
  ask: () => Promise<T>,
  is: (value: T) => boolean,
  withinMs = 30_000,
): Promise<T> {
  const end = Date.now() + withinMs
  for (;;) {
    const value = await ask().catch(error => error as T)
    if (!(value instanceof Error) && is(value)) return value
    if (Date.now() > end) throw new Error(`still ${JSON.stringify(value)} ${String(value)}`)
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}

/** What `/readyz` says. */
export async function readyz(system: System): Promise<Readiness> {
  return (await (await fetch(`http://127.0.0.1:${system.adminPort}/readyz`)).json()) as Readiness
}
export type Readiness = {
  readonly ready: boolean
  readonly notCommitting: number[]
  readonly full: string[]
}

/** One call's record, as the admin listener gives it. */
export async function callRecord(system: System, call: string): Promise<CallAnswer> {
  return (await (await fetch(`http://127.0.0.1:${system.adminPort}/v1/calls/${call}`)).json()) as CallAnswer
}

/**
 * From here on no file of the process can hold anything behind this many bytes: the kernel refuses it, as it refuses to
 * write to a disk that is full. null: there is room again.
 */
export function limitFiles(pid: number, bytes: number | null): void {
  execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes ?? 'unlimited'}:`])
}

/** The nats-server that the system started. */
export function natsPid(system: System): number {
  return Number(readFileSync(join(system.dataDir, 'nats/server.pid'), 'utf8'))
}

/** How to get onto the system's own nats-server. */
export function natsOptions(system: System): LinkOptions {
  const folder = join(system.dataDir, 'nats')
  const conf = readFileSync(join(folder, 'server.conf'), 'utf8')
  const ports = readFileSync(join(folder, `nats-server_${natsPid(system)}.ports`), 'utf8')
  const password = /password: "([^"]+)"/.exec(conf)?.[1] ?? ''
  return {
    servers: `nats://127.0.0.1:${/:(\d+)/.exec(ports)?.[1]}`,
    user: 'ringtrail',
    password,
    name: 'test',
  }
}
