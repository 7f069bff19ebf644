import { importsOf, isTest, type SourceFile } from './sourceFiles.ts'

/**
 * The files that may open a connection, and to where. What is not here opens none: a new door is a line that somebody
 * has to write, and one that leads off this machine takes its address through `config/egress.ts`.
 */
export const egressDoors: Readonly<Record<string, string>> = {
  'config/nats.ts': 'the servers of the log; config/egress.ts has to allow them',
  'config/setup/program.ts':
    'apt-get to Debian’s servers, once, where there is no nats-server and egress is not declared',
  'gateway/adminClient.ts': 'the admin listener that somebody names on the command line',
  'gateway/main.ts': 'the same, for the feed',
  'gateway/muteWatch.ts': 'our own nats-server, on loopback',
  'gateway/ownership.ts': 'a Unix socket, to ask who holds a directory',
}

const clients = [
  'nats',
  'ws',
  'undici',
  'axios',
  'node:net',
  'node:tls',
  'node:http',
  'node:https',
  'node:http2',
  'node:dgram',
  'node:dns',
].flatMap(name => [name, name.replace(/^node:/, '')])
const calls =
  /\bfetch\s*\(|\bnew\s+(?:WebSocket|EventSource|XMLHttpRequest|WebSocketStream)\b|\bimport\(\s*['"`]https?:/
/** What these modules have besides clients. */
const harmless = /^import (?:type )?\{ (?:isIP|BlockList|STATUS_CODES|, )+ \} from 'node:(?:net|http)'$/gm

/** Whether code of the product opens connections, as far as its text says. Pages run in visitors' browsers. */
export function opensConnections(file: SourceFile): boolean {
  if (!/^(?:core|config|gateway|workers)\//.test(file.path) || isTest(file.path)) return false
  if (file.path.startsWith('gateway/pages/')) return false
  const text = file.text.replace(harmless, '')
  const imports = importsOf({ ...file, text }).map(name => name.replace(/^(node:dns)\/.*/, '$1'))
  return imports.some(name => clients.includes(name)) || calls.test(withoutComments(text))
}

function withoutComments(text: string): string {
  return text.replace(/\/\*.*?\*\//gs, '').replace(/^\s*\/\/.*$/gm, '')
}
