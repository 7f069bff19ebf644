import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import type { Static } from 'typebox'
import type { ListenAddress } from '../config/addresses.ts'
import type { Config } from '../config/config.ts'
import { readMachineToken } from './access/machineToken.ts'
import type { adminProblem } from './bodyForm.ts'

/** How commands of the one executable talk to the admin listener of a running gateway. */
export type AdminClient = {
  /** Asks, and gives the answer's body. Rejects with a sentence where it is refused, or nobody is there. */
  ask(method: 'GET' | 'POST', path: string, body?: unknown): Promise<string>
  /** The same for a body that is no text, with the id of the request that it was made for. */
  askBytes(path: string, body: unknown): Promise<{ readonly bytes: Uint8Array; readonly request: string }>
}

/** The options of every command that asks the admin listener. */
export type AdminOptions = {
  readonly config?: string
  readonly admin?: string
  readonly keyFile?: string
}

/** What a command reads the configuration with. */
export type Configured = (options: { config?: string }) => Config

/** Where the routes of a tenant are, or without one the processor's own. */
export function underTenant(tenant: string | undefined): string {
  return tenant ? `/v1/tenants/${encodeURIComponent(tenant)}` : '/v1'
}

/** Without what was left out: the API refuses what it does not know. */
export function given<Value>(options: Readonly<Record<string, Value | undefined>>): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}

/** Adds those options to a command. */
export function withAdminOptions(command: Command): Command {
  return command
    .option('--config <file>', 'the configuration of the gateway on this machine; left out: the demo’s')
    .option('--admin <address>', 'the admin listener, or https://… in front of it; left out: as configured')
    .option('--key-file <file>', 'an API key in a file; else RINGTRAIL_KEY, else this machine’s own token')
}

/** The key that a command shows: of a file, of the environment, or the machine's own. null: there is none that we may read. */
export function keyFor({ dataDir }: Pick<Config, 'dataDir'>, { keyFile }: AdminOptions): string | null {
  if (keyFile !== undefined) return readKeyFile(keyFile)
  const given = process.env.RINGTRAIL_KEY ?? ''
  return given === '' ? readMachineToken(dataDir) : given
}

function readKeyFile(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new Error(`The key file ${file} cannot be read (${code}).`)
  }
}

/** Where the admin listener is reached, as a URL: what is bound everywhere is reached on loopback. */
export function urlFor({ listen }: Pick<Config, 'listen'>, { admin }: AdminOptions): string {
  const address = admin ?? reachable(listen.admin)
  return address.includes('://') ? address.replace(/\/+$/, '') : `http://${address}`
}

function reachable({ host, port }: ListenAddress): string {
  if (host === '0.0.0.0') return `127.0.0.1:${port}`
  if (host === '::') return `[::1]:${port}`
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

export function createAdminClient(config: Config, options: AdminOptions): AdminClient {
  const url = urlFor(config, options)
  const key = keyFor(config, options)
  if (key === null) throw new Error(sayNoKey(config))
  return {
    ask: async (method, path, body) => (await ask(url, key, method, path, body)).text(),
    askBytes: async (path, body) => {
      const answer = await ask(url, key, 'POST', path, body)
      const request = answer.headers.get('x-request-id') ?? ''
      return { bytes: new Uint8Array(await answer.arrayBuffer()), request }
    },
  }
}

function sayNoKey({ file, dataDir, dataDirIsRelative }: Config): string {
  const first = `There is no key to show: ${dataDir}/admin.token is written by ringtrail start and readable by its user.`
  const where = dataDirIsRelative
    ? `dataDir in ${file} is relative and taken from the folder that a command runs in: run this one where ringtrail start runs, or make dataDir absolute.`
    : 'Name the right --config.'
  return `${first} ${where} Or give a key by --key-file or RINGTRAIL_KEY.`
}

async function ask(
  url: string,
  key: string,
  method: 'GET' | 'POST',
  path: string,
  body: unknown,
): Promise<Response> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const sent = method === 'POST' ? { body: JSON.stringify(body ?? {}) } : {}
  let response: Response
  try {
    response = await fetch(`${url}${path}`, { method, headers, ...sent })
  } catch {
    throw new Error(`There is no admin listener at ${url}. Is Ringtrail started?`)
  }
  if (!response.ok) throw new Error(sentenceOf(response.status, await response.text()))
  return response
}

function sentenceOf(status: number, text: string): string {
  try {
    const { error } = JSON.parse(text) as Static<typeof adminProblem>
    return `${error.detail ?? error.message} (${error.code})`
  } catch {
    return `The admin listener answered ${status}.`
  }
}
